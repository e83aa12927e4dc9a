// Convolutions on the device with windows, strides and dilations of every kind, sizes around those of the kernels'
// tiles, slices of wider images and sums that several blocks share, against the CPU's.
#include <cmath>

#include "fathom/backend/stream.hpp"
#include "fathom/backend/cpu/conv.hpp"
#include "fathom/backend/stream.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// Everything that the three directions read and write, on one device. Images are channels [from, from + C) of images
// with `more` others.
template <class T>
struct Problem {
    static constexpr std::int64_t more = 8;
    ConvShape shape;
    std::int64_t from;
    Tensor<T> x, y, dx, dy;  // [N, H, W, C + more]
    Tensor<T> w, bias, dw, dbias;

    Problem(const ConvShape& s, std::int64_t from_channel, Device device) : shape(s), from(from_channel) {
        Generator generator(7);
        const auto random = [&](const Shape& size) { return rand<T>(size, generator, -1, 1).to(device); };
        shape.x_pixel_stride = s.in_channels + more, shape.y_pixel_stride = s.out_channels + more;
        const Shape in{s.n, s.height, s.width, s.in_channels + more},
            out{s.n, s.out_height(), s.out_width(), s.out_channels + more};
        const Shape weight{s.out_channels, s.in_channels / s.groups, s.kernel_h, s.kernel_w};
        x = random(in), dx = random(in), y = random(out), dy = random(out);
        w = random(weight), dw = random(weight), bias = random({s.out_channels}), dbias = random({s.out_channels});
    }
    abi::Array image(const Tensor<T>& all, std::int64_t channels, bool add = false) const {
        abi::Array a = detail::array_of(all.permute({0, 3, 1, 2}).slice(1, from, from + channels).untyped());
        a.add = add;
        return a;
    }
    static abi::Array array(const Tensor<T>& t, bool add = false) {
        abi::Array a = detail::array_of(t.untyped());
        a.add = add;
        return a;
    }
    void run(bool add, Activation activation) {
        abi::ConvArgs args{};
        args.shape = shape, args.precision = Precision::strict;
        args.x = image(x, shape.in_channels), args.y = image(y, shape.out_channels, add);
        args.w = array(w), args.bias = array(bias);
        args.activation = activation, args.slope = 0.25;
        const auto any = x.untyped();
        detail::run(any, "conv2d", Where::here(), operation::conv_forward, &cpu::conv_forward<T>, args);
        args.y = image(dy, shape.out_channels), args.bias = {}, args.activation = {};
        args.x = image(dx, shape.in_channels, add);
        detail::run(any, "conv2d", Where::here(), operation::conv_data, &cpu::conv_data<T>, args);
        args.x = image(x, shape.in_channels), args.w = array(dw, add), args.bias = array(dbias, add);
        detail::run(any, "conv2d", Where::here(), operation::conv_weight, &cpu::conv_weight<T>, args);
    }
    std::vector<Tensor<T>> written() const { return {y, dx, dw, dbias}; }
};

template <class T>
void check(const ConvShape& s, std::int64_t from, bool add, Activation activation = Activation::none) {
    CAPTURE(join({"x [",      s.n,        ", ",       s.in_channels, ", ",
                  s.height,   ", ",       s.width,    "], w [",      s.out_channels,
                  ", ",       s.kernel_h, ", ",       s.kernel_w,    "], stride ",
                  s.stride_h, " ",        s.stride_w, ", from ",     from,
                  ", add ",   add}));
    Problem<T> here(s, from, Device::cpu()), there(s, from, test_device);
    here.run(add, activation), there.run(add, activation);
    const double error = sizeof(T) == 4 ? 1e-4 : 1e-12;
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(i);
        const std::vector<double> got = numbers(there.written()[i].to(Device::cpu())),
                                  expected = numbers(here.written()[i]);
        double worst = 0;
        for (std::size_t k = 0; k < got.size(); ++k)
            if (const double d = std::fabs(got[k] - expected[k]) / std::fmax(1, std::fabs(expected[k]));
                !(d <= worst) && !std::isnan(worst))
                worst = d;
        CHECK(worst <= error);
    }
}

ConvShape square(std::int64_t n, std::int64_t in, std::int64_t height, std::int64_t width, std::int64_t out,
                 std::int64_t kernel, std::int64_t stride, std::int64_t padding, std::int64_t dilation = 1) {
    return {.n = n,
            .height = height,
            .width = width,
            .in_channels = in,
            .out_channels = out,
            .kernel_h = kernel,
            .kernel_w = kernel,
            .stride_h = stride,
            .stride_w = stride,
            .padding_h = padding,
            .padding_w = padding,
            .dilation_h = dilation,
            .dilation_w = dilation};
}

}  // namespace

