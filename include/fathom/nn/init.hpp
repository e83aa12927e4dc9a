// Initial values, named as in torch.nn.init. Each writes into the tensor it is given; nothing is recorded.
#pragma once

#include "fathom/tensor/factories.hpp"
#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0 {

namespace nn::init {

enum class FanMode { fan_in, fan_out };
enum class Nonlinearity { linear, sigmoid, tanh, relu, leaky_relu };

struct KaimingOptions {
    double a = 0;  // negative slope of the leaky ReLU behind the layer
    FanMode mode = FanMode::fan_in;
    Nonlinearity nonlinearity = Nonlinearity::leaky_relu;
};

// What keeps the variance through a nonlinearity: sqrt(2) for ReLU, 5/3 for tanh, 1 for none, and for leaky ReLU
//   sqrt(2 / (1 + a^2))
double calculate_gain(Nonlinearity nonlinearity, double a = 0.01);

}  // namespace nn::init

namespace detail {

// Inputs that one output of a weight [out, in, ...] sees, and outputs that one input reaches.
struct Fans {
    double in, out;
};
Fans fans_of(const AnyTensor& weight, const char* name, Where site);
// sqrt(1 / fan) times the gain: the standard deviation.
double kaiming_std(const AnyTensor& weight, const nn::init::KaimingOptions& options, const char* name, Where site);
double xavier_std(const AnyTensor& weight, double gain, const char* name, Where site);
// In place, in logical order, from the generator's next numbers.
void fill_random(const AnyTensor& x, Random op, Generator& gen, double a, double b, CpuKernel<abi::RandomArgs> cpu,
                 const char* name, Where site);
// Normal numbers between low and high: the inverse of the distribution's cumulative function at uniform numbers.
void fill_truncated_normal(const AnyTensor& x, Generator& gen, double mean, double std, double low, double high,
                           Where site);
void fill_constant(const AnyTensor& x, double value, const ElementwiseKernel& cpu, const char* name, Where site);

}  // namespace detail

namespace nn::init {

template <FloatElement T>
void uniform_(Tensor<T> x, Generator& gen, double low = 0, double high = 1, Where site = Where::here()) {
    detail::fill_random(x, Random::uniform, gen, low, high, &cpu::random<T>, "uniform_", site);
}
template <FloatElement T>
void normal_(Tensor<T> x, Generator& gen, double mean = 0, double std = 1, Where site = Where::here()) {
    detail::fill_random(x, Random::normal, gen, mean, std, &cpu::random<T>, "normal_", site);
}
// Normal numbers, those outside [low, high] drawn again.
template <FloatElement T>
void trunc_normal_(Tensor<T> x, Generator& gen, double mean = 0, double std = 1, double low = -2, double high = 2,
                   Where site = Where::here()) {
    detail::fill_truncated_normal(x, gen, mean, std, low, high, site);
}
template <FloatElement T>
void constant_(Tensor<T> x, double value, Where site = Where::here()) {
    detail::fill_constant(x, value, cpu::kernel<T, Elementwise::fill>, "constant_", site);
}
template <FloatElement T>
void zeros_(Tensor<T> x, Where site = Where::here()) {
    constant_(x, 0, site);
}
template <FloatElement T>
void ones_(Tensor<T> x, Where site = Where::here()) {
    constant_(x, 1, site);
}
// He et al., "Delving deep into rectifiers", ICCV 2015: bound sqrt(3) gain / sqrt(fan).
template <FloatElement T>
void kaiming_uniform_(Tensor<T> weight, Generator& gen, const KaimingOptions& options = {},
                      Where site = Where::here()) {
    const double bound = 1.7320508075688772 * detail::kaiming_std(weight, options, "kaiming_uniform_", site);
    detail::fill_random(weight, Random::uniform, gen, -bound, bound, &cpu::random<T>, "kaiming_uniform_", site);
}
// Standard deviation gain / sqrt(fan).
template <FloatElement T>
void kaiming_normal_(Tensor<T> weight, Generator& gen, const KaimingOptions& options = {}, Where site = Where::here()) {
    const double std = detail::kaiming_std(weight, options, "kaiming_normal_", site);
    detail::fill_random(weight, Random::normal, gen, 0, std, &cpu::random<T>, "kaiming_normal_", site);
}
// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010: bound
// gain sqrt(6 / (in + out)).
template <FloatElement T>
void xavier_uniform_(Tensor<T> weight, Generator& gen, double gain = 1, Where site = Where::here()) {
    const double bound = 1.7320508075688772 * detail::xavier_std(weight, gain, "xavier_uniform_", site);
    detail::fill_random(weight, Random::uniform, gen, -bound, bound, &cpu::random<T>, "xavier_uniform_", site);
}
template <FloatElement T>
void xavier_normal_(Tensor<T> weight, Generator& gen, double gain = 1, Where site = Where::here()) {
    const double std = detail::xavier_std(weight, gain, "xavier_normal_", site);
    detail::fill_random(weight, Random::normal, gen, 0, std, &cpu::random<T>, "xavier_normal_", site);
}
// What PyTorch's Conv2d and Linear start with: Kaiming uniform with a = sqrt(5), so +-1 / sqrt(fan_in), for weight and
// bias alike.
template <FloatElement T>
void default_(Tensor<T> weight, const std::type_identity_t<Tensor<T>>& bias, Generator& gen,
              Where site = Where::here()) {
    const double bound = 1.7320508075688772 * detail::kaiming_std(weight, {.a = 2.23606797749979}, "default_", site);
    uniform_(weight, gen, -bound, bound, site);
    if (bias.defined()) uniform_(bias, gen, -bound, bound, site);
}

}  // namespace nn::init
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/init.inl.hpp"
#endif
