// Every elementwise operation, a line each. This file includes nothing and is read several times, by whoever has defined
// the macro of a kind before: the enum and its names (elementwise.hpp), the CPU's kernels and a device's, the
// instantiations, the tests' rows.
//
//   FATHOM_FORMULA(name, inputs, dtypes, cost, formula)   out = formula, all of one dtype
//   FATHOM_COMPARISON(name, formula)                      bool out = formula of two numbers
//   FATHOM_MOVE(name, inputs, dtypes)                     moves values, with a kernel of its own (kernels/copy.hpp, select.hpp)
//
// A formula is written over V: a vector on the CPU, a number on a device and for integers, which wrap. It may use the
// inputs a, b, c, the parameters p0, p1 (and `exponent`, p0 as a number), the constants zero, one, two, operators, and
// fma, select(condition, then, otherwise), is_nan, min, max, abs, negate, sqrt, exp, expm1, log, log1p, sin, cos, tanh,
// sigmoid, erf, floor, ceil, round, pow (to a number), power (to a V). NaN passes through: it is asked for by is_nan,
// since a comparison with it holds on some paths and not on others. Gradients (name_grad) take the output's gradient as
// a. cost: light, heavy (an exponential) or heaviest (a power).
// clang-format off
#ifndef FATHOM_FORMULA
#define FATHOM_FORMULA(name, inputs, dtypes, cost, formula)
#endif
#ifndef FATHOM_COMPARISON
#define FATHOM_COMPARISON(name, formula)
#endif
#ifndef FATHOM_MOVE
#define FATHOM_MOVE(name, inputs, dtypes)
#endif

FATHOM_FORMULA(add,        2, numbers,  light,    a + b)
FATHOM_FORMULA(sub,        2, numbers,  light,    a - b)
FATHOM_FORMULA(mul,        2, numbers,  light,    a * b)
FATHOM_FORMULA(div,        2, numbers,  light,    a / b)
FATHOM_FORMULA(maximum,    2, numbers,  light,    select(is_nan(a), a, select(is_nan(b), b, select(b > a, b, a))))
FATHOM_FORMULA(minimum,    2, numbers,  light,    select(is_nan(a), a, select(is_nan(b), b, select(b < a, b, a))))
FATHOM_FORMULA(affine,     1, numbers,  light,    fma(a, p0, p1))
FATHOM_FORMULA(neg,        1, numbers,  light,    negate(a))
FATHOM_FORMULA(abs,        1, numbers,  light,    abs(a))
FATHOM_FORMULA(square,     1, numbers,  light,    a * a)
FATHOM_FORMULA(clamp,      1, numbers,  light,    select(is_nan(a), a, min(max(a, p0), p1)))
FATHOM_FORMULA(reciprocal, 1, floating, light,    p0 / a)
FATHOM_FORMULA(pow,        1, floating, heaviest, pow(a, exponent))
FATHOM_FORMULA(exp,        1, floating, heavy,    exp(a))
FATHOM_FORMULA(log,        1, floating, heavy,    log(a))
FATHOM_FORMULA(sqrt,       1, floating, light,    sqrt(a))
FATHOM_FORMULA(relu,       1, floating, light,    select(is_nan(a), a, select(a > zero, a, zero)))
FATHOM_FORMULA(leaky_relu, 1, floating, light,    select(a > zero, a, a * p0))
FATHOM_FORMULA(sigmoid,    1, floating, heavy,    sigmoid(a))
FATHOM_FORMULA(tanh,       1, floating, heavy,    tanh(a))
FATHOM_FORMULA(softplus,   1, floating, heavy,    select(a * p0 > p1, a, (max(a * p0, zero) + log1p(exp(negate(abs(a * p0))))) / p0))
FATHOM_FORMULA(sign,       1, numbers,  light,    select(is_nan(a), zero, select(a > zero, one, select(a < zero, negate(one), zero))))
FATHOM_FORMULA(rsqrt,      1, floating, light,    one / sqrt(a))
FATHOM_FORMULA(log1p,      1, floating, heavy,    log1p(a))
FATHOM_FORMULA(sin,        1, floating, heavy,    sin(a))
FATHOM_FORMULA(cos,        1, floating, heavy,    cos(a))
FATHOM_FORMULA(erf,        1, floating, heavy,    erf(a))
FATHOM_FORMULA(floor,      1, floating, light,    floor(a))
FATHOM_FORMULA(ceil,       1, floating, light,    ceil(a))
FATHOM_FORMULA(round,      1, floating, light,    round(a))
FATHOM_FORMULA(elu,        1, floating, heavy,    select(is_nan(a), a, select(a > zero, a, p0 * expm1(min(a, zero)))))
FATHOM_FORMULA(gelu,       1, floating, heavy,    a / two * (one + erf(a * p0)))
FATHOM_FORMULA(gelu_tanh,  1, floating, heavy,    a / two * (one + tanh(p0 * fma(p1 * a, a * a, a))))
FATHOM_FORMULA(silu,       1, floating, heavy,    a * sigmoid(a))
FATHOM_FORMULA(hardswish,  1, floating, light,    a * (min(max(zero, a + p0), p1) / p1))
FATHOM_FORMULA(prelu,      2, floating, light,    select(a > zero, a, a * b))
FATHOM_FORMULA(lerp,       2, floating, light,    exponent + exponent < 1 ? fma(p0, b - a, a) : b - (b - a) * (one - p0))
FATHOM_FORMULA(power,      2, floating, heaviest, power(a, b))

