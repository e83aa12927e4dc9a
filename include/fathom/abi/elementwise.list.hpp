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
// fma, select(condition, then, otherwise), is_nan, min, max, abs, negate, sqrt, exp, log, log1p, tanh, sigmoid, pow. NaN passes
// through: it is asked for by is_nan, since a comparison with it holds on some paths and not on others. Gradients
// (name_grad) take the output's gradient as a. cost: light, heavy (an exponential) or heaviest (a power).
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
FATHOM_FORMULA(softplus,   1, floating, heavy,    max(a, zero) + log1p(exp(negate(abs(a)))))

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
FATHOM_FORMULA(softplus_grad,   2, floating, heavy,    a * sigmoid(b))  // (dy, x)

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
