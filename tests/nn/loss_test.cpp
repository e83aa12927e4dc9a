// Losses as modules, and modules that change shapes.
#include "fathom/nn/loss.hpp"

#include <cmath>

#include "fathom/nn/sequential.hpp"
#include "fathom/nn/shape.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("nn/loss: each module is its function, with the module's options") {
    Generator gen(1);
    const auto x = rand<float>({2, 3, 4}, gen, 0.1, 0.9), t = rand<float>({2, 3, 4}, gen);
    const Tensor<std::int64_t> labels({{0, 1, 2, 0}, {2, 2, 1, 0}});
    const Tensor<float> weight({1, 2, 3});
    CHECK(same_bits(nn::L1Loss(Reduction::sum)(x, t), l1_loss(x, t, Reduction::sum)));
    CHECK(same_bits(nn::MSELoss()(x, t), mse_loss(x, t)));
    CHECK(same_bits(nn::SmoothL1Loss(Reduction::none, 0.1)(x, t), smooth_l1_loss(x, t, Reduction::none, 0.1)));
    CHECK(same_bits(nn::HuberLoss(Reduction::mean, 0.1)(x, t), huber_loss(x, t, Reduction::mean, 0.1)));
    CHECK(same_bits(nn::DiceLoss()(x, t), dice_loss(x, t)));
    CHECK(same_bits(nn::CosineSimilarity(2)(x, t), cosine_similarity(x, t, 2)));
    CHECK(same_bits(nn::BCELoss<float>()(x, t), binary_cross_entropy(x, t)));
    CHECK(same_bits(nn::BCEWithLogitsLoss<float>({.pos_weight = full<float>({4}, 2)})(x, t),
                    binary_cross_entropy_with_logits(x, t, {.pos_weight = full<float>({4}, 2)})));
    CHECK(same_bits(nn::NLLLoss<float>({.weight = weight})(x, labels), nll_loss(x, labels, {.weight = weight})));
    const nn::CrossEntropyLoss<float> entropy({.weight = weight, .label_smoothing = 0.1});
    CHECK(same_bits(entropy(x, labels), cross_entropy(x, labels, {.weight = weight, .label_smoothing = 0.1})));
    CHECK(same_bits(entropy(x, t), cross_entropy(x, t, {.weight = weight, .label_smoothing = 0.1})));
    CHECK(entropy.state_dict().size() == 1);
    CHECK(nn::CrossEntropyLoss<float>().state_dict().empty());
}

TEST_CASE("nn/loss: one position alone, smooth_l1_loss without a smooth part") {
    const Tensor<float> x({1, 2, 3});
    const auto target = full<std::int64_t>({}, 1);
    const double expected = std::log(std::exp(-1.0) + 1 + std::exp(1.0));
    CHECK(cross_entropy(x, target).item() == doctest::Approx(expected));
    CHECK(cross_entropy(x, target, {.reduction = Reduction::none}).shape() == Shape{});
    CHECK(cross_entropy(x, Tensor<float>({0, 1, 0})).item() == doctest::Approx(expected));
    CHECK(nll_loss(x, target).item() == -2);
    CHECK(smooth_l1_loss(x, x + 2, Reduction::mean, 0).item() == 2);
}

TEST_CASE("nn/loss: 0 and 1 are probabilities, and cost no more than 100") {
    const auto x = Tensor<double>({0, 1, 0, 1}).requires_grad_();
    const auto loss = binary_cross_entropy(x, Tensor<double>({0, 1, 1, 0}), {.reduction = Reduction::none});
    CHECK(elements(loss) == std::vector<double>{0, 0, 100, 100});
    sum(loss).backward();
    const std::vector<double> slopes = elements(x.grad());
    CHECK(slopes[0] == 0);
    CHECK(slopes[2] == doctest::Approx(-1e12));
    CHECK(slopes[3] == doctest::Approx(1e12));
    CHECK(cosine_similarity(zeros<double>({1, 3}), ones<double>({1, 3})).item() == 0);
    auto zero = zeros<double>({1, 3}).requires_grad_();
    sum(cosine_similarity(zero, ones<double>({1, 3}))).backward();
    CHECK(zero.grad()(0, 0) == doctest::Approx(1e8 / std::sqrt(3.0)));
}

TEST_CASE("nn/loss: what does not fit says so") {
    const auto x = zeros<float>({2, 3, 4}), small = zeros<float>({2, 3});
    CHECK(message_of([&] { smooth_l1_loss(x, x, Reduction::mean, -1); }) ==
          "smooth_l1_loss: beta -1, expected at least 0 at here");
    CHECK(message_of([&] { huber_loss(x, x, Reduction::mean, 0); }) == "huber_loss: delta 0, expected above 0 at here");
    CHECK(message_of([&] { huber_loss(x, small); }) == "huber_loss: input has shape [2,3,4], target [2,3] at here");
    CHECK(message_of([&] { binary_cross_entropy(x + 2, x); }) ==
          "binary_cross_entropy: input has the element 2, expected probabilities in [0, 1] at here");
    CHECK(message_of([&] { binary_cross_entropy(x, x, {.weight = zeros<float>({5})}); }) ==
          "binary_cross_entropy: weight has shape [5], expected one that broadcasts to [2,3,4] at here");
    CHECK(
        message_of([&] { binary_cross_entropy_with_logits(x, x, {.pos_weight = zeros<float>({3})}); }) ==
        "binary_cross_entropy_with_logits: pos_weight has shape [3], expected one that broadcasts to [2,3,4] at here");
    CHECK(message_of([&] { dice_loss(small, small); }) ==
          "dice_loss: input has shape [2,3], expected [N,C,...] at here");
    CHECK(message_of([&] { cross_entropy(x, small); }) ==
          "cross_entropy: target of class probabilities has shape [2,3], expected the logits' [2,3,4] at here");
    CHECK(message_of([&] { cross_entropy(x, x, {.ignore_index = 2}); }) ==
          "cross_entropy: ignore_index 2 means nothing to class probabilities at here");
    CHECK(message_of([&] {
              nll_loss(x, zeros<std::int64_t>({2, 3}));
          }) == "nll_loss: target has shape [2,3], expected [2,4] (logits [2,3,4]) at here");
    CHECK(message_of([&] { nll_loss(small, Tensor<std::int64_t>({0, 3})); }).find("nll_loss: index 3") == 0);
    CHECK(message_of([&] { cosine_similarity(x, small); }).find("cosine_similarity: ") == 0);
}

TEST_CASE("nn/loss: Flatten, Unflatten and Identity") {
    Generator gen(2);
    const auto x = rand<float>({2, 3, 4, 5}, gen);
    nn::Sequential<float> net{nn::Flatten(), nn::Identity(), nn::Unflatten(1, {3, -1, 5})};
    CHECK(nn::Flatten()(x).shape() == Shape{2, 60});
    CHECK(nn::Flatten(0, 1)(x).shape() == Shape{6, 4, 5});
    CHECK(same_bits(net(x), x));
    CHECK(nn::Identity()(Tensor<std::int64_t>({1})).numel() == 1);
}