FATHOM_FORMULA(div_grad_b,      3, floating, light,    negate(a * (b / c / c)))  // (dy, a, b): the square of b may overflow
FATHOM_FORMULA(maximum_grad_a,  3, floating, light,    select(b == c, a / two, select(b < c, zero, a)))  // (dy, a, b): half at a tie
FATHOM_FORMULA(minimum_grad_a,  3, floating, light,    select(b == c, a / two, select(b > c, zero, a)))  // (dy, a, b)
FATHOM_FORMULA(abs_grad,        2, floating, light,    select(b > zero, a, select(b < zero, -a, zero)))  // (dy, x)
FATHOM_FORMULA(square_grad,     2, floating, light,    two * a * b)  // (dy, x)
FATHOM_FORMULA(clamp_grad,      2, floating, light,    select(is_nan(b), zero, select(b > p0, select(b < p1, a, zero), zero)))  // (dy, x): none at exactly the bounds
FATHOM_FORMULA(reciprocal_grad, 2, floating, light,    negate(a / b / b * p0))  // (dy, x): the square of x may overflow
FATHOM_FORMULA(pow_grad,        2, floating, heaviest, exponent == 0 ? zero : a * (p0 * pow(b, exponent - 1)))  // (dy, x)
FATHOM_FORMULA(exp_grad,        2, floating, light,    a * b)  // (dy, y)
FATHOM_FORMULA(log_grad,        2, floating, light,    a / b)  // (dy, x)
FATHOM_FORMULA(sqrt_grad,       2, floating, light,    a / (b + b))  // (dy, y)
FATHOM_FORMULA(relu_grad,       2, floating, light,    select(is_nan(b), a, select(b > zero, a, zero)))  // (dy, x or y)
FATHOM_FORMULA(leaky_relu_grad, 2, floating, light,    select(b > zero, a, a * p0))  // (dy, x or y)
FATHOM_FORMULA(sigmoid_grad,    2, floating, light,    a * (one - b) * b)  // (dy, y)
FATHOM_FORMULA(tanh_grad,       2, floating, light,    a * (one - b * b))  // (dy, y)
FATHOM_FORMULA(softplus_grad,   2, floating, heavy,    select(b * p0 > p1, a, a * sigmoid(b * p0)))  // (dy, x)
FATHOM_FORMULA(clamp_min_grad,  2, floating, light,    select(is_nan(b), zero, select(b > p0, a, zero)))  // (dy, x)
FATHOM_FORMULA(clamp_max_grad,  2, floating, light,    select(is_nan(b), zero, select(b < p1, a, zero)))  // (dy, x)
FATHOM_FORMULA(relu6_grad,      2, floating, light,    select(is_nan(b), a, select(b > p0, select(b < p1, a, zero), zero)))  // (dy, x)
FATHOM_FORMULA(rsqrt_grad,      2, floating, light,    negate(a / two) * (b * b * b))  // (dy, y)
FATHOM_FORMULA(log1p_grad,      2, floating, light,    a / (b + one))  // (dy, x)
FATHOM_FORMULA(sin_grad,        2, floating, heavy,    a * cos(b))  // (dy, x)
FATHOM_FORMULA(cos_grad,        2, floating, heavy,    a * negate(sin(b)))  // (dy, x)
FATHOM_FORMULA(erf_grad,        2, floating, heavy,    a * (p0 * exp(negate(b * b))))  // (dy, x)
FATHOM_FORMULA(elu_grad,        2, floating, heavy,    select(is_nan(b), a, select(b > zero, a, a * (p0 * exp(min(b, zero))))))  // (dy, x)
FATHOM_FORMULA(gelu_grad,       2, floating, heavy,    a * fma(b * p1, exp(negate(b * b / two)), (one + erf(b * p0)) / two))  // (dy, x)
FATHOM_FORMULA(gelu_tanh_grad,  2, floating, heavy,    a * ((one + tanh(p0 * fma(p1 * b, b * b, b))) / two * fma(b * (one - tanh(p0 * fma(p1 * b, b * b, b))), p0 * fma((one + two) * p1, b * b, one), one)))  // (dy, x)
FATHOM_FORMULA(silu_grad,       2, floating, heavy,    a * (sigmoid(b) * (one + b * (one - sigmoid(b)))))  // (dy, x)
FATHOM_FORMULA(hardswish_grad,  2, floating, light,    select(is_nan(b), a, select(b < p0, select(b > negate(p0), a * (b / p0 + one / two), zero), a)))  // (dy, x)
FATHOM_FORMULA(prelu_grad_a,    3, floating, light,    select(b > zero, a, a * c))  // (dy, a, b)
FATHOM_FORMULA(prelu_grad_b,    3, floating, light,    select(b > zero, zero, a * b))  // (dy, a, b)
FATHOM_FORMULA(lerp_grad_a,     1, floating, light,    a * (one - p0))  // (dy)
FATHOM_FORMULA(power_grad_a,    3, floating, heaviest, select(c == zero, zero, a * (c * power(b, c - one))))  // (dy, a, b)
FATHOM_FORMULA(power_grad_b,    3, floating, heaviest, select((b == zero) & (c >= zero), zero, a * (power(b, c) * log(b))))  // (dy, a, b)

FATHOM_COMPARISON(equal,      a == b)
FATHOM_COMPARISON(not_equal,  !(a == b))
FATHOM_COMPARISON(less,       a < b)
FATHOM_COMPARISON(less_equal, a <= b)

FATHOM_MOVE(copy,        1, everything)  // with conversion of the dtype
FATHOM_MOVE(fill,        0, everything)  // p0; of int64 p0 + p1, added as integers
FATHOM_MOVE(where,       3, computed)  // (bool condition, a, b)
FATHOM_MOVE(logical_not, 1, dtypes(DType::boolean))

#undef FATHOM_FORMULA
#undef FATHOM_COMPARISON
#undef FATHOM_MOVE
// clang-format on
