// Windows over images: what the list of cases does not see. Gradients that add up, slices of wider images, what is
// saved.
#include "fathom/ops/conv_transpose.hpp"
#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/pool.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

using Op = Tensor<float> (*)(const Tensor<float>&);
constexpr Op operations[] = {
    [](const Tensor<float>& x) {
        return max_pool2d(x, {3, 2, 1});
    },
    [](const Tensor<float>& x) { return avg_pool2d(x, {2}); },
    [](const Tensor<float>& x) {
        return adaptive_avg_pool2d(x, {2, 3});
    },
    [](const Tensor<float>& x) {
        return interpolate(x, {9, 4}, {.mode = Interpolation::bilinear});
    },
};

}  // namespace

TEST_CASE("ops/window: gradients add up in a leaf, for whole vectors of channels and for few") {
    Generator gen(1);
    for (const std::int64_t channels : {3, 16})
        for (const Op op : operations) {
            Tensor<float> x = randn<float>({2, channels, 7, 6}, gen).requires_grad_();
            const Tensor<float> dy = randn<float>(op(x).shape(), gen);
            backward(op(x), dy);
            const std::vector<float> once = elements(x.grad());
            backward(op(x), dy);
            const std::vector<float> twice = elements(x.grad());
            for (std::size_t i = 0; i < once.size(); ++i) CHECK(twice[i] == doctest::Approx(2 * once[i]));
        }
}

TEST_CASE("ops/window: results are channels-last, and the same without a graph") {
    Generator gen(2);
    const Tensor<float> x = randn<float>({2, 5, 7, 6}, gen), recorded = x.detach().requires_grad_();
    for (const Op op : operations) {
        const Tensor<float> y = op(recorded);
        CHECK(y.is_contiguous(MemoryFormat::channels_last));
        CHECK(same_bits(y, op(x)));
        CHECK(y.requires_grad());
        CHECK_FALSE(op(x).requires_grad());
    }
    CHECK(conv_transpose2d(x, randn<float>({5, 3, 2, 2}, gen)).is_contiguous(MemoryFormat::channels_last));
}

TEST_CASE("ops/window: the places of the maxima are kept for one backward") {
    Generator gen(3);
    Tensor<float> x = randn<float>({1, 2, 4, 4}, gen).requires_grad_();
    const Tensor<float> y = max_pool2d(x, {2}), dy = ones<float>({1, 2, 2, 2});
    backward(y, dy, {.retain_graph = true});
    backward(y, dy);
    CHECK(message_of([&] { backward(y, dy); }).find("max_pool2d") != std::string::npos);
}

TEST_CASE("ops/window: pooling by hand") {
    const Tensor<double> x = Tensor<double>({{1, 2, 3}, {4, 9, 6}, {7, 8, 5}}).reshape({1, 1, 3, 3});
    CHECK(elements(max_pool2d(x, {.kernel_size = 2, .stride = 1})) == std::vector<double>{9, 9, 9, 9});
    CHECK(elements(avg_pool2d(x, {.kernel_size = 2, .stride = 2, .padding = 1})) ==
          std::vector<double>{0.25, 1.25, 2.75, 7});
    CHECK(elements(adaptive_avg_pool2d(x, {2, 3})) == std::vector<double>{2.5, 5.5, 4.5, 5.5, 8.5, 5.5});
    CHECK(elements(interpolate(x, {1, 5}, {.mode = Interpolation::bilinear, .align_corners = true})) ==
          std::vector<double>{1, 1.5, 2, 2.5, 3});
    CHECK(elements(interpolate(x, {1, 2})) == std::vector<double>{1, 2});
}
