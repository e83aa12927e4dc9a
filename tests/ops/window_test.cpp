// Windows over images: what the list of cases does not see. Gradients that add up, slices of wider images, what is
// saved.
#include "fathom/ops/conv_transpose.hpp"
#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/conv1d.hpp"
#include "fathom/ops/pool.hpp"
#include "fathom/ops/pool1d.hpp"
#include "fathom/ops/unfold.hpp"
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

TEST_CASE("ops/window: one image is a batch of one without its dimension") {
    Generator gen(5);
    const auto x = randn<double>({3, 6, 5}, gen);
    const Tensor<double> batch = unsqueeze(x, 0), w = randn<double>({4, 3, 3, 2}, gen), b = randn<double>({4}, gen),
                         t = randn<double>({3, 2, 3, 3}, gen);
    const auto same = [](const Tensor<double>& one, const Tensor<double>& of_batch) {
        CHECK(same_bits(one, of_batch[0]));
    };
    same(max_pool2d(x, {2}), max_pool2d(batch, {2}));
    same(avg_pool2d(x, {3, 1, 1}), avg_pool2d(batch, {3, 1, 1}));
    same(adaptive_avg_pool2d(x, 2), adaptive_avg_pool2d(batch, 2));
    same(adaptive_max_pool2d(x, 2), adaptive_max_pool2d(batch, 2));
    const auto pooled = max_pool2d_with_indices(x, {2}), of_batch = max_pool2d_with_indices(batch, {2});
    same(pooled.values, of_batch.values);
    CHECK(elements(pooled.indices) == elements(of_batch.indices[0]));
    const auto adaptive = adaptive_max_pool2d_with_indices(x, 2),
               adaptive_batch = adaptive_max_pool2d_with_indices(batch, 2);
    same(adaptive.values, adaptive_batch.values);
    CHECK(elements(adaptive.indices) == elements(adaptive_batch.indices[0]));
    same(conv2d(x, w, b, {.padding = Padding::same}), conv2d(batch, w, b, {.padding = Padding::same}));
    same(conv_transpose2d(x, t), conv_transpose2d(batch, t));
    const Tensor<double> line = select(x, 1, 0), lines = unsqueeze(line, 0);
    same(conv1d(line, w[0]), conv1d(lines, w[0]));
    same(max_pool1d(line, {2}), max_pool1d(lines, {2}));
    same(avg_pool1d(line, {2}), avg_pool1d(lines, {2}));
    same(unfold(x, {.kernel_size = 2}), unfold(batch, {.kernel_size = 2}));
    const auto columns = unfold(x, {.kernel_size = 2});
    same(fold(columns, {6, 5}, {.kernel_size = 2}), fold(unsqueeze(columns, 0), {6, 5}, {.kernel_size = 2}));
    auto leaf = x.clone().requires_grad_();
    conv2d(leaf, w, b).sum().backward();
    CHECK(leaf.grad().shape() == x.shape());
}

TEST_CASE("ops/window: maxima of integers are those of the same numbers in double") {
    Generator gen(6);
    const auto x = randint<std::int64_t>(-50, 50, {2, 3, 9, 8}, gen);
    for (const MaxPoolOptions& o :
         {MaxPoolOptions{2}, {3, 2, 1}, {{3, 2}, {2, 1}, {1, 0}, {1, 2}}, {2, 2, 0, 1, true}, {3, 2, 1, 1, true}}) {
        CHECK(elements(max_pool2d(x, o).to<double>()) == elements(max_pool2d(x.to<double>(), o)));
        CHECK(elements(max_pool2d(x.to<std::int32_t>()[1], o)) == elements(max_pool2d(x[1], o).to<std::int32_t>()));
    }
    const auto edge = full<std::int64_t>({1, 1, 2, 2}, std::numeric_limits<std::int64_t>::min());
    CHECK(elements(max_pool2d(edge, {2, 2, 1})) ==
          std::vector<std::int64_t>(4, std::numeric_limits<std::int64_t>::min()));
    CHECK(message_of([&] { max_pool2d(x, {10}); }) ==
          "max_pool2d: the window 10x10 does not fit the padded input [2,3,9,8], dilation [1,1] at here");
}

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
