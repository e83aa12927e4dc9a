// New tensors, row-major: empty, full, zeros and ones on any device; arange, from_data, rand, randn and randint on the
// CPU. Next: tensor.hpp (what a tensor can do).
#pragma once

#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/cpu/random.hpp"
#include "fathom/core/random.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/scalar.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0 {

// Uninitialised.
template <Element T>
Tensor<T> empty(const Shape& shape, Device device = Device::cpu(), Where site = Where::here()) {
    return detail::new_tensor<T>(shape, detail::row_major_strides(shape), device, "empty", site);
}
template <Element T, ScalarFor<T> S>
Tensor<T> full(const Shape& shape, S value, Device device = Device::cpu(), Where site = Where::here()) {
    Tensor<T> x = empty<T>(shape, device, site);
    detail::run_fill<T>(x, detail::scalar_as<T>(value, site), "full", site);
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

namespace detail {
// How many of begin, begin + step, ... come before end.
template <class N>
std::int64_t steps_between(N begin, N end, N step, Where site) {
    if (!(step < N{0} || step > N{0})) fail("arange", site, {"step ", step, ", expected one that is not 0"});
    if (step < N{0} ? begin <= end : begin >= end) return 0;
    if constexpr (std::is_integral_v<N>) {
        const auto distance = step > 0 ? static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin)
                                       : static_cast<std::uint64_t>(begin) - static_cast<std::uint64_t>(end);
        const auto size = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
        const std::uint64_t n = (distance - 1) / size + 1;
        if (!std::in_range<std::int64_t>(n)) fail("arange", site, {begin, " to ", end, " are ", n, " steps of ", step});
        return static_cast<std::int64_t>(n);
    } else {
        const N steps = (end - begin) / step;  // rounded as the elements are: 0.1f to 1.1f is one step of 1
        if (!(steps < N{0x1p62})) fail("arange", site, {begin, " to ", end, " are too many steps of ", step});
        const auto n = static_cast<std::int64_t>(steps);
        return static_cast<N>(n) < steps ? n + 1 : n;
    }
}
}  // namespace detail

// begin, begin + step, ... below end (above it for a negative step).
template <Element T, ScalarFor<T> Begin, ScalarFor<T> End, ScalarFor<T> Step = int>
Tensor<T> arange(Begin begin, End end, Step step = 1, Where site = Where::here()) {
    using N = std::conditional_t<std::is_integral_v<T>, std::int64_t, ScalarOf<T>>;
    const N first = detail::scalar_as<N>(begin, site), by = detail::scalar_as<N>(step, site);
    const std::int64_t n = detail::steps_between<N>(first, detail::scalar_as<N>(end, site), by, site);
    Tensor<T> x = empty<T>({n}, Device::cpu(), site);
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < n; ++i) {
        if constexpr (std::is_integral_v<T>) {  // i times `by` may be beyond 2^63 where the sum is not
            const auto value =
                static_cast<std::uint64_t>(first) + static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(by);
            p[i] = detail::scalar_as<T>(static_cast<std::int64_t>(value), site);
        } else {
            p[i] = detail::scalar_as<T>(first + static_cast<N>(i) * by, site);
        }
    }
    return x;
}
template <Element T, ScalarFor<T> End>
Tensor<T> arange(End end, Where site = Where::here()) {
    return arange<T>(0, end, 1, site);
}
// Copies `shape.numel()` values in row-major order.
template <Element T>
Tensor<T> from_data(const T* values, const Shape& shape, Where site = Where::here()) {
    Tensor<T> x = empty<T>(shape, Device::cpu(), site);
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
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
    run(x.untyped(), name, site, operation::random, &cpu::random<T>, args);
    return x;
}
}  // namespace detail

// Uniform in [low, high).
template <FloatElement T>
Tensor<T> rand(const Shape& shape, Generator& gen, double low = 0, double high = 1, Where site = Where::here()) {
    if (!(low <= high && is_finite(high - low)))
        fail("rand", site, {"range [", low, ", ", high, ") is empty or not finite"});
    return detail::random<T>(Random::uniform, shape, gen, low, high, "rand", site);
}
template <FloatElement T>
Tensor<T> randn(const Shape& shape, Generator& gen, double mean = 0, double stddev = 1, Where site = Where::here()) {
    if (!(stddev >= 0 && is_finite(mean) && is_finite(stddev)))
        fail("randn", site, {"mean ", mean, ", stddev ", stddev, ", expected finite ones and stddev at least 0"});
    return detail::random<T>(Random::normal, shape, gen, mean, stddev, "randn", site);
}
// Integers in [low, high).
template <Element T>
requires std::is_integral_v<T> Tensor<T> randint(std::int64_t low, std::int64_t high, const Shape& shape,
                                                 Generator& gen, Where site = Where::here()) {
    if (high <= low) fail("randint", site, {"range [", low, ", ", high, ") is empty"});
    static_cast<void>(detail::scalar_as<T>(low, site)), static_cast<void>(detail::scalar_as<T>(high - 1, site));
    Tensor<T> x = empty<T>(shape, Device::cpu(), site);
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    const double range = static_cast<double>(high) - static_cast<double>(low);
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const auto above = static_cast<std::uint64_t>(uniform(stream, static_cast<std::uint64_t>(i)) * range);
        const auto value = static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + above);
        p[i] = static_cast<T>(value < high ? value : high - 1);  // a range beyond 2^53 is rounded
    }
    return x;
}

}  // namespace fathom::inline v0
