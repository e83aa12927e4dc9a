// Sizes near 2^63: every way to make one is an error or right, never a wrapped number.
#include <limits>

#include "fathom/fathom.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
}

TEST_CASE("tensor/sizes: a shape's dimensions are checked, negative ones count from the end") {
    const Shape shape{2, 3, 4};
    CHECK(shape[-1] == 4);
    CHECK(shape[-3] == 2);
    CHECK(message_of([&] { return shape[3]; }) == "shape: index 3 is out of range for [2,3,4]");
    CHECK(message_of([&] { return shape[-4]; }) == "shape: index -4 is out of range for [2,3,4]");
    CHECK(message_of([] { return Shape{}[0]; }) == "shape: index 0 is out of range for []");
    CHECK(message_of([] { Shape{~std::uint64_t{0}}; }) == "shape: dimension 18446744073709551615 is beyond 2^63 - 1");
    CHECK(message_of([] { return Shape{largest, 2}.numel(); }) == "shape: a size is beyond 2^63 - 1");
    CHECK(Shape{largest, 1}.numel() == largest);
    CHECK(Shape{0, largest}.numel() == 0);
}

TEST_CASE("tensor/sizes: no view has more elements than can be counted") {
    CHECK(message_of([] {
              ones<double>({20}).reshape({2, 13, 419, 691, 823, 2977518503});
          }).find("cannot become") != std::string::npos);
    CHECK(message_of([] {
              zeros<double>({0}).reshape({std::int64_t{1} << 32, std::int64_t{1} << 32});
          }).find("cannot become") != std::string::npos);
    CHECK(message_of([] {
              zeros<double>({0}).reshape({0, largest, largest});
          }).find("cannot become") != std::string::npos);
    CHECK(message_of([] {
              ones<float>({1, 1}).expand({std::int64_t{1} << 40, std::int64_t{1} << 40});
          }).find("needs more than 2^63 bytes") != std::string::npos);
    CHECK(message_of([] { zeros<float>({largest, 0, largest}); }).find("more than 2^63 bytes") != std::string::npos);
    const auto x = arange<float>(6);
    CHECK(x.slice(0, 0, 3, largest).shape() == Shape{1});
    CHECK(elements(x.slice(0, 1, largest, largest)) == std::vector<float>{1});
    CHECK(x.slice(0, -largest - 1, largest).shape() == Shape{6});
    CHECK(message_of([&] { x.narrow(0, largest, largest); }).find("narrow: ") == 0);
    CHECK(message_of([&] { x.select(0, -largest - 1); }).find("out of range") != std::string::npos);
}

TEST_CASE("tensor/sizes: expand keeps a size for -1") {
    CHECK(ones<float>({2, 1}).expand({-1, 3}).shape() == Shape{2, 3});
    CHECK(ones<float>({2, 1}).expand({4, -1, -1}).shape() == Shape{4, 2, 1});
    CHECK(message_of([] { ones<float>({2}).expand({-1, 2}); }) == "expand: negative size in shape [-1,2] at here");
    CHECK(message_of([] { ones<float>({1}).expand({-2}); }) == "expand: negative size in shape [-2] at here");
}

// Every operation that takes sizes, with `n` as each of them: an error, or a result that memory holds.
TEST_CASE("tensor/sizes: operations on images refuse sizes beyond reason") {
    const auto x = ones<float>({1, 2, 5, 6}), w = ones<float>({2, 2, 3, 3});
    set_memory_limit(std::int64_t{1} << 30);
    for (const std::int64_t n : {largest, largest - 1, largest / 2, largest / 2 + 1, largest / 3, std::int64_t{1} << 32,
                                 -largest - 1, -largest}) {
        CAPTURE(n);
        const auto refused = [](auto f) {
            const std::string text = message_of(f);
            INFO(text);
            CHECK(text != "no error");
        };
        refused([&] { conv2d(x, w, {}, {.padding = Pair(n, 0)}); });
        refused([&] { conv2d(x, w, {}, {.padding = Pair(0, n)}); });
        refused([&] { conv2d(x, w, {}, {.dilation = Pair(n, 1)}); });
        refused([&] { conv2d(x, w, {}, {.dilation = Pair(1, n)}); });
        refused([&] { conv2d(x, w, {}, {.groups = n}); });
        refused([&] { conv_transpose2d(x, w, {}, {.padding = Pair(n, 0)}); });
        refused([&] { conv_transpose2d(x, w, {}, {.dilation = Pair(1, n)}); });
        refused([&] { conv_transpose2d(x, w, {}, {.output_padding = Pair(n, 0)}); });
        refused([&] { max_pool2d(x, {.kernel_size = Pair(n, 2)}); });
        refused([&] { max_pool2d(x, {.kernel_size = 2, .padding = Pair(0, n)}); });
        refused([&] { avg_pool2d(x, {.kernel_size = Pair(2, n)}); });
        refused([&] { adaptive_avg_pool2d(x, Pair(n, 1)); });
        refused([&] { interpolate(x, Pair(1, n)); });
        refused([&] { pad(x, {n, 0, 0, 0}, Pad::replicate); });
        refused([&] { pad(x, {0, n, 0, n}, Pad::constant); });
        refused([&] { pad(x, {0, 0, n, 0}, Pad::reflect); });
        refused([&] { nn::Linear<float>(n, n); });
        refused([&] { nn::Conv2d<float>(n, n, {.kernel_size = 3}); });
        refused([&] { nn::Conv2d<float>(1, 1, {.kernel_size = Pair(n, n)}); });
        refused([&] { zeros<float>({n, n}); });
        refused([&] { x.reshape({n, -1}); });
        refused([&] { x.permute({0, 1, n, 3}); });
        refused([&] { sum(x, {n}); });
        refused([&] { conv2d(x, w, {}, {.stride = Pair(n, n)}); });
    }
    set_memory_limit(0);
    const auto wide = ones<std::uint8_t>({1, 1}).expand({largest / 2 + 1, 1});
    CHECK(message_of([&] { cat<std::uint8_t>({wide, wide}, 0); }) != "no error");
}
