// The operations that kernels and devices know by number: part of the ABI (backend/abi.hpp), which adds the argument
// structs.
#pragma once

#include <cstdint>

namespace fathom::inline v0 {

// out = f(in...), broadcast by strides. `parameters` are scalars whose meaning the operation gives. *_grad take
// (dy, ...) and give the gradient. A line holds the operations of one signature.
// clang-format off
enum class Elementwise : std::int32_t {
    add, sub, mul, div, maximum, minimum,     // (a, b)
    affine,                                   // x * p0 + p1
    reciprocal,                               // p0 / x
    pow,                                      // x ^ p0
    neg, abs, exp, log, sqrt, square, relu, sigmoid, tanh,
    leaky_relu,                               // slope p0
    clamp,                                    // to [p0, p1]
    copy,                                     // with conversion of dtype
    fill,                                     // p0, no input
    where,                                    // (bool c, a, b)
    equal, not_equal, less, less_equal,       // (a, b) -> bool
    logical_not,
    div_grad_b,                               // (dy, a, b): -dy a / b^2
    maximum_grad_a, minimum_grad_a,           // (dy, a, b): all where a wins, half at a tie
    abs_grad, log_grad, relu_grad,            // (dy, x)
    pow_grad,                                 // (dy, x), p0
    leaky_relu_grad,                          // (dy, x or y), p0
    clamp_grad,                               // (dy, x), p0, p1: none at exactly the bounds
    exp_grad, sqrt_grad, sigmoid_grad, tanh_grad,  // (dy, y)
    reciprocal_grad,                          // (dy, x), p0
    square_grad,                              // (dy, x)
};
// clang-format on

enum class Reduce : std::int32_t { sum, max, min };

enum class Activation : std::int32_t { none, relu, leaky_relu };

enum class Pad : std::int32_t { constant, reflect, replicate };

enum class UpdateRule : std::int32_t { sgd, adam, adamw };

enum class Random : std::int32_t { uniform, normal };

enum class Window : std::int32_t { max_pool, avg_pool, adaptive_avg_pool, take };

enum class Interpolation : std::int32_t { nearest, bilinear };

}  // namespace fathom::inline v0
