// What einsum says of equations that do not fit.
#include "fathom/ops/einsum.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/products_errors: einsum") {
    const auto a = zeros<float>({2, 3}), b = zeros<float>({4, 5});
    const auto message = [&](const char* equation, const std::vector<Tensor<float>>& operands) {
        return message_of([&] { einsum(equation, operands, Where{}); });
    };
    CHECK(message_of([&] {
              einsum("ij,jk->ik", {a, b});
          }) == "einsum: label 'j' has size 4 in operand 1, shape [4,5], and 3 before in 'ij,jk->ik' at here");
    CHECK(message("ij->ik", {a}) == "einsum: label 'k' of the output is in no operand in 'ij->ik'");
    CHECK(message("ij->ii", {a}) == "einsum: label 'i' stands twice in the output in 'ij->ii'");
    CHECK(message("ii", {a}) == "einsum: label 'i' stands for sizes 2 and 3 of operand 0, shape [2,3], in 'ii'");
    CHECK(message("ijk->i", {a}) == "einsum: operand 0 has shape [2,3], but 3 letters in 'ijk->i'");
    CHECK(message("i->i", {a}) == "einsum: operand 0 has shape [2,3], but 1 letters in 'i->i'");
    CHECK(message("ij", {a, b}) == "einsum: 2 operands for 1 subscripts in 'ij'");
    CHECK(message("i1", {a}) == "einsum: '1' in 'i1', expected letters, commas, ... and ->");
    CHECK(message("i.j", {a}) == "einsum: '.' in 'i.j', expected letters, commas, ... and ->");
    CHECK(message("...i...", {a}) == "einsum: '...i...' in '...i...' has more than one ...");
    CHECK(message("...i,...k->...ik", {a, b}) ==
          "einsum: label '...' has size 4 in operand 1, shape [4,5], and 2 before in '...i,...k->...ik'");
    CHECK(message("", {}).find("einsum: 0 operands for 1 subscripts") == 0);
}
