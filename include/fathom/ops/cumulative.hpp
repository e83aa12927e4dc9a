// Running sums, and products. Of two bytes they are float's, rounded.
#pragma once

#include "fathom/backend/cpu/scan.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

namespace detail {

// Nothing is recorded.
template <Scan op, Element T>
Tensor<SumOf<T>> scan(const Tensor<T>& x, int dim, bool reverse, bool exclusive, const char* name, Where site) {
    const auto y = new_tensor<SumOf<T>>(x.shape(), output_strides(x.shape(), {&x.untyped()}), x.device(), name, site);
    run(x.untyped(), name, site, operation::scan, &cpu::scan<T, op>,
        {.operation = op,
         .out = array_of(y),
         .in = array_of(x),
         .dim = dim,
         .reverse = reverse,
         .exclusive = exclusive});
    return y;
}

template <FloatElement T>
struct RunningSum final : Function {
    static Tensor<T> forward(const Tensor<T>& x, int dim, bool reverse, const char* name, Where site) {
        return finish<RunningSum>(scan<Scan::sum>(x, dim, reverse, false, name, site), name, site, {x},
                                  [&](RunningSum& f) { f.dim = dim, f.reverse = reverse; });
    }
    // An element counts in every sum from its own on.
    void backward(Gradients& g) override { g.add(0, forward(g.output<T>(), dim, !reverse, name, site)); }

    int dim;
    bool reverse;
};

// x with `by` ones in front of it along dim and the last elements away, or the other way round with `reverse`.
template <FloatElement T>
Tensor<T> moved_behind_ones(const Tensor<T>& x, int dim, std::int64_t by, bool reverse, Where site) {
    const std::int64_t n = x.shape()[dim];
    Shape shape = x.shape();
    shape[dim] = by;
    const auto one = fathom::expand(scalar_tensor(T{1}, x.device(), site), shape, site);
    const auto rest = fathom::narrow(x, dim, reverse ? by : 0, n - by, site);
    return reverse ? fathom::cat<T>({rest, one}, dim, site) : fathom::cat<T>({one, rest}, dim, site);
}
// The products of the elements before each along dim, behind each with `reverse`, recorded: of windows of 1, 2, 4, ...
template <FloatElement T>
Tensor<T> products_of_others(const Tensor<T>& x, int dim, bool reverse, Where site) {
    Tensor<T> window = moved_behind_ones(x, dim, 1, reverse, site);
    for (std::int64_t length = 1; length < x.shape()[dim]; length *= 2)
        window = window * moved_behind_ones(window, dim, length, reverse, site);
    return window;
}

// y = the product along one dimension.
template <FloatElement T>
struct Product final : Function {
    static Tensor<T> forward(const Tensor<T>& x, int dim, bool keepdim, Where site) {
        const auto y = typed<T>(reduce(x, 1u << dim, keepdim, 1, dtype_of<T>, operation::product,
                                       &cpu::reduce<T, Reduce::product>, "prod", site));
        return finish<Product>(y, "prod", site, {x}, [&](Product& f) { f.x = Saved(x), f.dim = dim; });
    }
    // dy times the product of all others: not y / x, which is no number at 0.
    void backward(Gradients& g) override {
        const Tensor<T> in = x.get<T>(*this);
        if (!in.device().is_cpu() || in.numel() == 0) return gradient(g, in);
        give(g, in.shape(), scan<Scan::product>(in, dim, false, true, name, site),
             scan<Scan::product>(in, dim, true, true, name, site));
    }
    void backward_recorded(Gradients& g) override { gradient(g, x.get_recorded<T>(*this)); }
    void release_saved() override { x.release(); }

    void gradient(Gradients& g, const Tensor<T>& in) {
        if (in.numel() == 0) return g.add(0, in);
        give(g, in.shape(), products_of_others(in, dim, false, site), products_of_others(in, dim, true, site));
    }
    void give(Gradients& g, const Shape& shape, const Tensor<T>& before, const Tensor<T>& behind) {
        g.add(0, fathom::reshape(g.output<T>(), kept_shape(shape, 1u << dim), site) * before * behind);
    }

    Saved x;
    int dim;
};

}  // namespace detail

// Sums of the elements up to each along dim. Of integers and masks in int64.
template <Element T>
Tensor<SumOf<T>> cumsum(const Tensor<T>& x, int dim, Where site = Where::here()) {
    detail::require_defined(x, "cumsum", site);
    if (x.rank() == 0) return reshape(cumsum(reshape(x, {1}, site), dim, site), {}, site);
    const int d = detail::checked_dim(dim, x.rank(), "cumsum", site);
    if constexpr (StoredElement<T>) {
        return to<T>(cumsum(to<float>(x, site), d, site), site);
    } else if constexpr (FloatElement<T>) {
        return detail::RunningSum<T>::forward(x, d, false, "cumsum", site);
    } else {
        const auto y = detail::scan<Scan::sum>(x, d, false, false, "cumsum", site);
        detail::observe(y, "cumsum", site, {x});
        return y;
    }
}

// Products of the elements up to each along dim.
template <FractionElement T>
Tensor<T> cumprod(const Tensor<T>& x, int dim, Where site = Where::here()) {
    detail::require_defined(x, "cumprod", site);
    if (x.rank() == 0) return reshape(cumprod(reshape(x, {1}, site), dim, site), {}, site);
    const int d = detail::checked_dim(dim, x.rank(), "cumprod", site);
    if constexpr (StoredElement<T>) {
        return to<T>(cumprod(to<float>(x, site), d, site), site);
    } else {
        Tensor<T> y = x;  // products of the last 1, 2, 4, ... elements up to each
        for (std::int64_t length = 1; length < x.shape()[d]; length *= 2)
            y = mul(Operand<T>(y, site), Operand<T>(detail::moved_behind_ones(y, d, length, false, site), site));
        return y;
    }
}

// Along one dimension, or of all elements. Of integers and masks in int64; of nothing 1.
template <Element T>
Tensor<SumOf<T>> prod(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    detail::require_defined(x, "prod", site);
    if (x.rank() == 0) return prod(reshape(x, {1}, site), dim, false, site);
    const int d = detail::checked_dim(dim, x.rank(), "prod", site);
    if constexpr (StoredElement<T>) {
        return to<T>(prod(to<float>(x, site), d, keepdim, site), site);
    } else if constexpr (FloatElement<T>) {
        return detail::Product<T>::forward(x, d, keepdim, site);
    } else {
        const auto y = detail::typed<std::int64_t>(detail::reduce(
            x, 1u << d, keepdim, 1, DType::int64, operation::product, &cpu::reduce<T, Reduce::product>, "prod", site));
        detail::observe(y, "prod", site, {x});
        return y;
    }
}
template <Element T>
Tensor<SumOf<T>> prod(const Tensor<T>& x, Where site = Where::here()) {
    return prod(reshape(x, {-1}, site), 0, false, site);
}

}  // namespace fathom::inline v0
