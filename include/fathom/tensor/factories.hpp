// New tensors, row-major: empty, full, zeros and ones on any device; arange, linspace, eye, values of the caller's and
// random numbers on the CPU; others like a tensor. Next: tensor.hpp (what a tensor can do).
#pragma once

#include <vector>

#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/cpu/random.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/core/random.hpp"
#include "fathom/kernels/tuning.hpp"
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
template <class Number>
std::int64_t steps_between(Number begin, Number end, Number step, Where site) {
    if (!(step < Number{0} || step > Number{0})) fail("arange", site, {"step ", step, ", expected one that is not 0"});
    if (step < Number{0} ? begin <= end : begin >= end) return 0;
    if constexpr (std::is_integral_v<Number>) {
        const auto distance = step > 0 ? static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin)
                                       : static_cast<std::uint64_t>(begin) - static_cast<std::uint64_t>(end);
        const auto size = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
        const std::uint64_t n = (distance - 1) / size + 1;
        if (!std::in_range<std::int64_t>(n)) fail("arange", site, {begin, " to ", end, " are ", n, " steps of ", step});
        return static_cast<std::int64_t>(n);
    } else {
        const Number steps = (end - begin) / step;  // rounded as the elements are: 0.1f to 1.1f is one step of 1
        if (!(steps < Number{0x1p62})) fail("arange", site, {begin, " to ", end, " are too many steps of ", step});
        const auto n = static_cast<std::int64_t>(steps);
        return static_cast<Number>(n) < steps ? n + 1 : n;
    }
}
}  // namespace detail

// begin, begin + step, ... below end (above it for a negative step).
template <Element T, ScalarFor<T> Begin, ScalarFor<T> End, ScalarFor<T> Step = int>
Tensor<T> arange(Begin begin, End end, Step step = 1, Where site = Where::here()) {
    using Number = std::conditional_t<std::is_integral_v<T>, std::int64_t, ScalarOf<T>>;
    const Number first = detail::scalar_as<Number>(begin, site), by = detail::scalar_as<Number>(step, site);
    const std::int64_t n = detail::steps_between<Number>(first, detail::scalar_as<Number>(end, site), by, site);
    Tensor<T> x = empty<T>({n}, Device::cpu(), site);
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < n; ++i) {
        if constexpr (std::is_integral_v<T>) {  // i times `by` may be beyond 2^63 where the sum is not
            const auto value =
                static_cast<std::uint64_t>(first) + static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(by);
            p[i] = detail::scalar_as<T>(static_cast<std::int64_t>(value), site);
        } else {
            p[i] = detail::scalar_as<T>(first + static_cast<Number>(i) * by, site);
        }
    }
    return x;
}
template <Element T, ScalarFor<T> End>
Tensor<T> arange(End end, Where site = Where::here()) {
    return arange<T>(0, end, 1, site);
}
// `steps` numbers from start to end, both among them, at equal distances; integers drop what is behind the point.
template <Element T, ScalarFor<double> Start, ScalarFor<double> End>
Tensor<T> linspace(Start start, End end, std::int64_t steps, Where site = Where::here()) {
    if (steps < 0) fail("linspace", site, {"steps ", steps, ", expected at least 0"});
    Tensor<T> x = empty<T>({steps}, Device::cpu(), site);
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    const double first = static_cast<double>(detail::scalar_as<ScalarOf<T>>(start, site)),
                 last = static_cast<double>(detail::scalar_as<ScalarOf<T>>(end, site)),
                 step = steps > 1 ? (last - first) / static_cast<double>(steps - 1) : 0;
    // From both ends, so that both are exact.
    for (std::int64_t i = 0; i < steps; ++i) {
        const bool near_start = i < steps / 2 || steps == 1;
        const double moved = step * static_cast<double>(near_start ? i : steps - 1 - i);
        const double value = near_start ? first + moved : last - moved;
        if constexpr (std::is_integral_v<T>)
            p[i] = kernels::convert<T>(value);
        else
            p[i] = detail::scalar_as<T>(value, site);
    }
    return x;
}
// Ones on the main diagonal of a matrix, zeros elsewhere; square for columns = -1.
template <Element T>
Tensor<T> eye(std::int64_t rows, std::int64_t columns = -1, Where site = Where::here()) {
    if (columns == -1) columns = rows;
    if (rows < 0 || columns < 0) fail("eye", site, {rows, " rows, ", columns, " columns, expected none below 0"});
    Tensor<T> x = zeros<T>({rows, columns}, Device::cpu(), site);
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < rows && i < columns; ++i) p[i * columns + i] = static_cast<T>(1);
    return x;
}
// Copies `shape.numel()` values in row-major order.
template <Element T>
Tensor<T> from_data(const T* values, const Shape& shape, Where site = Where::here()) {
    Tensor<T> x = empty<T>(shape, Device::cpu(), site);
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < x.numel(); ++i) p[i] = values[i];
    return x;
}

