// Reductions: sum, mean, var, max, min. Dimensions may be negative; an empty list means all of them.
#pragma once

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

namespace detail {
// Which dimensions a reduction covers, checked: bit d for dimension d.
unsigned reduced_dims(const Shape& dims, int rank, const char* name, Where site);
// Number of elements that one result covers.
std::int64_t reduced_count(const Shape& shape, unsigned dims);
// y = scale * sum of x; the reduced dimensions stay with size 1 where `keepdim`, else they are gone.
struct ScaledSum final : Function {
    static AnyTensor forward(const AnyTensor& x, unsigned dims, bool keepdim, double scale, DType dtype,
                             CpuKernel<abi::ReduceArgs> cpu, const char* name, Where site);
    void backward(Gradients& g) override;
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
    static_assert(FloatElement<T>, "the mean of integers is a fraction: convert first, as in x.to<float>().mean()");
    if constexpr (FloatElement<T>) {
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
// Variance, divided by n - 1 (unbiased) or n.
template <FloatElement T>
Tensor<T> var(const Tensor<T>& x, const Shape& dims, bool unbiased = true, bool keepdim = false,
              Where site = Where::here()) {
    detail::require_defined(x, "var", site);
    const std::int64_t n = detail::reduced_count(x.shape(), detail::reduced_dims(dims, x.rank(), "var", site));
    const Tensor<T> centred = sub(Operand<T>(x, site), Operand<T>(mean(x, dims, true, site), site));
    const double divisor = static_cast<double>(unbiased && n > 0 ? n - 1 : n);  // of nothing: 0 / 0
    return detail::sum_scaled(square(centred, site), dims, keepdim, 1 / divisor, "var", site);
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
}

template <Element T>
Extreme<T> max(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme<Reduce::max>("max", x, dim, keepdim, site);
}
template <Element T>
Extreme<T> min(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::extreme<Reduce::min>("min", x, dim, keepdim, site);
}
template <Element T>
Tensor<T> max(const Tensor<T>& x, Where site = Where::here()) {
    return max(reshape(x, {-1}, site), 0, false, site).values;
}
template <Element T>
Tensor<T> min(const Tensor<T>& x, Where site = Where::here()) {
    return min(reshape(x, {-1}, site), 0, false, site).values;
}

namespace detail {
// Ones where the extreme was taken from: the indices compared with 0 .. n - 1 along dim.
Tensor<bool> chosen_mask(const AnyTensor& indices, const Shape& shape, int dim, const ElementwiseKernel& equal,
                         Where site);

template <Reduce op, Element T>
Extreme<T> extreme(const char* name, const Tensor<T>& x, int dim, bool keepdim, Where site) {
    require_defined(x, name, site);
    const int d = checked_dim(dim, x.rank(), name, site);
    if (x.shape()[d] == 0) fail(name, site, {"of no elements: shape ", x.shape(), ", dimension ", d});
    Shape shape = x.shape();
    shape[d] = 1;
    auto values = new_tensor<T>(shape, output_strides(shape, {&x.untyped()}), x.device(), name, site);
    const auto indices = new_tensor<std::int64_t>(shape, values.strides(), x.device(), name, site);
    run(x.untyped(), name, site, op == Reduce::max ? operation::max : operation::min, &cpu::reduce<T, op>,
        {.out = array_of(values), .in = array_of(x), .index = array_of(indices), .scale = 1});
    observe(values, name, site, {x});
    if constexpr (FloatElement<T>) {
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
}  // namespace detail

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/reduce.inl.hpp"
#endif
