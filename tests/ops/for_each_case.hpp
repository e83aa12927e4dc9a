// What the drivers share: they go through the list of operation cases (case.hpp) and compare results.
#pragma once

#include <doctest/doctest.h>

#include <exception>
#include <string>

#include "tests/ops/run_case.hpp"

namespace fathom::tests {

// One entry's exception fails that entry and not the ones behind it.
template <class F>
void for_each_case(F f) {
    for (const OpCase& op : all_cases()) {
        INFO("operation " << op.name);
        try {
            f(op);
        } catch (const std::exception& error) {
            FAIL_CHECK(std::string(error.what()));
        }
    }
}

// Whether gradients, or theirs, of an entry on these shapes are compared with differences: empty ones have none, and
// those of many elements would take too long.
inline bool checks_gradients(const OpCase& op, const Shapes& shapes, int order) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < shapes.size(); ++i)
        if (op.inputs[i].kind == OpInput::differentiable) count += shapes[i].numel();
    return count > 0 && count <= (order == 1 ? 600 : 200);
}

inline std::string text_of(const Shapes& shapes) {
    std::string text;
    for (const Shape& s : shapes) text += to_string(s) + " ";
    return text;
}

template <class T>
void check_close(const OpCase& op, const Shapes& shapes, const Result<T>& got, const Plain& y,
                 const std::vector<Plain>& gradients) {
    const double terms = terms_of(op, shapes, y.shape);
    CHECK(difference(got.y, y) <= rounding_bound<T>(terms));
    for (std::size_t i = 0; i < got.gradients.size(); ++i) {
        if (!differentiable(op, i)) continue;
        CAPTURE(i);
        CHECK(difference(got.gradients[i], gradients[i]) <=
              rounding_bound<T>(gradient_terms(terms, gradients[i].shape, y.shape)));
    }
}

template <class T>
std::vector<Plain> plain_gradients(const Result<T>& result) {
    std::vector<Plain> all;
    for (const Tensor<T>& g : result.gradients) all.push_back(g.defined() ? to_plain(g) : Plain{});
    return all;
}

}  // namespace fathom::tests
