// Wrong shapes, dtypes, devices and arguments: one line that says what was expected and what came.
#include <cmath>
#include <limits>
#include "fathom/ops/batch_norm.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/layer_norm.hpp"
#include "fathom/ops/image.hpp"
#include "fathom/ops/loss.hpp"
#include "fathom/ops/matmul.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/errors: conv2d") {
    const auto x = zeros<float>({2, 3, 48, 64}), w = zeros<float>({16, 4, 3, 3}), fits = zeros<float>({16, 3, 3, 3});
    CHECK(message_of([&] { conv2d(x, w); }) ==
          "conv2d: input has 3 channels, weight expects 4 (input [2,3,48,64], weight [16,4,3,3], groups 1) at here");
    CHECK(message_of([&] { conv2d(x[0][0], fits); }) ==
          "conv2d: input and weight must have 4 dimensions [N,C,H,W] and [K,C,kh,kw] (input [48,64], weight "
          "[16,3,3,3]) at "
          "here");
    CHECK(message_of([&] { conv2d(x, fits, zeros<float>({3})); }) ==
          "conv2d: bias has shape [3], expected [16] at here");
    CHECK(message_of([&] { conv2d(x.slice(2, 0, 2), fits); }) ==
          "conv2d: the kernel 3x3 does not fit the padded input [2,3,2,64] at here");
    CHECK(message_of([&] {
              conv2d(x, fits, {}, {.stride = 0});
          }).find("conv2d: stride, dilation and groups must be at least 1") == 0);
    CHECK(message_of([&] { conv2d(x, fits, {}, {.padding = -1}); }).find("padding at least 0; got stride [1,1]") !=
          std::string::npos);
    CHECK(message_of([&] {
              conv2d(zeros<float>({1, 4, 4, 4}), zeros<float>({3, 2, 1, 1}), {}, {.groups = 2});
          }) == "conv2d: weight has 3 output channels, not a multiple of groups 2 at here");
}

TEST_CASE("ops/errors: matmul and linear") {
    const auto a = zeros<float>({2, 3}), b = zeros<float>({4, 5});
    CHECK(message_of([&] { matmul(a, b); }) == "matmul: inner sizes differ: 3 and 4 (inputs [2,3] and [4,5]) at here");
    CHECK(message_of([&] { matmul(a[0], b); }) == "matmul: inner sizes differ: 3 and 4 (inputs [3] and [4,5]) at here");
    CHECK(message_of([&] { matmul(a, b[0]); }) == "matmul: inner sizes differ: 3 and 5 (inputs [2,3] and [5]) at here");
    CHECK(message_of([&] { matmul(a[0][0], b); }) ==
          "matmul: both inputs need at least 1 dimension, got [] and [4,5] at here");
    CHECK(message_of([&] {
              matmul(zeros<float>({2, 2, 3}), zeros<float>({3, 3, 4}));
          }) == "matmul: leading dimensions of [2,2,3] and [3,3,4] do not broadcast at here");
    CHECK(message_of([&] { linear(a, b); }) ==
          "linear: input [2,3] has a last dimension other than the weight's 5 (weight [4,5]) at here");
    CHECK(message_of([&] { linear(a, zeros<float>({3})); }) ==
          "linear: weight has shape [3], expected [out, in] at here");
    CHECK(message_of([&] {
              linear(a, zeros<float>({4, 3}), zeros<float>({3}));
          }) == "linear: bias has shape [3], expected [4] at here");
}

TEST_CASE("ops/errors: reductions and softmax") {
    const auto x = zeros<float>({2, 3});
    CHECK(message_of([&] { x.sum(2); }) == "sum: dimension 2 of a tensor of rank 2 at here");
    CHECK(message_of([&] { x.mean({0, -3}); }) == "mean: dimension -3 of a tensor of rank 2 at here");
    CHECK(message_of([&] { max(zeros<float>({2, 0}), 1); }) == "max: of no elements: shape [2,0], dimension 1 at here");
    CHECK(message_of([&] { min(zeros<float>({0})); }).find("min: of no elements") == 0);
    CHECK(message_of([&] { softmax(x, 2); }) == "softmax: dimension 2 of a tensor of rank 2 at here");
}

