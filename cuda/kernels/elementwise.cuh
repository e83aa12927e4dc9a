// The formulas of fathom/abi/elementwise.list.hpp on single numbers of a device: the functions that the list may call,
// and apply() and compare() made from its lines.
#pragma once

#include <cmath>

#include "cuda/language.cuh"
#include "fathom/abi/elementwise.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::formula {

template <class T>
__device__ T select(bool condition, T then, T otherwise) {
    return condition ? then : otherwise;
}
template <class T>
__device__ bool is_nan(T x) {
    return x != x;
}
template <class T>
__device__ T negate(T x) {
    return -x;
}
template <class T>
__device__ T min(T a, T b) {
    return b < a ? b : a;
}
template <class T>
__device__ T max(T a, T b) {
    return a < b ? b : a;
}
template <class T>
__device__ T fma(T a, T b, T c) {
    return std::fma(a, b, c);
}
template <class T>
__device__ T abs(T x) {
    return std::fabs(x);
}
template <class T>
__device__ T sqrt(T x) {
    return std::sqrt(x);
}
template <class T>
__device__ T exp(T x) {
    return std::exp(x);
}
template <class T>
__device__ T log(T x) {
    return std::log(x);
}
template <class T>
__device__ T log1p(T x) {
    return std::log1p(x);
}
template <class T>
__device__ T tanh(T x) {
    return std::tanh(x);
}
template <class T>
__device__ T sigmoid(T x) {
    return T{1} / (T{1} + std::exp(-x));
}
template <class T>
__device__ T pow(T x, T exponent) {
    return std::pow(x, exponent);
}

template <Elementwise op, class T>
__device__ T apply([[maybe_unused]] T a, [[maybe_unused]] T b, [[maybe_unused]] T c, [[maybe_unused]] T p0,
                   [[maybe_unused]] T p1) {
    [[maybe_unused]] const T zero{0}, one{1}, two{2}, exponent = p0;
#define FATHOM_FORMULA(name, inputs, set, cost, formula) \
    if constexpr (op == Elementwise::name) {             \
        return formula;                                  \
    } else
#include "fathom/abi/elementwise.list.hpp"
    { static_assert(op == Elementwise::add, "fathom: this operation has no formula"); }
}

template <Elementwise op, class T>
__device__ bool compare(T a, T b) {
#define FATHOM_COMPARISON(name, formula)     \
    if constexpr (op == Elementwise::name) { \
        return formula;                      \
    } else
#include "fathom/abi/elementwise.list.hpp"
    { static_assert(op == Elementwise::equal, "fathom: this comparison has no formula"); }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::formula
