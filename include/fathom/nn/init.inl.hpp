// Definitions of init.hpp.
#include <cmath>

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

FATHOM_INLINE void fill_constant(const AnyTensor& x, double value, const ElementwiseKernel& cpu, const char* name,
                                 Where site) {
    x.impl().storage->bump_version();
    run_elementwise(cpu, {x}, {}, name, site, value);
}

}  // namespace detail
}  // namespace fathom::inline v0
