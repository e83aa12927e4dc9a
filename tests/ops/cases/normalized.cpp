// Products of vectors and matrices, vectors of length 1, norms by squares.
#include <cmath>

#include "fathom/ops/activation.hpp"
#include "fathom/ops/linalg_norm.hpp"
#include "fathom/ops/normalize.hpp"
#include "fathom/ops/products.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F>
void add_normalized(std::vector<OpCase>& list, const char* name, std::vector<OpInput> inputs,
                    std::vector<Shapes> shapes, double terms, F f) {
    OpCase op{.name = name,
              .inputs = std::move(inputs),
              .shapes = std::move(shapes),
              .golden = name,
              .golden_file = "normalized",
              .terms = [terms](const Shapes&, const Shape&) { return terms; }};
    set_function(op, f);
    list.push_back(op);
}

}  // namespace

void add_normalized_cases(std::vector<OpCase>& list) {
    const OpInput a{.name = "a"}, b{.name = "b"}, w{.name = "w"}, c{.name = "c"}, x{.name = "x", .low = -2, .high = 2};
    add_normalized(list, "outer", {a, b}, {{{4}, {3}}, {{1}, {0}}, {{33}, {65}}}, 1,
                   [](const auto& in) { return outer(in[0], in[1]); });
    add_normalized(list, "cross", {a, b}, {{{2, 3}, {1, 3}}, {{3}, {3}}, {{0, 3}, {1, 3}}, {{65, 3}, {65, 3}}}, 2,
                   [](const auto& in) { return cross(in[0], in[1]); });
    add_normalized(list, "kron", {a, b}, {{{2, 3}, {3, 2, 2}}, {{}, {2}}, {{2, 0}, {1, 2}}, {{9, 5}, {7, 3}}}, 30,
                   [](const auto& in) { return kron(in[0], in[1]); });
    add_normalized(list, "bilinear", {a, b, w, c},
                   {{{2, 3}, {2, 4}, {5, 3, 4}, {5}},
                    {{1}, {2}, {1, 1, 2}, {1}},
                    {{0, 2}, {0, 1}, {3, 2, 1}, {3}},
                    {{2, 9, 5}, {2, 9, 17}, {3, 5, 17}, {3}}},
                   100, [](const auto& in) { return bilinear(in[0], in[1], in[2], in[3]); });
    add_normalized(list, "vecdot", {a, b}, {{{2, 3}, {2, 3}}, {{1}, {1}}, {{0, 3}, {0, 3}}, {{65, 33}, {65, 33}}}, 65,
                   [](const auto& in) { return linalg::vecdot(in[0], in[1], 0); });
    add_normalized(list, "normalize", {x}, {{{2, 5, 3}}, {{1, 2, 2}}, {{0, 2, 3}}, {{9, 2, 65}}}, 65,
                   [](const auto& in) { return normalize(in[0], 3, 2); });
    add_normalized(list, "rms_norm", {x, w},
                   {{{2, 5, 3}, {5, 3}}, {{1, 1}, {1, 1}}, {{0, 2, 3}, {2, 3}}, {{9, 17, 5}, {17, 5}}}, 85,
                   [](const auto& in) { return rms_norm(in[0], in[1].shape(), in[1], 0.1); });
    add_normalized(list, "local_response_norm", {x}, {{{2, 5, 3}}, {{1, 1, 2}}, {{0, 2, 3}}, {{2, 17, 5, 7}}}, 16,
                   [](const auto& in) {
                       return local_response_norm(in[0], 4, {0.3, 0.6, 1.2});
                   });
    add_normalized(list, "prelu_number", {{.name = "x", .kinks = {0}}, w}, {{{2, 3}, {1}}, {{}, {1}}, {{33, 65}, {1}}},
                   3000, [](const auto& in) { return prelu(in[0], in[1][0]); });
}

}  // namespace fathom::tests