TEST_CASE_TEMPLATE("cuda/backend_conv: any window, stride and dilation, in packs and not", T, float, double) {
    for (const std::int64_t from : {0, 1})
        for (const bool add : {false, true}) {
            check<T>(square(2, 3, 13, 11, 5, 7, 2, 3), from, add, Activation::leaky_relu);
            check<T>(square(1, 4, 9, 8, 8, 3, 2, 1), from, add, Activation::relu);
            check<T>(square(2, 8, 7, 9, 12, 1, 2, 0), from, add);
            check<T>(square(1, 4, 12, 10, 6, 3, 1, 2, 2), from, add);
            check<T>(square(1, 4, 17, 14, 4, 3, 2, 2, 2), from, add);  // classes without a tap
            check<T>(square(1, 2, 19, 13, 4, 4, 3, 1, 2), from, add);  // stride and dilation without a common factor
            check<T>(square(1, 4, 15, 13, 4, 4, 6, 0, 4), from, add);  // and with one
            check<T>(square(1, 4, 3, 2, 4, 5, 4, 2), from, add);       // a stride beyond the image
            check<T>(square(1, 4, 6, 6, 40, 6, 1, 0), from, add);      // one pixel
            check<T>({.n = 2,
                      .height = 6,
                      .width = 23,
                      .in_channels = 4,
                      .out_channels = 8,
                      .kernel_h = 1,
                      .kernel_w = 5,
                      .stride_h = 1,
                      .stride_w = 3,
                      .padding_h = 0,
                      .padding_w = 2,
                      .dilation_h = 1,
                      .dilation_w = 2},
                     from, add);
            check<T>({.n = 1,
                      .height = 9,
                      .width = 5,
                      .in_channels = 4,
                      .out_channels = 6,
                      .kernel_h = 3,
                      .kernel_w = 2,
                      .stride_h = 2,
                      .groups = 2},
                     from, add);  // what is left to the plain kernels
        }
}

// Outputs and channels around those of a tile, for either direction, and pixels around 64, 128 and 256.
TEST_CASE_TEMPLATE("cuda/backend_conv: sizes around a tile's", T, float, double) {
    for (const std::int64_t channels : {7, 8, 9, 31, 32, 33, 63, 64, 65, 68})
        check<T>(square(1, 5, 7, 5, channels, 2, 2, 0), 0, false),
            check<T>(square(1, channels, 5, 7, 12, 2, 2, 0), 0, true);
    for (const std::int64_t width : {63, 64, 65, 127, 128, 129, 255, 256, 257})
        for (const std::int64_t channels : {4, 36})
            check<T>(square(1, 4, 1, 2 * width - 1, channels, 1, 2, 0), 0, false);
    // Images begin anywhere within a tile.
    check<T>(square(5, 4, 7, 7, 36, 3, 2, 1), 0, true);
}

// Few pixels and many channels: several blocks share a sum of products; of pixels several share a weight's.
TEST_CASE_TEMPLATE("cuda/backend_conv: sums that several blocks share", T, float, double) {
    for (const bool add : {false, true}) {
        check<T>(square(1, 64, 5, 6, 40, 3, 2, 1), 0, add, Activation::relu);
        check<T>(square(1, 67, 4, 3, 35, 3, 1, 1), 1, add);  // stride 1 on a small map, beside the tiles
        check<T>(square(2, 64, 4, 5, 64, 3, 1, 1), 0, add, Activation::leaky_relu);
        check<T>(square(1, 128, 3, 5, 36, 1, 1, 0), 4, add);
        check<T>(square(1, 3, 40, 60, 4, 3, 2, 1), 0, add);
    }
}

TEST_CASE("cuda/backend_conv: the same bits every time, and in a captured graph") {
    const ConvShape s = square(1, 64, 9, 10, 40, 3, 2, 1);
    Problem<float> first(s, 0, test_device), second(s, 0, test_device), third(s, 0, test_device);
    first.run(false, Activation::relu), second.run(false, Activation::relu);
    const Graph graph = Graph::capture(test_device, [&] { third.run(false, Activation::relu); });
    graph.replay();
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(same_bits(first.written()[i].to(Device::cpu()), second.written()[i].to(Device::cpu())));
        CHECK(same_bits(first.written()[i].to(Device::cpu()), third.written()[i].to(Device::cpu())));
    }
}
