// Bags with an end in the offsets, empty ones, and what embedding_bag refuses; dropout of channels.
#include "fathom/nn/embedding_bag.hpp"

#include "fathom/ops/channel_dropout.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

using Indices = Tensor<std::int64_t>;

TEST_CASE("nn/embedding_bag: offsets, and errors") {
    const Tensor<double> w({{1, 2}, {3, 4}, {5, 6}});
    const Indices list{0, 2, 2};
    const auto of = [&](const EmbeddingBagOptions<double>& o) { return numbers(embedding_bag(list, w, o)); };
    CHECK(of({.offsets = Indices({0, 1, 3}), .mode = BagMode::sum, .include_last_offset = true}) ==
          std::vector<double>{1, 2, 10, 12});
    CHECK(of({.offsets = Indices({0, 3}), .mode = BagMode::max}) == std::vector<double>{5, 6, 0, 0});
    CHECK(of({.offsets = Indices({0, 1}), .padding_idx = -1}) == std::vector<double>{1, 2, 0, 0});
    CHECK(message_of([&] { embedding_bag(list, w, {}, Where{}); }) ==
          "embedding_bag: indices have shape [3], expected [B,N], or [L] with a list of offsets");
    CHECK(message_of([&] { embedding_bag(list, w, {.offsets = Indices({1})}, Where{}); }) ==
          "embedding_bag: the first of the offsets is not 0");
    CHECK(message_of([&] { embedding_bag(list, w, {.offsets = list, .per_sample_weights = w}, Where{}); }) ==
          "embedding_bag: per_sample_weights of shape [3,2], expected [3] and BagMode::sum");
}

TEST_CASE("nn/embedding_bag: dropout takes whole channels, alpha_dropout keeps mean and variance") {
    Generator gen(7);
    const auto x = ones<double>({5, 40, 3, 4});
    const auto y = dropout2d(x, 0.25, gen);
    CHECK(numbers(amax(y, {2, 3})) == numbers(amin(y, {2, 3})));
    CHECK(mean(y).item() == doctest::Approx(1).epsilon(0.1));
    CHECK(numbers(amax(dropout3d(x, 0.5, gen), {1, 2, 3})) != std::vector<double>(5, 1.0));
    CHECK(numbers(dropout1d(x[0][0], 1, gen)) == std::vector<double>(12, 0.0));
    CHECK(numbers(dropout2d(x, 0, gen)) == numbers(x));
    const auto z = alpha_dropout(randn<double>({100000}, gen), 0.3, gen);
    CHECK(mean(z).item() == doctest::Approx(0).scale(1).epsilon(0.02));
    CHECK(var(z).item() == doctest::Approx(1).epsilon(0.02));
    CHECK(numbers(alpha_dropout(x[0][0], 0, gen)) == numbers(x[0][0]));
    CHECK(message_of([&] { dropout3d(x[0], 0.5, gen, Where{}); }) ==
          "dropout3d: input has shape [40,3,4], expected [N,C,D,H,W] or [C,D,H,W]");
    CHECK(message_of([&] { alpha_dropout(x, 2, gen, Where{}); }) == "alpha_dropout: probability 2 is outside [0, 1]");
}
