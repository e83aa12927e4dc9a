// Images and matrices beyond the operation cases: channels in whole packs of 16 bytes and as a slice of wider pixels,
// windows and products that are summed in chunks, special values, captured graphs; and random fills.
#include <limits>

#include "fathom/backend/cpu/random.hpp"
#include "fathom/backend/stream.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/image.hpp"
#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/matmul.hpp"
#include "fathom/ops/pool.hpp"
#include "tests/cuda/device.hpp"
#include "tests/ops/run_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

template <class T>
Tensor<T> some(const Shape& shape, std::uint64_t seed = 1) {
    return to_tensor<T>({shape, spread(shape.numel(), -1, 2, seed)});
}

// On the device of x, where laid_out() is for the CPU.
template <class T>
Tensor<T> arranged(const Tensor<T>& x, Layout layout) {
    if (layout == Layout::channels_last) return x.contiguous(MemoryFormat::channels_last);
    if (layout == Layout::row_major) return x;
    const Shape wide = {x.size(0), x.size(2), x.size(3), x.size(1) + 8};
    Tensor<T> view = full<T>(wide, 99, x.device()).permute({0, 3, 1, 2}).narrow(1, 4, x.size(1));
    view.copy_(x);
    return view;
}

// f(x) and its gradient on a device, x laid out there as asked for.
template <class T, class F>
std::vector<Tensor<T>> with_gradient(const Tensor<T>& x, Device device, Layout layout, F f) {
    const Tensor<T> leaf = arranged(x.to(device), layout).detach().requires_grad_();
    const Tensor<T> y = f(leaf);
    backward(y, cotangent_for<T>(y.shape()).to(device));
    return {y.detach().to(Device::cpu()), leaf.grad().to(Device::cpu())};
}

template <class T, class F>
void check_image(const Shape& shape, F f, double terms = 64) {
    for (const Layout layout : {Layout::channels_last, Layout::wide_pixels, Layout::row_major}) {
        INFO(join({name_of(layout), ", ", name_of(dtype_of<T>), ", ", shape}));
        const auto x = some<T>(shape);
        const auto here = with_gradient(x, Device::cpu(), layout, f), there = with_gradient(x, test_device, layout, f);
        for (std::size_t i = 0; i < here.size(); ++i)
            CHECK(difference(there[i], to_plain(here[i])) <= 2 * rounding_bound<T>(terms));
    }
}

template <class T>
bool same(const Tensor<T>& got, const Tensor<T>& expected) {
    return difference(got.to(Device::cpu()), to_plain(expected)) == 0;
}

}  // namespace

TEST_CASE_TEMPLATE("cuda/backend_images: channels in whole packs, channels of wider pixels, rows of planes", T, float,
                   double) {
    for (const Shape& shape : {Shape{2, 8, 7, 9}, Shape{1, 12, 6, 5}, Shape{2, 3, 6, 7}}) {
        check_image<T>(shape, [](const Tensor<T>& x) { return max_pool2d(x, {3, 2, 1}); });
        check_image<T>(shape, [](const Tensor<T>& x) { return avg_pool2d(x, {3, 2, 1}); });
        check_image<T>(shape, [](const Tensor<T>& x) { return adaptive_avg_pool2d(x, {4, 3}); });
        check_image<T>(shape, [](const Tensor<T>& x) { return interpolate(x, {11, 4}); });
        for (const bool corners : {false, true})
            for (const Pair size : {Pair{13, 18}, Pair{3, 4}, Pair{1, 20}})
                check_image<T>(shape, [&](const Tensor<T>& x) {
                    return interpolate(x, size, {.mode = Interpolation::bilinear, .align_corners = corners});
                });
        for (const Pad mode : {Pad::constant, Pad::reflect, Pad::replicate})
            check_image<T>(shape, [&](const Tensor<T>& x) { return pad(x, {4, 2, 3, 5}, mode, 0.5); });
    }
    check_image<T>({2, 3, 9, 21}, [](const Tensor<T>& x) { return rgb_to_ycrcb(x); });
    check_image<T>({2, 3, 9, 21}, [](const Tensor<T>& x) { return ycrcb_to_rgb(x); });
}

TEST_CASE_TEMPLATE("cuda/backend_images: averages over windows that blocks share, in one chunk and in several", T,
                   float, double) {
    for (const std::int64_t channels : {1, 3, 8, 36, 136}) {
        check_image<T>(
            {2, channels, 19, 20},
            [](const Tensor<T>& x) {
                return avg_pool2d(x, {9, 8, 4});
            },
            81);
        check_image<T>(
            {1, channels, 33, 37}, [](const Tensor<T>& x) { return adaptive_avg_pool2d(x, 1); }, 1221);
        check_image<T>(
            {1, channels, 29, 31},
            [](const Tensor<T>& x) {
                return adaptive_avg_pool2d(x, {2, 3});
            },
            165);
    }
}

