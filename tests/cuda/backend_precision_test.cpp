// Convolutions whose factors are rounded to TF32 or bfloat16, against the CPU's exact sums of factors rounded the same
// way: what is left is the order of sums in float.
#include <bit>

#include "fathom/fathom.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// To the nearest number whose lower `bits` bits are zero, ties to even in bfloat16 and away from zero in TF32.
Tensor<double> rounded(const Tensor<float>& x, Precision precision) {
    Tensor<double> out = empty<double>(x.shape());
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        auto bits = std::bit_cast<std::uint32_t>(x.data()[i]);
        if (precision == Precision::bf16)
            bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
        else if (precision == Precision::tf32)
            bits = (bits + 0x1000) & 0xffffe000u;
        out.mutable_data()[i] = static_cast<double>(std::bit_cast<float>(bits));
    }
    return out;
}

double most(const Tensor<double>& x) {
    double value = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i) value = std::max(value, std::fabs(x.data()[i]));
    return value;
}
// The largest difference, as a part of the largest element.
double difference(const Tensor<float>& got, const Tensor<double>& expected) {
    const auto here = got.to(Device::cpu()).contiguous().to<double>();
    const auto reference = expected.contiguous();
    double value = 0;
    for (std::int64_t i = 0; i < here.numel(); ++i) {
        const double d = std::fabs(here.data()[i] - reference.data()[i]);
        value = d > value || d != d ? d : value;
    }
    return value / std::max(most(reference), 1e-30);
}

struct Layer {
    std::int64_t images, in, out, window, height, width;
};

// Forward of x and w; gradients of x and w from dy. Each product has two factors, and those are what is rounded.
void check(const Layer& layer, Precision precision) {
    INFO(layer.in << " to " << layer.out << " channels, window " << layer.window << ", " << layer.height << " rows");
    CAPTURE(static_cast<int>(precision));
    Generator gen(7);
    const auto images = [&](std::int64_t channels) {
        return rand<float>({layer.images, channels, layer.height, layer.width}, gen, -1, 1);
    };
    const auto x = images(layer.in), dy = images(layer.out);
    const auto w = rand<float>({layer.out, layer.in, layer.window, layer.window}, gen, -0.1, 0.1);
    const auto b = rand<float>({layer.out}, gen);
    const Conv2dOptions options{.padding = layer.window / 2, .precision = precision};

    const auto on = [&](const Tensor<float>& t) { return t.to(test_device); };
    auto x_there = on(x), w_there = on(w), b_there = on(b);
    x_there.requires_grad_(), w_there.requires_grad_(), b_there.requires_grad_();
    const auto y_there = conv2d(x_there, w_there, b_there, options);
    backward(y_there, on(dy));

    // A gradient's other factor is the forward's, rounded too; one pass for each of the three.
    const Conv2dOptions exact{.padding = layer.window / 2, .precision = Precision::strict};
    auto xr = rounded(x, precision), wr = rounded(w, precision), bd = b.to<double>();
    xr.requires_grad_(), wr.requires_grad_(), bd.requires_grad_();
    const auto y = conv2d(xr, wr, bd, exact);
    backward(y, rounded(dy, precision), {.retain_graph = true});
    CHECK(difference(y_there.detach(), y.detach()) < 2e-6);
    CHECK(difference(x_there.grad(), xr.grad()) < 2e-6);
    if (precision == Precision::bf16) CHECK(difference(w_there.grad(), wr.grad()) < 4e-6);
    auto wd = w.to<double>(), be = b.to<double>();
    wd.requires_grad_(), be.requires_grad_();
    backward(conv2d(x.to<double>(), wd, be, exact), dy.to<double>());
    if (precision == Precision::tf32) CHECK(difference(w_there.grad(), wd.grad()) < 4e-6);  // float's own products
    CHECK(difference(b_there.grad(), be.grad()) < 4e-6);
}

}  // namespace

TEST_CASE("cuda/backend_precision: tf32 and bf16 round the factors, and nothing else") {
    // Every width of a block of outputs, chunks that are not full, more than one of outputs and of channels; a tile
    // less a pixel, a tile, more; several images.
    const Layer layers[] = {{1, 16, 16, 3, 15, 31}, {2, 20, 24, 3, 17, 33}, {1, 48, 32, 1, 16, 32},
                            {1, 36, 68, 3, 5, 40},  {3, 32, 16, 1, 9, 65},  {1, 16, 80, 1, 3, 7}};
    for (const Layer& layer : layers) {
        if (checked_build && layer.height > 9) continue;
        check(layer, Precision::tf32);
        check(layer, Precision::bf16);
    }
}

TEST_CASE("cuda/backend_precision: a layer of few channels is computed in float, double is refused") {
    check({1, 3, 5, 3, 6, 7}, Precision::fast);
    Generator gen(1);
    const auto x = rand<float>({1, 3, 6, 7}, gen).to(test_device), w = rand<float>({5, 3, 3, 3}, gen).to(test_device);
    const auto few = conv2d(x, w, {}, {.padding = 1, .precision = Precision::bf16});
    CHECK(same_bits(few.to(Device::cpu()), conv2d(x, w, {}, {.padding = 1}).to(Device::cpu())));
    const auto wide = x.to<double>();
    const auto wide_w = w.to<double>();
    CHECK(message_of([&] {
              conv2d(wide, wide_w, {}, {.padding = 1, .precision = Precision::tf32});
          }).find("precision tf32 and bf16 are for float") != std::string::npos);
}
