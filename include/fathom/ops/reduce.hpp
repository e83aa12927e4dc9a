// Reductions: sum, mean, var; amax, amin, max, min, argmax, argmin. Dimensions may be negative; an empty list means all
// of them. More: norm.hpp, cumulative.hpp (with prod), mask.hpp.
#pragma once

#include <algorithm>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

namespace detail {
// Which dimensions a reduction covers, checked: bit d for dimension d.
unsigned reduced_dims(const Shape& dims, int rank, const char* name, Where site);
// Number of elements that one result covers.
std::int64_t reduced_count(const Shape& shape, unsigned dims);
// The shape with 1 for the reduced dimensions, or without them.
Shape kept_shape(const Shape& shape, unsigned dims);
Shape reduced_shape(const Shape& shape, unsigned dims, bool keepdim);
// The result of a reduction's kernel; the reduced dimensions stay with size 1 where `keepdim`, else they are gone.
AnyTensor reduce(const AnyTensor& x, unsigned dims, bool keepdim, double scale, DType dtype,
                 Operation<abi::ReduceArgs>& operation, CpuKernel<abi::ReduceArgs> cpu, const char* name, Where site);
// y = scale * sum of x
struct ScaledSum final : Function {
    static AnyTensor forward(const AnyTensor& x, unsigned dims, bool keepdim, double scale, DType dtype,
                             CpuKernel<abi::ReduceArgs> cpu, const char* name, Where site);
    FATHOM_INLINE_MEMBER void backward(Gradients& g) override;
    Shape shape;
    unsigned dims;
    double scale;
};

template <Element T>
Tensor<SumOf<T>> sum_scaled(const Tensor<T>& x, const Shape& dims, bool keepdim, double scale, const char* name,
                            Where site) {
    require_defined(x, name, site);
    const unsigned reduced = reduced_dims(dims, x.rank(), name, site);
    return Tensor<SumOf<T>>::adopt(
        ScaledSum::forward(x, reduced, keepdim, scale, dtype_of<SumOf<T>>, &cpu::reduce<T, Reduce::sum>, name, site));
}

}  // namespace detail

// Integers and masks are summed in int64.
template <Element T>
Tensor<SumOf<T>> sum(const Tensor<T>& x, const Shape& dims, bool keepdim = false, Where site = Where::here()) {
    return detail::sum_scaled(x, dims, keepdim, 1, "sum", site);
}
template <Element T>
Tensor<SumOf<T>> sum(const Tensor<T>& x, Where site = Where::here()) {
    return detail::sum_scaled(x, {}, false, 1, "sum", site);
}
// The mean of no elements is NaN.
template <Element T>
Tensor<T> mean(const Tensor<T>& x, const Shape& dims, bool keepdim = false, Where site = Where::here()) {
    static_assert(FractionElement<T>, "the mean of integers is a fraction: convert first, as in x.to<float>().mean()");
    if constexpr (FractionElement<T>) {
        detail::require_defined(x, "mean", site);
        const std::int64_t n = detail::reduced_count(x.shape(), detail::reduced_dims(dims, x.rank(), "mean", site));
        return detail::sum_scaled(x, dims, keepdim, 1 / static_cast<double>(n), "mean", site);
    } else {
        return {};
    }
}
template <Element T>
Tensor<T> mean(const Tensor<T>& x, Where site = Where::here()) {
    return mean(x, {}, false, site);
}
// Variance: the squared distances from the mean over n - correction, 1 being Bessel's, which leaves no bias.
template <FractionElement T>
Tensor<T> var(const Tensor<T>& x, const Shape& dims = {}, double correction = 1, bool keepdim = false,
              Where site = Where::here()) {
    detail::require_defined(x, "var", site);
    if constexpr (StoredElement<T>) {
        return to<T>(var(to<float>(x, site), dims, correction, keepdim, site), site);
    } else {
        const std::int64_t n = detail::reduced_count(x.shape(), detail::reduced_dims(dims, x.rank(), "var", site));
        const Tensor<T> centred = sub(Operand<T>(x, site), Operand<T>(mean(x, dims, true, site), site));
        const double divisor = std::max(0.0, static_cast<double>(n) - correction);  // of nothing: 0 / 0
        return detail::sum_scaled(square(centred, site), dims, keepdim, 1 / divisor, "var", site);
    }
}

// auto [values, indices] = max(x, 1): the first of equal ones; NaN wins. The gradient goes to that element.
template <Element T>
struct Extreme {
    Tensor<T> values;
    Tensor<std::int64_t> indices;
};

namespace detail {
template <Reduce op, Element T>
Extreme<T> extreme(const char* name, const Tensor<T>& x, int dim, bool keepdim, Where site);
template <Reduce op, Element T>
Tensor<std::int64_t> extreme_index(const char* name, const Tensor<T>& x, int dim, bool keepdim, Where site);
template <Reduce op, Element T>
Tensor<T> extreme_value(const char* name, const Tensor<T>& x, const Shape& dims, bool keepdim, Where site);
}  // namespace detail

