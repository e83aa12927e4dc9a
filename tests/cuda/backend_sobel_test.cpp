// The Sobel magnitude and its gradients on the device where the images are slices of wider ones, are a band, and where
// several blocks share a sum, against the CPU's.
#include <cmath>

#include "fathom/backend/cpu/sobel.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// Channels [from, from + C) of images with eight more.
template <class T>
struct Slice {
    Tensor<T> all;  // [N, H, W, C + 8]
    std::int64_t from, channels;

    Slice(const Shape& s, std::int64_t from_channel, std::uint64_t seed) : from(from_channel), channels(s[1]) {
        Generator generator(seed);
        all = rand<T>({s[0], s[2], s[3], s[1] + 8}, generator, -1, 1);
    }
    abi::Array array(bool add = false) const {
        abi::Array a = detail::array_of(all.permute({0, 3, 1, 2}).slice(1, from, from + channels).untyped());
        a.add = add;
        return a;
    }
};

// Everything that both directions need and write, on one device.
template <class T>
struct Problem {
    Slice<T> x, y, dy, dx;
    Tensor<T> wx, wy, dwx, dwy;

    Problem(const Shape& s, std::int64_t first_row, std::int64_t from, Device device)
        : x(s, from, 1), y({s[0], s[1], s[2] - first_row, s[3]}, from, 2), dy(s, from, 3), dx(s, from, 4) {
        Generator generator(5);
        for (Tensor<T>* w : {&wx, &wy, &dwx, &dwy}) *w = rand<T>({s[1], 1, 3, 3}, generator, -1, 1).to(device);
        for (Slice<T>* slice : {&x, &y, &dy, &dx}) slice->all = slice->all.to(device);
    }
    void run(std::int64_t first_row, bool add, bool data, bool weights_x, bool weights_y) {
        const auto result = [&](const Tensor<T>& w) {
            abi::Array a = detail::array_of(w.untyped());
            a.add = add;
            return a;
        };
        abi::SobelArgs args{};
        args.x = x.array(), args.wx = result(wx), args.wy = result(wy), args.y = y.array(add);
        args.first_row = first_row;
        detail::run(x.all.untyped(), "sobel", Where::here(), operation::sobel, &cpu::sobel<T>, args);
        args.dy = dy.array();
        if (data) args.dx = dx.array(add);
        if (weights_x) args.dwx = result(dwx);
        if (weights_y) args.dwy = result(dwy);
        detail::run(x.all.untyped(), "sobel", Where::here(), operation::sobel_backward, &cpu::sobel_backward<T>, args);
    }
    std::vector<Tensor<T>> written() const { return {y.all, dx.all, dwx, dwy}; }
};

template <class T>
void check(const Shape& s, std::int64_t first_row, std::int64_t from, bool add, bool data, bool weights_x,
           bool weights_y) {
    CAPTURE(s);
    CAPTURE(from);
    Problem<T> here(s, first_row, from, Device::cpu()), there(s, first_row, from, test_device);
    here.run(first_row, add, data, weights_x, weights_y), there.run(first_row, add, data, weights_x, weights_y);
    const double error = sizeof(T) == 4 ? 1e-4 : 1e-11;
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

}  // namespace

TEST_CASE_TEMPLATE("cuda/backend_sobel: slices of wider images, bands and several blocks give what the CPU gives", T,
                   float, double) {
    const std::int64_t more = checked_build ? 0 : 30;
    // One channel, and as many as more than one block has; rows and columns of several blocks.
    for (const Shape& s : {Shape{1, 1, 9, 260}, Shape{2, 40, 9 + more, 3 + more}, Shape{1, 18, 17, 40}})
        for (const std::int64_t from : {0, 1, 2, 4}) {
            check<T>(s, 0, from, false, true, true, true);
            check<T>(s, 3, from, true, true, true, true);
        }
}

TEST_CASE_TEMPLATE("cuda/backend_sobel: each gradient alone", T, float, double) {
    const Shape s{2, 6, 18, 35};
    for (const bool add : {false, true}) {
        check<T>(s, 0, 0, add, true, false, false);
        check<T>(s, 0, 0, add, false, true, false);
        check<T>(s, 0, 0, add, false, false, true);
        check<T>(s, 0, 0, add, false, true, true);
    }
}

TEST_CASE("cuda/backend_sobel: the same bits every time") {
    const Shape s{2, 16, 19, 70};
    Problem<float> first(s, 0, 0, test_device), second(s, 0, 0, test_device);
    first.run(0, false, true, true, true), second.run(0, false, true, true, true);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(same_bits(first.written()[i].to(Device::cpu()), second.written()[i].to(Device::cpu())));
}
