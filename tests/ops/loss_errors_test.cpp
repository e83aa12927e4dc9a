// What losses and distances say of inputs that do not fit.
#include "fathom/ops/class_margin_loss.hpp"
#include "fathom/ops/likelihood_loss.hpp"
#include "fathom/ops/margin_loss.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/loss_errors: likelihoods and margins") {
    const auto x = zeros<float>({2, 3}), rows = zeros<float>({2}), column = zeros<float>({3});
    const Tensor<std::int64_t> labels{0, 1, 2}, two{0, 1};
    const auto message = [](auto f) { return message_of(f); };
    CHECK(message([&] { gaussian_nll_loss(x, x, column, {}, Where{}); }) ==
          "gaussian_nll_loss: var has shape [3], expected that of the input, [2,3], or one size 1 in it");
    CHECK(message([&] { gaussian_nll_loss(x, x, x - 1.0f, {}, Where{}); }) ==
          "gaussian_nll_loss: var has an element below 0");
    CHECK(message([&] { cosine_embedding_loss(x, x, column, 0, Reduction::mean, Where{}); }) ==
          "cosine_embedding_loss: inputs have shape [2,3], target [3], expected [N,D] and [N], or [D] and []");
    CHECK(message([&] { triplet_margin_loss(x, x, x, {.margin = 0}, Where{}); }) ==
          "triplet_margin_loss: margin 0, expected above 0");
    CHECK(message([&] { triplet_margin_loss(x, x, column, {}, Where{}); }) ==
          "triplet_margin_loss: anchor, positive and negative have shapes [2,3], [2,3] and [3], expected as many "
          "dimensions of each");
    CHECK(message([&] { multilabel_soft_margin_loss(x, rows, {}, Where{}); }) ==
          "multilabel_soft_margin_loss: input has shape [2,3], target [2]");
    CHECK(message([&] { multi_margin_loss(x, labels, {}, Where{}); }) ==
          "multi_margin_loss: input has shape [2,3], target [3], expected [N,C] and [N]");
    CHECK(message([&] { multi_margin_loss(x, two, {.p = 3}, Where{}); }) == "multi_margin_loss: p 3, expected 1 or 2");
    CHECK(message([&] { multi_margin_loss(x, two, {.weight = rows}, Where{}); }) ==
          "multi_margin_loss: weight has shape [2], expected [3]");
    CHECK(message([&] { multilabel_margin_loss(x, labels, Reduction::mean, Where{}); }) ==
          "multilabel_margin_loss: input has shape [2,3], target [3], expected [N,C] of both");
}

TEST_CASE("ops/loss_errors: distances") {
    const auto x = zeros<float>({2, 3}), row = zeros<float>({3});
    CHECK(message_of([&] { cdist(x, row, 2, Where{}); }) ==
          "cdist: inputs have shapes [2,3] and [3], expected [...,P,M] and [...,R,M]");
    CHECK(message_of([&] { cdist(x, x, -1, Where{}); }) == "cdist: p -1, expected at least 0");
    CHECK(message_of([&] { pdist(row, 2, Where{}); }) == "pdist: input has shape [3], expected [N,M]");
    CHECK(message_of([&] { pairwise_distance(x.sum(), x.sum(), 2, 1e-6, false, Where{}); }) ==
          "pairwise_distance: inputs have shape [], expected vectors");
}