template <Element T>
Extreme<T> max(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme<Reduce::max>("max", x, dim, keepdim, site);
}
template <Element T>
Extreme<T> min(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme<Reduce::min>("min", x, dim, keepdim, site);
}
// Of several dimensions; equal ones share the gradient.
template <Element T>
Tensor<T> amax(const Tensor<T>& x, const Shape& dims = {}, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme_value<Reduce::max>("amax", x, dims, keepdim, site);
}
template <Element T>
Tensor<T> amin(const Tensor<T>& x, const Shape& dims = {}, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme_value<Reduce::min>("amin", x, dims, keepdim, site);
}
// Of all elements; equal ones share the gradient here too.
template <Element T>
Tensor<T> max(const Tensor<T>& x, Where site = Where::here()) {
    return detail::extreme_value<Reduce::max>("max", x, {}, false, site);
}
template <Element T>
Tensor<T> min(const Tensor<T>& x, Where site = Where::here()) {
    return detail::extreme_value<Reduce::min>("min", x, {}, false, site);
}
// Where the extreme first stands: along a dimension, or among all elements in row-major order.
template <Element T>
Tensor<std::int64_t> argmax(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme_index<Reduce::max>("argmax", x, dim, keepdim, site);
}
template <Element T>
Tensor<std::int64_t> argmax(const Tensor<T>& x, Where site = Where::here()) {
    return detail::extreme_index<Reduce::max>("argmax", reshape(x.detach(), {-1}, site), 0, false, site);
}
template <Element T>
Tensor<std::int64_t> argmin(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme_index<Reduce::min>("argmin", x, dim, keepdim, site);
}
template <Element T>
Tensor<std::int64_t> argmin(const Tensor<T>& x, Where site = Where::here()) {
    return detail::extreme_index<Reduce::min>("argmin", reshape(x.detach(), {-1}, site), 0, false, site);
}

namespace detail {
// Ones where the extreme was taken from: the indices compared with 0 .. n - 1 along dim.
Tensor<bool> chosen_mask(const AnyTensor& indices, const Shape& shape, int dim, const ElementwiseKernel& equal,
                         Where site);

// Both with size 1 along dim; nothing is recorded.
template <Reduce op, Element T>
Extreme<T> find_extreme(const char* name, const Tensor<T>& x, int dim, Where site) {
    if (x.shape()[dim] == 0) fail(name, site, {"of no elements: shape ", x.shape(), ", dimension ", dim});
    const Shape shape = kept_shape(x.shape(), 1u << dim);
    const auto values = new_tensor<T>(shape, output_strides(shape, {&x.untyped()}), x.device(), name, site);
    const auto indices = new_tensor<std::int64_t>(shape, values.strides(), x.device(), name, site);
    run(x.untyped(), name, site, op == Reduce::max ? operation::max : operation::min, &cpu::reduce<T, op>,
        {.out = array_of(values), .in = array_of(x), .index = array_of(indices), .scale = 1});
    return {values, indices};
}

template <Reduce op, Element T>
Extreme<T> extreme(const char* name, const Tensor<T>& x, int dim, bool keepdim, Where site) {
    require_defined(x, name, site);
    if (x.rank() == 0) return extreme<op>(name, reshape(x, {1}, site), dim, false, site);
    const int d = checked_dim(dim, x.rank(), name, site);
    auto [values, indices] = find_extreme<op>(name, x, d, site);
    observe(values, name, site, {x});
    if constexpr (FractionElement<T>) {
        if (autograd::recording(x.untyped())) {  // the value is the sum of x times the mask: its gradient is the mask
            const Tensor<bool> mask =
                chosen_mask(indices, x.shape(), d, cpu::kernel<std::int64_t, Elementwise::equal>, site);
            const Tensor<T> zero = scalar_tensor(T{}, x.device(), site);
            values = sum(fathom::where(mask, x, zero, site), Shape{d}, true, site);
        }
    }
    if (keepdim) return {values, indices};
    return {squeeze(values, d, site), squeeze(indices, d, site)};
}

template <Reduce op, Element T>
Tensor<std::int64_t> extreme_index(const char* name, const Tensor<T>& x, int dim, bool keepdim, Where site) {
    require_defined(x, name, site);
    if (x.rank() == 0) return extreme_index<op>(name, reshape(x, {1}, site), dim, false, site);
    const int d = checked_dim(dim, x.rank(), name, site);
    const Tensor<std::int64_t> indices = find_extreme<op>(name, x, d, site).indices;
    observe(indices, name, site, {x});
    return keepdim ? indices : squeeze(indices, d, site);
}

// y = the largest or smallest of x.
template <FractionElement T>
struct ExtremeValue final : Function {
    // Shared among those that are y; a NaN is every NaN's.
    void backward(Gradients& g) override {
        const Tensor<T> in = x.get<T>(*this);
        const Shape kept = kept_shape(in.shape(), dims);
        const auto value = fathom::reshape(y.get<T>(*this), kept, site),
                   dy = fathom::reshape(g.output<T>(), kept, site);
        const auto chosen = fathom::where(value != value, in != in, in == value, site);
        const auto count = typed<T>(reduce(to<T>(chosen, site), dims, true, 1, dtype_of<T>, operation::sum,
                                           &cpu::reduce<T, Reduce::sum>, name, site));
        g.add(0, fathom::where(chosen, dy / count, scalar_tensor(T{}, in.device(), site), site));
    }
    void release_saved() override { x.release(), y.release(); }

    Saved x, y;
    unsigned dims;
};

template <Reduce op, Element T>
Tensor<T> extreme_value(const char* name, const Tensor<T>& x, const Shape& dims, bool keepdim, Where site) {
    require_defined(x, name, site);
    const unsigned reduced = reduced_dims(dims, x.rank(), name, site);
    if (reduced_count(x.shape(), reduced) == 0) fail(name, site, {"of no elements: shape ", x.shape()});
    const auto y =
        typed<T>(reduce(x, reduced, keepdim, 1, dtype_of<T>, op == Reduce::max ? operation::max : operation::min,
                        &cpu::reduce<T, op>, name, site));
    if constexpr (FractionElement<T>)
        return finish<ExtremeValue<T>>(
            y, name, site, {x}, [&](ExtremeValue<T>& f) { f.x = Saved(x), f.y = Saved::output(y), f.dims = reduced; });
    observe(y, name, site, {x});
    return y;
}
}  // namespace detail

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/reduce.inl.hpp"
#endif
