// What arrangements of elements refuse.
#include "fathom/ops/rearrange.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/arranged_errors: elements in place of others") {
    const auto x = zeros<float>({2, 3}), row = zeros<float>({3});
    const Tensor<std::int64_t> list{0, 1};
    CHECK(message_of([&] { index_copy(x, 1, list, row, Where{}); }) ==
          "index_copy: source has shape [3], expected [2,2] for an input of shape [2,3]");
    CHECK(message_of([&] { index_fill(x, 1, list, row, Where{}); }) == "index_fill: value has shape [3], expected []");
    CHECK(message_of([&] { select_scatter(x, x, 0, 1, Where{}); }) ==
          "select_scatter: source has shape [2,3] for one index along 0 of shape [2,3]");
    CHECK(message_of([&] { slice_scatter(x, row, 0, 0, 1, 1, Where{}); }) ==
          "slice_scatter: source has shape [3], expected [1,3] for an input of shape [2,3]");
    CHECK(message_of([&] { diagonal_scatter(x, row, 0, 0, 1, Where{}); }) ==
          "diagonal_scatter: source has shape [3], the diagonal [2]");
    CHECK(message_of([&] { put(x, list, row, false, Where{}); }) ==
          "put: source has shape [3], index [2], expected as many elements");
    CHECK(message_of([&] { take_along_dim(x, list, 0, Where{}); }) ==
          "take_along_dim: input has shape [2,3], index [2], expected as many dimensions");
    CHECK(message_of([&] { take(x, Tensor<std::int64_t>({6}), Where{}); }) != "no error");
}

TEST_CASE("ops/arranged_errors: diagonals, turns, copies") {
    const auto x = zeros<float>({2, 3});
    CHECK(message_of([&] { diag_embed(x, 0, 1, -2, Where{}); }) == "diag_embed: dimensions 1 and -2 are one");
    CHECK(message_of([&] { diag(zeros<float>({}), 0, Where{}); }) ==
          "diag: input has shape [], expected a vector or a matrix");
    CHECK(message_of([&] { trace(x[0], Where{}); }) == "trace: input has shape [3], expected a matrix");
    CHECK(message_of([&] { rot90(x, 1, {1, -1}, Where{}); }) == "rot90: dims [1,-1], expected two that differ");
    CHECK(message_of([&] {
              movedim(x, {0, -2}, {0, 1}, Where{});
          }) == "movedim: from [0,-2] to [0,1] names one dimension twice");
    CHECK(message_of([&] {
              repeat_interleave(x, Tensor<std::int64_t>({1, 2}), 1, Where{});
          }) == "repeat_interleave: repeats has shape [2], expected 3 numbers");
    CHECK(message_of([&] { repeat_interleave(x, -1, 1, Where{}); }) ==
          "repeat_interleave: repeats -1, expected at least 0");
    CHECK(message_of([&] { tensor_split(x, 0, 0, Where{}); }) == "tensor_split: sections 0, expected at least 1");
    CHECK(message_of([&] { combinations(x, 2, false, Where{}); }) ==
          "combinations: of shape [2,3], r 2, expected a vector and r >= 0");
    CHECK(message_of([&] { diff(x, -1, 0, {}, {}, Where{}); }) == "diff: n -1, expected at least 0");
}
