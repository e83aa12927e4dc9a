// What products of vectors and norms by squares refuse.
#include "fathom/ops/linalg_norm.hpp"
#include "fathom/ops/normalize.hpp"
#include "fathom/ops/products.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/normalized_errors: messages") {
    const auto x = zeros<float>({2, 3}), row = zeros<float>({3});
    CHECK(message_of([&] { outer(x, row, Where{}); }) ==
          "outer: inputs have shapes [2,3] and [3], expected two vectors");
    CHECK(message_of([&] { cross(x, x, 0, Where{}); }) ==
          "cross: inputs have shapes [2,3] and [2,3], expected three elements along dimension 0");
    CHECK(message_of([&] {
              kron(zeros<float>({1, 1, 1, 1, 1}), x, Where{});
          }) == "kron: inputs have shapes [1,1,1,1,1] and [2,3], expected at most 4 dimensions");
    CHECK(message_of([&] { bilinear(x, x, row, {}, Where{}); }) ==
          "bilinear: inputs have shapes [2,3] and [2,3], weight [3], expected [...,m], [...,n] and [K,m,n]");
    CHECK(message_of([&] { linalg::matrix_power(x, 2, Where{}); }) ==
          "linalg::matrix_power: input has shape [2,3], expected [...,n,n]");
    CHECK(message_of([&] { rms_norm(x, {2}, {}, 1e-5, Where{}); }) ==
          "rms_norm: input has shape [2,3], expected one that ends in [2]");
    CHECK(message_of([&] { local_response_norm(x, 2, {}, Where{}); }) ==
          "local_response_norm: input has shape [2,3], size 2, expected [N,C,L,...] and at least 1");
}