TEST_CASE("cuda/backend_images: the first of equal maxima and a NaN win, and weights of 0 let no NaN through") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    Tensor<float> x = some<float>({1, 8, 6, 6});
    for (int i = 0; i < 288; ++i) {
        float& value = x.mutable_data()[i];
        if (i % 5 < 3) value = 0.25f;
        if (i % 23 == 4) value = nan;
        if (i % 37 == 5) value = i % 2 ? infinity : -infinity;
    }
    const auto check = [&](auto f) {
        const auto here = with_gradient(x, Device::cpu(), Layout::channels_last, f),
                   there = with_gradient(x, test_device, Layout::channels_last, f);
        for (std::size_t i = 0; i < here.size(); ++i) {
            const std::vector<double> a = numbers(here[i]), b = numbers(there[i]);
            for (std::size_t k = 0; k < a.size(); ++k) {
                CAPTURE(i);
                CAPTURE(k);
                if (std::isfinite(a[k]))
                    CHECK(std::fabs(a[k] - b[k]) <= 1e-5);
                else
                    CHECK((a[k] == b[k] || (std::isnan(a[k]) && std::isnan(b[k]))));
            }
        }
    };
    check([](const Tensor<float>& t) { return max_pool2d(t, {3, 2, 1}); });
    check([](const Tensor<float>& t) { return interpolate(t, {6, 6}, {.mode = Interpolation::bilinear}); });
    check([](const Tensor<float>& t) {
        return interpolate(t, {11, 11}, {.mode = Interpolation::bilinear, .align_corners = true});
    });
    check([](const Tensor<float>& t) { return interpolate(t, {18, 9}, {.mode = Interpolation::bilinear}); });
}

TEST_CASE_TEMPLATE("cuda/backend_images: products of more than a tile, of long sums, of any strides", T, float,
                   double) {
    const auto check = [](const Shape& a_shape, const Shape& b_shape, bool a_turned, bool b_turned) {
        const auto turned = [](const Tensor<T>& x, bool turn) {
            return turn ? x.transpose(-1, -2).contiguous().transpose(-1, -2) : x;
        };
        INFO(join({a_shape, " ", b_shape}));
        const auto a = some<T>(a_shape, 1), b = some<T>(b_shape, 2);
        const Tensor<T> expected = matmul(a, b);
        const Tensor<T> got = matmul(turned(a.to(test_device), a_turned), turned(b.to(test_device), b_turned));
        CHECK(difference(got.to(Device::cpu()), to_plain(expected)) <=
              2 * rounding_bound<T>(static_cast<double>(a_shape[a_shape.rank() - 1])));
    };
    for (const bool a_turned : {false, true})
        for (const bool b_turned : {false, true}) {
            check({70, 33}, {33, 130}, a_turned, b_turned);
            check({5, 1500}, {1500, 7}, a_turned, b_turned);  // in chunks
            check({3, 1, 9, 520}, {4, 520, 3}, a_turned, b_turned);
            if (!checked_build) check({150, 66, 9}, {9, 129}, a_turned, b_turned);  // the largest tiles
        }
    check({4, 0}, {0, 3}, false, false);
}

TEST_CASE("cuda/backend_images: what needs working memory is captured and replayed") {
    const Tensor<float> x = some<float>({1, 8, 40, 40}).to(test_device), a = some<float>({3, 900}).to(test_device);
    Tensor<float> mean = zeros<float>({1, 8, 1, 1}, test_device), product = zeros<float>({3, 3}, test_device);
    // A graph for each: the checked emulator takes a block that a graph uses twice for as large as its last use.
    const Graph means = Graph::capture(test_device, [&] { mean += adaptive_avg_pool2d(x, 1); }),
                products = Graph::capture(test_device, [&] { product += matmul(a, a.transpose(0, 1)); });
    for (int i = 0; i < 2; ++i) means.replay(), products.replay();
    Tensor<float> twice = adaptive_avg_pool2d(x, 1), square = matmul(a, a.transpose(0, 1));
    CHECK(same(mean, (twice + twice).to(Device::cpu())));
    CHECK(same(product, (square + square).to(Device::cpu())));
}

TEST_CASE_TEMPLATE("cuda/backend_images: random fills give the CPU's numbers, whatever the strides", T, float, double) {
    const auto run = [](Device device, Random distribution, double low, double high) {
        const Tensor<T> out = zeros<T>({7, 5, 13}, device).permute({2, 0, 1});
        abi::RandomArgs args{};
        args.distribution = distribution, args.out = detail::array_of(out.untyped());
        args.seed = 0x123456789abcdef, args.offset = (std::uint64_t{1} << 32) - 100;
        args.low = low, args.high = high;
        detail::run(out.untyped(), "test", {}, operation::random, &cpu::random<T>, args);
        return out.to(Device::cpu());
    };
    CHECK(same(run(test_device, Random::uniform, -0.3, 1.7), run(Device::cpu(), Random::uniform, -0.3, 1.7)));
    CHECK(difference(run(test_device, Random::normal, 0.1, 2), to_plain(run(Device::cpu(), Random::normal, 0.1, 2))) <=
          2 * static_cast<double>(std::numeric_limits<T>::epsilon()));
}
