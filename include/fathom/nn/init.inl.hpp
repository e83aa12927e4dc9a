// Definitions of init.hpp.
#include <algorithm>
#include <cmath>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0 {

FATHOM_INLINE double nn::init::calculate_gain(Nonlinearity nonlinearity, double a) {
    switch (nonlinearity) {
        case Nonlinearity::tanh:
            return 5.0 / 3;
        case Nonlinearity::relu:
            return std::sqrt(2.0);
        case Nonlinearity::leaky_relu:
            return std::sqrt(2 / (1 + a * a));
        default:
            return 1;
    }
}

namespace detail {

FATHOM_INLINE Fans fans_of(const AnyTensor& weight, const char* name, Where site) {
    if (weight.rank() < 2) fail(name, site, {"a weight [out, in, ...] is needed, got shape ", weight.shape()});
    std::int64_t window = 1;
    for (int d = 2; d < weight.rank(); ++d) window *= weight.shape()[d];
    return {static_cast<double>(weight.shape()[1] * window), static_cast<double>(weight.shape()[0] * window)};
}

FATHOM_INLINE double kaiming_std(const AnyTensor& weight, const nn::init::KaimingOptions& options, const char* name,
                                 Where site) {
    const Fans fans = fans_of(weight, name, site);
    const double fan = options.mode == nn::init::FanMode::fan_in ? fans.in : fans.out;
    return fan > 0 ? nn::init::calculate_gain(options.nonlinearity, options.a) / std::sqrt(fan) : 0;
}

FATHOM_INLINE double xavier_std(const AnyTensor& weight, double gain, const char* name, Where site) {
    const Fans fans = fans_of(weight, name, site);
    return fans.in + fans.out > 0 ? gain * std::sqrt(2 / (fans.in + fans.out)) : 0;
}

FATHOM_INLINE void fill_random(const AnyTensor& x, Random op, Generator& gen, double a, double b,
                               CpuKernel<abi::RandomArgs> cpu, const char* name, Where site) {
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    x.impl().storage->bump_version();
    abi::RandomArgs args{};
    args.distribution = op, args.out = array_of(x);
    args.seed = stream.seed, args.offset = stream.offset;
    args.low = a, args.high = b;
    run(x, name, site, operation::random, cpu, args);
}

// x with erf(x) = y in (-1, 1): Giles, "Approximating the erfinv function", GPU Computing Gems 2011, for single
// precision; five steps of Newton's method on the complement of erf, which keeps its digits far out, make it double.
FATHOM_INLINE double inverse_erf(double y) {
    constexpr double middle[] = {2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                                 -0.00125372503, -0.00417768164, 0.246640727,    1.50140941},
                     tails[] = {-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                                -0.0076224613,   0.00943887047,  1.00167406,    2.83297682};
    const double a = std::fabs(y), left = 1 - a, w = -std::log(left * (1 + a));
    const double z = w < 5 ? w - 2.5 : std::sqrt(w) - 3;
    double x = 0;
    for (int i = 0; i < 9; ++i) x = x * z + (w < 5 ? middle[i] : tails[i]);
    x *= a;
    for (int i = 0; i < 5; ++i) x += (std::erfc(x) - left) * 0.88622692545275801 * std::exp(x * x);
    return y < 0 ? -x : x;
}

FATHOM_INLINE void fill_truncated_normal(const AnyTensor& x, Generator& gen, double mean, double std, double low,
                                         double high, Where site) {
    const char* name = "trunc_normal_";
    require_defined(x, name, site);
    if (!(low < high) || !(std > 0))
        fail(name, site, {"std ", std, " and range [", low, ", ", high, "], expected std above 0 and low below high"});
    constexpr double root_half = 0.70710678118654752;
    const double first = std::erf((low - mean) / std * root_half), last = std::erf((high - mean) / std * root_half);
    if (!(first < last)) fail(name, site, {"no normal numbers lie in [", low, ", ", high, "]"});
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    const AnyTensor values = new_tensor(x.shape(), row_major_strides(x.shape()), x.dtype(), Device::cpu(), name, site);
    with_floating(x.dtype(), [&]<class T>(Type<T>) {
        T* p = static_cast<T*>(values.raw_unchecked());
        parallel_for(0, x.numel(), kernels::tuning::random_grain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const double y = first + (last - first) * uniform(stream, static_cast<std::uint64_t>(i));
                const double value = std::fabs(y) < 1 ? mean + std * inverse_erf(y) / root_half : y < 0 ? low : high;
                p[i] = static_cast<T>(std::clamp(value, low, high));
            }
        });
    });
    load_values(x, values, name, site);
}

FATHOM_INLINE void fill_constant(const AnyTensor& x, double value, const ElementwiseKernel& cpu, const char* name,
                                 Where site) {
    x.impl().storage->bump_version();
    run_elementwise(cpu, {x}, {}, name, site, value);
}

}  // namespace detail
}  // namespace fathom::inline v0
