#include "fathom/kernels/elementwise.hpp"

#include "fathom/kernels/elementwise.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T, op) \
    template bool elementwise<T, Elementwise::op>(const Loop&, T*, const T*, const T*, const T*, double, double, bool);
#define FATHOM_INSTANTIATE_ANY(T)  \
    FATHOM_INSTANTIATE(T, add)     \
    FATHOM_INSTANTIATE(T, sub)     \
    FATHOM_INSTANTIATE(T, mul)     \
    FATHOM_INSTANTIATE(T, div)     \
    FATHOM_INSTANTIATE(T, maximum) \
    FATHOM_INSTANTIATE(T, minimum) \
    FATHOM_INSTANTIATE(T, affine)  \
    FATHOM_INSTANTIATE(T, neg)     \
    FATHOM_INSTANTIATE(T, abs)     \
    FATHOM_INSTANTIATE(T, square)  \
    FATHOM_INSTANTIATE(T, clamp)
#define FATHOM_INSTANTIATE_FLOATING(T)     \
    FATHOM_INSTANTIATE_ANY(T)              \
    FATHOM_INSTANTIATE(T, reciprocal)      \
    FATHOM_INSTANTIATE(T, pow)             \
    FATHOM_INSTANTIATE(T, exp)             \
    FATHOM_INSTANTIATE(T, log)             \
    FATHOM_INSTANTIATE(T, sqrt)            \
    FATHOM_INSTANTIATE(T, relu)            \
    FATHOM_INSTANTIATE(T, sigmoid)         \
    FATHOM_INSTANTIATE(T, tanh)            \
    FATHOM_INSTANTIATE(T, leaky_relu)      \
    FATHOM_INSTANTIATE(T, div_grad_b)      \
    FATHOM_INSTANTIATE(T, maximum_grad_a)  \
    FATHOM_INSTANTIATE(T, minimum_grad_a)  \
    FATHOM_INSTANTIATE(T, abs_grad)        \
    FATHOM_INSTANTIATE(T, log_grad)        \
    FATHOM_INSTANTIATE(T, relu_grad)       \
    FATHOM_INSTANTIATE(T, pow_grad)        \
    FATHOM_INSTANTIATE(T, leaky_relu_grad) \
    FATHOM_INSTANTIATE(T, clamp_grad)      \
    FATHOM_INSTANTIATE(T, exp_grad)        \
    FATHOM_INSTANTIATE(T, sqrt_grad)       \
    FATHOM_INSTANTIATE(T, sigmoid_grad)    \
    FATHOM_INSTANTIATE(T, tanh_grad)       \
    FATHOM_INSTANTIATE(T, reciprocal_grad) \
    FATHOM_INSTANTIATE(T, square_grad)

FATHOM_INSTANTIATE_FLOATING(float)
FATHOM_INSTANTIATE_FLOATING(double)
FATHOM_INSTANTIATE_ANY(std::int64_t)
FATHOM_INSTANTIATE_ANY(std::int32_t)
FATHOM_INSTANTIATE_ANY(std::uint8_t)

}  // namespace fathom::inline v0::kernels