TEST_CASE("ops/errors: losses") {
    const auto logits = zeros<float>({2, 3, 4});
    const auto target = zeros<std::int64_t>({2, 4});
    CHECK(message_of([&] {
              l1_loss(logits, zeros<float>({2, 3}));
          }) == "l1_loss: input has shape [2,3,4], target [2,3] at here");
    CHECK(message_of([&] { mse_loss(logits, zeros<float>({1})); }) ==
          "mse_loss: input has shape [2,3,4], target [1] at here");
    const std::vector<std::pair<Tensor<std::int64_t>, std::string>> wrong = {{zeros<std::int64_t>({2, 3}), "[2,3]"},
                                                                             {full<std::int64_t>({2, 4}, 3), "3"},
                                                                             {full<std::int64_t>({2, 4}, -1), "-1"}};
    for (const auto& bad : wrong) {
        const std::string message = message_of([&] { cross_entropy(logits, bad.first); });
        CAPTURE(message);
        CHECK(message.find("cross_entropy: ") == 0);
        CHECK(message.find(bad.second) != std::string::npos);
        CHECK(message.find(" at here") != std::string::npos);
    }
    CHECK(message_of([&] { cross_entropy(logits, target, {.weight = zeros<float>({4})}); }).find("cross_entropy: ") ==
          0);
    CHECK(message_of([&] { cross_entropy(logits, target, {.label_smoothing = 1.5}); }).find("cross_entropy: ") == 0);
    CHECK(message_of([&] { cross_entropy(logits[0][0], target); }).find("cross_entropy: ") == 0);
}

// Inverse frequencies are infinite for a class that is absent.
TEST_CASE("ops/errors: a class that no target has may have any weight") {
    constexpr double inf = std::numeric_limits<double>::infinity();
    const Tensor<double> weight({1, inf, 1});
    const Tensor<std::int64_t> target({0});
    const auto x = Tensor<double>({{0, 1, 2}}).requires_grad_();
    const auto loss = cross_entropy(x, target, {.weight = weight});
    const std::vector<double> expected = {-0.90997, 0.24473, 0.66524};
    const auto plain = elements(grad(loss, {x}, {.retain_graph = true})[0]);
    const auto recorded = elements(grad(loss, {x}, {.create_graph = true})[0].detach());
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(plain[i] == doctest::Approx(expected[i]).epsilon(1e-4));
        CHECK(recorded[i] == doctest::Approx(plain[i]).epsilon(1e-14));
    }
}

TEST_CASE("ops/errors: where every target is ignored no logit has a gradient") {
    const auto x = Tensor<double>({{0, 1, 2}}).requires_grad_();
    const auto loss = cross_entropy(x, Tensor<std::int64_t>({-100}));
    CHECK(std::isnan(loss.item()));
    CHECK(elements(grad(loss, {x}, {.retain_graph = true})[0]) == std::vector<double>{0, 0, 0});
    CHECK(elements(grad(loss, {x}, {.create_graph = true})[0].detach()) == std::vector<double>{0, 0, 0});
    CHECK(message_of([] {
              cross_entropy(ones<float>({1, 0}), Tensor<std::int64_t>({0}));
          }) == "cross_entropy: logits have shape [1,0], expected [N,C,...] with a class at least at here");
}

TEST_CASE("ops/errors: what is computed of nothing") {
    CHECK(std::isnan(var(zeros<double>({0}), {}).item()));
    const auto x = ones<double>({1}).requires_grad_();
    for (const bool recorded : {false, true}) {
        const auto g = grad(mean(expand(x, {0})), {x}, {.create_graph = recorded})[0];
        CHECK(g.detach().item() == 0);
    }
    const auto y = linear(ones<float>({2, 3, 0}), ones<float>({4, 0}), Tensor<float>({1, 2, 3, 4}));
    CHECK(y.shape() == Shape{2, 3, 4});
    CHECK(y(1, 2, 3) == 4.0f);
}

TEST_CASE("ops/errors: a zero keeps its sign") {
    const Tensor<float> zero({-0.0f});
    CHECK(std::signbit(static_cast<float>((zero * 2)(0))));
    CHECK(std::signbit(static_cast<float>((2 * zero)(0))));
    CHECK_FALSE(std::signbit(static_cast<float>((zero * -2)(0))));
}

TEST_CASE("ops/errors: images") {
    const auto x = zeros<float>({1, 2, 4, 5});
    CHECK(message_of([&] { sobel_magnitude(x[0]); }) ==
          "sobel_magnitude: input has shape [2,4,5], expected [N,C,H,W] at here");
    CHECK(message_of([&] {
              sobel_magnitude(x, zeros<float>({3, 1, 3, 3}), zeros<float>({3, 1, 3, 3}));
          }).find("sobel_magnitude: ") == 0);
    CHECK(message_of([&] { rgb_to_ycrcb(x); }) ==
          "rgb_to_ycrcb: input has shape [1,2,4,5], expected [N,3,H,W] at here");
    CHECK(message_of([&] {
              pad(x, {1, 1, 4, 0}, Pad::reflect);
          }) ==
          "pad: amounts 4 and 0 do not fit dimension 2 of an input of shape [1,2,4,5]: a reflection adds less than the "
          "size at here");
    CHECK(message_of([&] { clamp(x, 1, 0); }) == "clamp: min 1 is above max 0 at here");
    CHECK(message_of([&] { where(x > 0, x, zeros<float>({3})); }) ==
          "where: shapes [1,2,4,5] and [3] do not broadcast at here");
}

