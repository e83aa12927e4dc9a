// The element-by-element operations on float and double: the formulas of fathom/kernels/elementwise.kernel.hpp, which
// says what each does with a NaN and at a kink.
#pragma once

#include <cmath>

#include "cuda/language.cuh"
#include "fathom/abi/operations.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

constexpr bool is_arithmetic(Elementwise op) {
    using enum Elementwise;
    switch (op) {
        case copy:
        case fill:
        case where:
        case equal:
        case not_equal:
        case less:
        case less_equal:
        case logical_not:
            return false;
        default:
            return op >= add && op <= square_grad;
    }
}

template <class T>
__device__ bool is_nan(T x) {
    return x != x;
}

template <Elementwise op, class T>
__device__ T apply(T a, [[maybe_unused]] T b, [[maybe_unused]] T c, [[maybe_unused]] T p0, [[maybe_unused]] T p1) {
    using enum Elementwise;
    constexpr T zero{0}, one{1}, two{2};
    if constexpr (op == add)
        return a + b;
    else if constexpr (op == sub)
        return a - b;
    else if constexpr (op == mul)
        return a * b;
    else if constexpr (op == div)
        return a / b;
    else if constexpr (op == maximum)
        return is_nan(a) ? a : is_nan(b) || b > a ? b : a;
    else if constexpr (op == minimum)
        return is_nan(a) ? a : is_nan(b) || b < a ? b : a;
    else if constexpr (op == clamp)
        return is_nan(a) ? a : a < p0 ? (p0 < p1 ? p0 : p1) : a < p1 ? a : p1;
    else if constexpr (op == relu)
        return is_nan(a) || a > zero ? a : zero;
    else if constexpr (op == leaky_relu)
        return a > zero ? a : a * p0;
    else if constexpr (op == affine)
        return std::fma(a, p0, p1);
    else if constexpr (op == reciprocal)
        return p0 / a;
    else if constexpr (op == pow)
        return std::pow(a, p0);
    else if constexpr (op == neg)
        return -a;
    else if constexpr (op == abs)
        return std::fabs(a);
    else if constexpr (op == exp)
        return std::exp(a);
    else if constexpr (op == log)
        return std::log(a);
    else if constexpr (op == sqrt)
        return std::sqrt(a);
    else if constexpr (op == square)
        return a * a;
    else if constexpr (op == sigmoid)
        return one / (one + std::exp(-a));
    else if constexpr (op == tanh)
        return std::tanh(a);
    else if constexpr (op == div_grad_b)
        return -a * ((b / c) / c);
    else if constexpr (op == maximum_grad_a)
        return b == c ? a / two : b < c ? zero : a;
    else if constexpr (op == minimum_grad_a)
        return b == c ? a / two : b > c ? zero : a;
    else if constexpr (op == abs_grad)
        return b > zero ? a : b < zero ? -a : zero;
    else if constexpr (op == log_grad)
        return a / b;
    else if constexpr (op == relu_grad)
        return is_nan(b) || b > zero ? a : zero;
    else if constexpr (op == leaky_relu_grad)
        return b > zero ? a : a * p0;
    else if constexpr (op == clamp_grad)
        return b > p0 && b < p1 ? a : zero;
    else if constexpr (op == pow_grad)
        return p0 == zero ? zero : a * (p0 * std::pow(b, p0 - one));
    else if constexpr (op == exp_grad)
        return a * b;
    else if constexpr (op == sqrt_grad)
        return a / (b + b);
    else if constexpr (op == sigmoid_grad)
        return a * (one - b) * b;
    else if constexpr (op == tanh_grad)
        return a * (one - b * b);
    else if constexpr (op == reciprocal_grad)
        return -a * p0 / (b * b);
    else {
        static_assert(op == square_grad);
        return two * a * b;
    }
}

template <Elementwise op, class T>
__device__ bool compare(T a, T b) {
    using enum Elementwise;
    if constexpr (op == equal)
        return a == b;
    else if constexpr (op == not_equal)
        return !(a == b);
    else if constexpr (op == less)
        return a < b;
    else {
        static_assert(op == less_equal);
        return a <= b;
    }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
