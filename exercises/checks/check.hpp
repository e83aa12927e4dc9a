// What the checks are made of. A check is a function `void check()` that calls what an exercise asks for and throws
// Unsolved at the first thing that is wrong, in words that the reader of the exercise knows.
#pragma once

#include <atomic>

#include "exercises/exercise.hpp"

namespace exercises {

struct Unsolved {
    std::string message;
};

// what: "add of [2,1] and [1,3]". why: a question that leads to the usual mistake, "" for none.
[[noreturn]] inline void unsolved(const std::string& what, const std::string& wrong, const std::string& why = "") {
    throw Unsolved{what + ": " + wrong + (why.empty() ? "" : "\n" + why)};
}

inline void expect(bool right, const std::string& what, const std::string& wrong, const std::string& why = "") {
    if (!right) unsolved(what, wrong, why);
}

// Absolute below 1, relative above.
inline bool close(double got, double expected, double tolerance) {
    return std::fabs(got - expected) <= tolerance * std::max(1.0, std::fabs(expected));
}

// Numbers that look alike are not left so: "expected 0.5, got 0.5, which is 1e-08 more".
inline std::string differs(double got, double expected) {
    std::string text = "expected " + ft::to_string(expected) + ", got " + ft::to_string(got);
    if (ft::to_string(got) == ft::to_string(expected))
        text += ", which is " + ft::to_string(std::fabs(got - expected)) + (got < expected ? " less" : " more");
    return text;
}

inline void expect_number(double got, double expected, const std::string& what, const std::string& why = "",
                          double tolerance = 1e-9) {
    if (!close(got, expected, tolerance)) unsolved(what, differs(got, expected), why);
}

inline void expect_shape(const ft::Shape& got, const ft::Shape& expected, const std::string& what,
                         const std::string& why = "") {
    if (got != expected)
        unsolved(what, "expected shape " + ft::to_string(expected) + ", got " + ft::to_string(got), why);
}

// "(1,2)": the index of the i-th element in row-major order.
inline std::string index_text(std::int64_t i, const ft::Shape& shape) {
    std::string text;
    for (int d = shape.rank(); d-- > 0; i /= shape[d])
        text = std::to_string(i % shape[d]) + (text.empty() ? "" : ",") + text;
    return "(" + text + ")";
}

inline void expect_tensor(const Tensor& got, const Tensor& expected, const std::string& what,
                          const std::string& why = "", double tolerance = 1e-9) {
    expect(got.defined(), what, "got a tensor without a shape: `Tensor y;` has none, ft::zeros<double>({2, 3}) has");
    expect_shape(got.shape(), expected.shape(), what, why);
    const double *g = got.dense_data(), *e = expected.dense_data();
    for (std::int64_t i = 0; i < got.numel(); ++i)
        if (!close(g[i], e[i], tolerance))
            unsolved(what, "element " + index_text(i, got.shape()) + ": " + differs(g[i], e[i]), why);
}

inline void expect_values(const std::vector<double>& got, const std::vector<double>& expected, const std::string& what,
                          const std::string& why = "", double tolerance = 1e-9) {
    expect(got.size() == expected.size(), what,
           "expected " + std::to_string(expected.size()) + " numbers, got " + std::to_string(got.size()), why);
    for (std::size_t i = 0; i < got.size(); ++i)
        if (!close(got[i], expected[i], tolerance))
            unsolved(what, "number " + std::to_string(i) + ": " + differs(got[i], expected[i]), why);
}

// Numbers between -1 and 1 in no order, the same in each run; another seed gives others.
inline Tensor some_numbers(const ft::Shape& shape, std::uint64_t seed) {
    Tensor x = ft::zeros<double>(shape);
    double* p = x.mutable_data();
    for (std::int64_t i = 0; i < x.numel(); ++i) p[i] = 2 * ft::uniform({seed, 0}, static_cast<std::uint64_t>(i)) - 1;
    return x;
}

// The sum of a * b, element by element: with b = dL/dy this is the L whose gradient a backward gives.
inline double dot(const Tensor& a, const Tensor& b) {
    return std::inner_product(a.dense_data(), a.dense_data() + a.numel(), b.dense_data(), 0.0);
}

// Is `got` the gradient of f at x? Each element is moved a little to both sides to see how much f changes.
inline void expect_gradient(const Tensor& got, const std::function<double(const Tensor&)>& f, const Tensor& x,
                            const std::string& what, const std::string& why = "") {
    Tensor moved = ft::from_data(x.dense_data(), x.shape()), expected = ft::zeros<double>(x.shape());
    constexpr double step = 1e-5;
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const double before = x.dense_data()[i];
        const auto at = [&](double value) { return moved.mutable_data()[i] = value, f(moved); };
        expected.mutable_data()[i] = (at(before + step) - at(before - step)) / (2 * step);
        at(before);
    }
    expect_tensor(got, expected, what, why, 1e-7);
}

// What is wrong, or "" when nothing is.
inline std::string complaint(void (*check)()) {
    try {
        check();
    } catch (const Unsolved& unsolved) {
        return unsolved.message;
    } catch (const std::exception& error) {
        return std::string("your code ended with an error: ") + error.what();
    }
    return "";
}

}  // namespace exercises