// Copies the values; of shape [n] without one.
template <Element T>
Tensor<T> from_vector(const std::vector<T>& values, const Shape& shape, Where site = Where::here()) {
    std::int64_t n = 0;
    if (!shape.count(n) || !std::in_range<std::int64_t>(values.size()) || static_cast<std::size_t>(n) != values.size())
        fail("from_vector", site, {values.size(), " values for shape ", shape});
    Tensor<T> x = empty<T>(shape, Device::cpu(), site);
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    for (const T value : values) *p++ = value;
    return x;
}
template <Element T>
Tensor<T> from_vector(const std::vector<T>& values, Where site = Where::here()) {
    return from_vector(values, Shape{values.size()}, site);
}

namespace detail {
template <class T, class Deleter>
struct BlobOwner final : Refcounted {
    BlobOwner(T* p, Deleter d) : data(p), deleter(std::move(d)) {}
    ~BlobOwner() override { deleter(data); }
    T* data;
    Deleter deleter;
};
template <Element T>
Tensor<T> from_blob(T* data, const Shape& shape, Ref<Refcounted> owner, Where site) {
    const std::int64_t bytes = checked_bytes(shape, dtype_of<T>, "from_blob", site);
    if (!data && bytes > 0) fail("from_blob", site, {"no memory for shape ", shape});
    Ref<TensorImpl> impl(new TensorImpl);
    impl->storage = Ref<Storage>(new Storage(data, bytes, std::move(owner)));
    impl->shape = shape, impl->strides = row_major_strides(shape), impl->dtype = dtype_of<T>;
    return Tensor<T>::adopt(AnyTensor(std::move(impl)));
}
}  // namespace detail

// A tensor of memory that is the caller's, row-major, without a copy. It must outlive the tensor and its views; or
// deleter(data) is called after the last of them.
template <Element T>
Tensor<T> from_blob(T* data, const Shape& shape, Where site = Where::here()) {
    return detail::from_blob(data, shape, {}, site);
}
template <Element T, class Deleter>
requires std::is_invocable_v<Deleter&, T*> Tensor<T> from_blob(T* data, const Shape& shape, Deleter deleter,
                                                               Where site = Where::here()) {
    return detail::from_blob(data, shape, Ref<Refcounted>(new detail::BlobOwner<T, Deleter>(data, std::move(deleter))),
                             site);
}

namespace detail {
template <FractionElement T>
Tensor<T> random(Random op, const Shape& shape, Generator& gen, double low, double high, const char* name, Where site) {
    using A = ArithmeticOf<T>;
    const Tensor<A> x = empty<A>(shape, Device::cpu(), site);
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    abi::RandomArgs args{};
    args.distribution = op;
    args.out = array_of(x);
    args.seed = stream.seed, args.offset = stream.offset;
    args.low = low, args.high = high;
    run(x.untyped(), name, site, operation::random, &cpu::random<A>, args);
    if constexpr (StoredElement<T>) {
        const Tensor<T> rounded = empty<T>(shape, Device::cpu(), site);
        run_elementwise(cpu::conversion<A, T>, {rounded}, {&x.untyped()}, name, site);
        return rounded;
    } else {
        return x;
    }
}
}  // namespace detail

