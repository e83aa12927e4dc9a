// New tensors, row-major: empty, full, zeros and ones on any device; arange, from_data, rand, randn and randint on the
// CPU. Next: tensor.hpp (what a tensor can do).
#pragma once

#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/cpu/random.hpp"
#include "fathom/core/random.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0 {

// Uninitialised.
template <Element T>
Tensor<T> empty(const Shape& shape, Device device = Device::cpu(), Where site = Where::here()) {
    return detail::new_tensor<T>(shape, detail::row_major_strides(shape), device, "empty", site);
}
template <Element T>
Tensor<T> full(const Shape& shape, ScalarOf<T> value, Device device = Device::cpu(), Where site = Where::here()) {
    Tensor<T> x = empty<T>(shape, device, site);
    detail::run_elementwise(cpu::kernel<T, Elementwise::fill>, {x}, {}, "full", site, static_cast<double>(value));
    return x;
}
template <Element T>
Tensor<T> zeros(const Shape& shape, Device device = Device::cpu(), Where site = Where::here()) {
    return full<T>(shape, ScalarOf<T>{}, device, site);
}
template <Element T>
Tensor<T> ones(const Shape& shape, Device device = Device::cpu(), Where site = Where::here()) {
    return full<T>(shape, ScalarOf<T>{1}, device, site);
}
// begin, begin + step, ... below end (above it for a negative step).
template <Element T>
Tensor<T> arange(ScalarOf<T> begin, ScalarOf<T> end, ScalarOf<T> step = ScalarOf<T>{1}, Where site = Where::here()) {
    const double span = static_cast<double>(end) - static_cast<double>(begin), size = static_cast<double>(step);
    if (!(size != 0)) fail("arange", site, {"step ", size});
    const double steps = span / size;
    auto n = static_cast<std::int64_t>(steps);
    if (static_cast<double>(n) < steps) ++n;
    Tensor<T> x = empty<T>({n > 0 ? n : 0}, Device::cpu(), site);
    T* p = static_cast<T*>(x.any().raw_unchecked());
    for (std::int64_t i = 0; i < x.numel(); ++i) p[i] = static_cast<T>(begin + static_cast<ScalarOf<T>>(i) * step);
    return x;
}
template <Element T>
Tensor<T> arange(ScalarOf<T> end, Where site = Where::here()) {
    return arange<T>(ScalarOf<T>{}, end, ScalarOf<T>{1}, site);
}
// Copies `shape.numel()` values in row-major order.
template <Element T>
Tensor<T> from_data(const T* values, const Shape& shape, Where site = Where::here()) {
    Tensor<T> x = empty<T>(shape, Device::cpu(), site);
    T* p = static_cast<T*>(x.any().raw_unchecked());
    for (std::int64_t i = 0; i < x.numel(); ++i) p[i] = values[i];
    return x;
}

namespace detail {
template <FloatElement T>
Tensor<T> random(Random op, const Shape& shape, Generator& gen, double low, double high, const char* name, Where site) {
    Tensor<T> x = empty<T>(shape, Device::cpu(), site);
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    abi::RandomArgs args{};
    args.distribution = op;
    args.out = array_of(x);
    args.seed = stream.seed, args.offset = stream.offset;
    args.low = low, args.high = high;
    run(x.any(), name, site, operation::random, &cpu::random<T>, args);
    return x;
}
}  // namespace detail

// Uniform in [low, high).
template <FloatElement T>
Tensor<T> rand(const Shape& shape, Generator& gen, double low = 0, double high = 1, Where site = Where::here()) {
    return detail::random<T>(Random::uniform, shape, gen, low, high, "rand", site);
}
template <FloatElement T>
Tensor<T> randn(const Shape& shape, Generator& gen, double mean = 0, double stddev = 1, Where site = Where::here()) {
    return detail::random<T>(Random::normal, shape, gen, mean, stddev, "randn", site);
}
// Integers in [low, high).
template <Element T>
requires std::is_integral_v<T> Tensor<T> randint(std::int64_t low, std::int64_t high, const Shape& shape,
                                                 Generator& gen, Where site = Where::here()) {
    if (high <= low) fail("randint", site, {"range [", low, ", ", high, ") is empty"});
    Tensor<T> x = empty<T>(shape, Device::cpu(), site);
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    T* p = static_cast<T*>(x.any().raw_unchecked());
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const double u = uniform(stream, static_cast<std::uint64_t>(i));
        p[i] = static_cast<T>(low + static_cast<std::int64_t>(u * static_cast<double>(high - low)));
    }
    return x;
}

}  // namespace fathom::inline v0
