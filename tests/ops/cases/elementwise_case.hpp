// Entries of elementwise operations, unary and with broadcasting.
#pragma once

#include "tests/ops/case.hpp"

namespace fathom::tests {

// Around the widths of the vector registers and their unrolled loops; the last is for two threads.
inline std::vector<Shapes> unary_shapes() {
    std::vector<Shapes> shapes = {
        {{3, 5}}, {{2, 3, 4, 5}}, {{}}, {{1}}, {{0}}, {{3, 0, 2}}, {{2, 1, 2, 1, 3, 1, 2, 2}}};
    for (std::int64_t n : {7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129}) shapes.push_back({{n}});
    shapes.push_back({{3, 37, 1001}});
    return shapes;
}

inline std::vector<Shapes> binary_shapes() {
    std::vector<Shapes> shapes = {{{2, 3, 4}, {2, 3, 4}},
                                  {{2, 3, 4, 5}, {3, 1, 5}},
                                  {{3, 1, 5}, {2, 3, 4, 5}},
                                  {{4, 1}, {1, 5}},
                                  {{2, 3, 1, 4}, {1, 1, 5, 1}},
                                  {{}, {3, 2}},
                                  {{2, 3}, {1}},
                                  {{1}, {1}},
                                  {{0}, {1}},
                                  {{2, 0, 3}, {3}},
                                  {{1, 5}, {0, 1}},
                                  {{2, 3, 4, 5}, {2, 3, 4, 5}}};
    for (std::int64_t n : {15, 16, 17, 33, 64, 65}) {
        shapes.push_back({{n}, {n}});
        shapes.push_back({{3, n}, {n}});
        shapes.push_back({{3, n}, {3, 1}});
    }
    shapes.push_back({{3, 37, 1001}, {37, 1}});
    return shapes;
}

template <class F, class R>
OpCase unary(const char* name, const char* golden, OpInput input, F f, R reference) {
    OpCase op{.name = name, .inputs = {input}, .shapes = unary_shapes(), .golden = golden};
    set_function(op, f);
    op.reference = [reference](const std::vector<Plain>& in) {
        return plain(in[0].shape, [&](const Shape& i) { return reference(in[0].at(i)); });
    };
    return op;
}

// `b` differs from `a` in every element, so that no tie hides.
template <class F, class R>
OpCase binary(const char* name, const char* golden, OpInput a, OpInput b, F f, R reference) {
    a.name = "a", b.name = "b";
    OpCase op{.name = name, .inputs = {a, b}, .shapes = binary_shapes(), .golden = golden};
    set_function(op, f);
    op.reference = [reference](const std::vector<Plain>& in) {
        Shape shape;
        detail::broadcast_shapes(in[0].shape, in[1].shape, shape);
        return plain(shape, [&](const Shape& i) { return reference(broadcast_at(in[0], i), broadcast_at(in[1], i)); });
    };
    return op;
}

}  // namespace fathom::tests