TEST_CASE("ops/errors: layer_norm") {
    const auto x = zeros<float>({2, 3, 4}), four = zeros<float>({4}), three = zeros<float>({3});
    CHECK(message_of([&] { layer_norm(x, {3}); }) ==
          "layer_norm: input has shape [2,3,4], expected one that ends in normalized_shape [3] at here");
    CHECK(message_of([&] { layer_norm(x, Shape{}); }) ==
          "layer_norm: input has shape [2,3,4], expected one that ends in normalized_shape [] at here");
    CHECK(message_of([&] { layer_norm(x, {4}, three); }) ==
          "layer_norm: weight has shape [3], expected normalized_shape [4] at here");
    CHECK(message_of([&] { layer_norm(x, {4}, four, three); }) ==
          "layer_norm: bias has shape [3], expected normalized_shape [4] at here");
}

TEST_CASE("ops/errors: batch_norm") {
    const auto x = zeros<float>({2, 3, 4, 5}), three = zeros<float>({3}), four = zeros<float>({4});
    CHECK(message_of([&] { batch_norm(three, three, three); }) ==
          "batch_norm: input has shape [3], expected [N,C] or [N,C,...] at here");
    CHECK(message_of([&] { batch_norm(x, three, four); }) ==
          "batch_norm: running_var has shape [4], expected [3] (input [2,3,4,5]) at here");
    CHECK(message_of([&] { batch_norm(x, three, three, four); }) ==
          "batch_norm: weight has shape [4], expected [3] (input [2,3,4,5]) at here");
    CHECK(message_of([&] { batch_norm(x, {}, {}); }) ==
          "batch_norm: running_mean and running_var are needed outside training at here");
    CHECK(message_of([&] {
              batch_norm(zeros<float>({1, 3, 1, 1}), {}, {}, {}, {}, {.training = true});
          }) ==
          "batch_norm: training needs more than one value per channel, got input [1,3,1,1]: use a larger batch, or "
          "eval() at here");
}

TEST_CASE("ops/errors: a tensor without a value is named with the operation and the line") {
    const Tensor<float> none, x = ones<float>({1, 3, 4, 5}), m = ones<float>({2, 2}), w = ones<float>({2, 3, 1, 1});
    const Tensor<std::int64_t> labels;
    const auto check = [](const char* operation, auto f, Where here = Where::here()) {
        CAPTURE(operation);
        CHECK(message_of(f, here) ==
              std::string(operation) + ": an input was never given a value (a default-constructed tensor) at here");
    };
    check("add", [&] { none + m; });
    check("add", [&] { m + none; });
    check("add", [&] { none + 1; });
    check("sub", [&] { 1 - none; });
    check("neg", [&] { -none; });
    check("less", [&] { return m > none; });
    check("exp", [&] { exp(none); });
    check("maximum", [&] { maximum(m, none); });
    check("where", [&] { where(m > 0, m, none); });
    check("sum", [&] { none.sum(); });
    check("mean", [&] { none.mean(); });
    check("max", [&] { max(none, 0); });
    check("softmax", [&] { softmax(none, 0); });
    check("matmul", [&] { matmul(m, none); });
    check("linear", [&] { linear(none, m); });
    check("conv2d", [&] { conv2d(none, w); });
    check("conv2d", [&] { conv2d(x, none); });
    check("pad", [&] { pad(none, {1, 1, 1, 1}); });
    check("rgb_to_ycrcb", [&] { rgb_to_ycrcb(none); });
    check("sobel_magnitude", [&] { sobel_magnitude(none); });
    check("mse_loss", [&] { mse_loss(m, none); });
    check("cross_entropy", [&] { cross_entropy(m, labels); });
    check("batch_norm", [&] { batch_norm(none, {}, {}, {}, {}, {.training = true}); });
    check("layer_norm", [&] { layer_norm(none, {2}); });
    check("reshape", [&] { none.reshape({1}); });
    check("transpose", [&] { none.transpose(0, 1); });
    check("select", [&] { none[0]; });
    check("element access", [&] { return none(0); });
    check("clone", [&] { none.clone(); });
    check("to", [&] { none.to<double>(); });
    check("contiguous", [&] { none.contiguous(); });
    check("item", [&] { return none.item(); });
    check("data", [&] { none.data(); });
    check("backward", [&] { none.backward(); });
    check("+=", [&] { m.clone() += none; });
}