// Uniform in [low, high); of two bytes rounded, so that high may come up.
template <FractionElement T>
Tensor<T> rand(const Shape& shape, Generator& gen, double low = 0, double high = 1, Where site = Where::here()) {
    if (!(low <= high && is_finite(high - low)))
        fail("rand", site, {"range [", low, ", ", high, ") is empty or not finite"});
    return detail::random<T>(Random::uniform, shape, gen, low, high, "rand", site);
}
template <FractionElement T>
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
    using A = ArithmeticOf<T>;
    const Tensor<A> x = empty<A>(shape, Device::cpu(), site);
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(x.numel()));
    T* p = static_cast<T*>(x.untyped().raw_unchecked());
    const double range = static_cast<double>(high) - static_cast<double>(low);
    parallel_for(0, x.numel(), kernels::tuning::random_grain, [=](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            const auto above = static_cast<std::uint64_t>(uniform(stream, static_cast<std::uint64_t>(i)) * range);
            const auto value = static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + above);
            p[i] = static_cast<T>(value < high ? value : high - 1);  // a range beyond 2^53 is rounded
        }
    });
    return x;
}
// 0 .. n - 1 in random order.
inline Tensor<std::int64_t> randperm(std::int64_t n, Generator& gen, Where site = Where::here()) {
    if (n < 0) fail("randperm", site, {"n ", n, ", expected at least 0"});
    const auto x = arange<std::int64_t>(n, site);
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(n));
    auto* const p = static_cast<std::int64_t*>(x.untyped().raw_unchecked());
    // Fisher and Yates: each place exchanges with one that is not behind it.
    const Scratch memory(n * std::int64_t{sizeof(std::int64_t)}, "randperm");
    auto* const partners = memory.as<std::int64_t>();
    parallel_for(0, n, kernels::tuning::random_grain, [=](std::int64_t i, std::int64_t last) {
        for (; i < last; ++i) {
            const auto drawn =
                static_cast<std::int64_t>(uniform(stream, static_cast<std::uint64_t>(i)) * static_cast<double>(i + 1));
            partners[i] = drawn < i ? drawn : i;
        }
    });
    for (std::int64_t i = n - 1; i > 0; --i) std::swap(p[i], p[partners[i]]);
    return x;
}

// Of x's shape, order of memory and device.
template <Element T>
Tensor<T> empty_like(const Tensor<T>& x, Where site = Where::here()) {
    detail::require_defined(x, "empty_like", site);
    return detail::new_tensor<T>(x.shape(), detail::strides_in_order_of(x.shape(), x.shape(), x.strides()), x.device(),
                                 "empty_like", site);
}
template <Element T, ScalarFor<T> S>
Tensor<T> full_like(const Tensor<T>& x, S value, Where site = Where::here()) {
    Tensor<T> y = empty_like(x, site);
    detail::run_fill<T>(y, detail::scalar_as<T>(value, site), "full_like", site);
    return y;
}
template <Element T>
Tensor<T> zeros_like(const Tensor<T>& x, Where site = Where::here()) {
    return full_like(x, ScalarOf<T>{}, site);
}
template <Element T>
Tensor<T> ones_like(const Tensor<T>& x, Where site = Where::here()) {
    return full_like(x, ScalarOf<T>{1}, site);
}
// Of x's shape, on the CPU.
template <FractionElement T>
Tensor<T> rand_like(const Tensor<T>& x, Generator& gen, Where site = Where::here()) {
    return rand<T>(x.shape(), gen, 0, 1, site);
}
template <FractionElement T>
Tensor<T> randn_like(const Tensor<T>& x, Generator& gen, Where site = Where::here()) {
    return randn<T>(x.shape(), gen, 0, 1, site);
}

}  // namespace fathom::inline v0
