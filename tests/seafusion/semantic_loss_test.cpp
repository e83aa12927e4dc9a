#include "fathom/seafusion/semantic_loss.hpp"

#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

namespace fathom {
namespace {

struct Batch {
    Generator gen{3};
    Tensor<double> main = randn<double>({2, 9, 5, 8}, gen).requires_grad_();
    Tensor<double> auxiliary = randn<double>({2, 9, 5, 8}, gen).requires_grad_();
    Tensor<std::int64_t> target = randint<std::int64_t>(0, 9, {2, 5, 8}, gen);
};

}  // namespace

TEST_CASE("seafusion/semantic_loss: main + lambda * auxiliary, at least a fraction of the batch's pixels") {
    Batch b;
    for (const auto& options :
         {seafusion::fusion_semantic_loss, seafusion::segmentation_semantic_loss,
          seafusion::SemanticLossOptions{.lambda = 2, .threshold = 0.01, .n_min_fraction = 0.33}}) {
        const auto loss = seafusion::semantic_loss(b.main, b.auxiliary, b.target, options);
        const OhemOptions mining{.threshold = options.threshold,
                                 .n_min = static_cast<std::int64_t>(options.n_min_fraction * 80)};
        const double main = ohem_cross_entropy(b.main, b.target, mining).item(),
                     auxiliary = ohem_cross_entropy(b.auxiliary, b.target, mining).item();
        CHECK(loss.main() == main);
        CHECK(loss.auxiliary() == auxiliary);
        CHECK(loss.total.item() == doctest::Approx(main + options.lambda * auxiliary).epsilon(1e-14));
    }
    CHECK(seafusion::fusion_semantic_loss.lambda == 0.1);
    CHECK(seafusion::fusion_semantic_loss.n_min_fraction * 8 * 480 * 640 == 307200);
    CHECK(seafusion::segmentation_semantic_loss.lambda == 0.75);
    CHECK(seafusion::segmentation_semantic_loss.n_min_fraction * 16 * 480 * 640 == 16 * 480 * 640 / 16);
}

TEST_CASE("seafusion/semantic_loss: both heads take a gradient; ignored pixels take none") {
    Batch b;
    b.target = full<std::int64_t>({2, 5, 8}, ignored_label);
    b.target(1, 2, 3) = 4;
    seafusion::semantic_loss(b.main, b.auxiliary, b.target, seafusion::fusion_semantic_loss).total.backward();
    for (const Tensor<double>& x : {b.main, b.auxiliary}) {
        const std::vector<double> gradient = tests::numbers(x.grad());
        std::size_t nonzero = 0;
        for (const double g : gradient) nonzero += g != 0;
        CHECK(nonzero == 9);
    }
}

TEST_CASE("seafusion/semantic_loss: a batch of one pixel is fine, and bad arguments are named") {
    Generator gen(1);
    const auto logits = randn<float>({1, 9, 1, 1}, gen);
    const auto target = full<std::int64_t>({1, 1, 1}, 2);
    CHECK(seafusion::semantic_loss(logits, logits, target, seafusion::segmentation_semantic_loss).main() >= 0);
    CHECK(tests::message_of([&] { seafusion::semantic_loss(logits, logits, target, {.n_min_fraction = 1.5}); }) ==
          "semantic_loss: n_min_fraction 1.5 is outside [0, 1] at here");
    CHECK(tests::message_of([&] { ohem_cross_entropy(logits, target, {.threshold = 0}); }) ==
          "ohem_cross_entropy: threshold 0 is outside (0, 1] at here");
    CHECK(tests::message_of([&] { ohem_cross_entropy(logits, target, {.n_min = -1}); }) ==
          "ohem_cross_entropy: n_min must be at least 0, got -1 at here");
    CHECK(tests::message_of([&] {
              ohem_cross_entropy(logits, full<std::int64_t>({1, 1}, 2), {});
          }) == "ohem_cross_entropy: target has shape [1,1], expected [1,1,1] (logits [1,9,1,1]) at here");
    CHECK(tests::message_of([&] {
              ohem_cross_entropy(logits, full<std::int64_t>({1, 1, 1}, 9), {});
          }) == "ohem_cross_entropy: target 9 at [0,0,0] is not a class (0 to 8) nor ignore_index 255 at here");
    CHECK(tests::message_of([&] {
              ohem_cross_entropy(randn<float>({0, 9, 2, 2}, gen), full<std::int64_t>({0, 2, 2}, 0), {});
          }) == "ohem_cross_entropy: logits have shape [0,9,2,2], expected at least one pixel and one class at here");
}

}  // namespace fathom
