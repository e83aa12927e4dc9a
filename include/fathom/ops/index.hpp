// Reading and writing at places that tensors of indices name along one dimension: gather, scatter, scatter_add,
// index_select, index_add, and what is made of them: one_hot, bincount. Sums are added in the order of the indices: the
// same bits for any number of threads. Next: index_list.hpp, x.index({i, j}) and masks.
#pragma once

#include "fathom/backend/cpu/index.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

namespace detail {

// The dimension, for an index with as many dimensions as x, none of them larger than x's but that one.
int checked_index(const AnyTensor& x, const AnyTensor& index, std::int64_t dim, const char* name, Where site);
// What is written at an index: at least as large; the part of it that the index covers.
AnyTensor checked_source(const AnyTensor& y, const AnyTensor& x, const AnyTensor& index, const char* name, Where site);
// A list of indices along `dim` as an index of x's shape elsewhere, without a copy.
AnyTensor index_along(const AnyTensor& x, int dim, const AnyTensor& list, const char* name, Where site);

inline abi::IndexArgs index_args(const AnyTensor& x, int dim, const AnyTensor& index, const AnyTensor& y) {
    return {.x = array_of(x), .index = array_of(index), .y = array_of(y), .dim = dim};
}
// A row-major copy without history.
template <Element T>
Tensor<T> dense_copy(const AnyTensor& x, const char* name, Where site) {
    return typed<T>(
        copy_to_strides(detached(x), row_major_strides(x.shape()), cpu::kernel<T, Elementwise::copy>, name, site));
}

template <Element T>
struct ScatterAdd;

// y = x[index] along dim. dx[index] += dy.
template <Element T>
struct Gather final : Function {
    static Tensor<T> forward(const Tensor<T>& x, int dim, const AnyTensor& index, const char* name, Where site) {
        const auto y = new_tensor<T>(index.shape(), row_major_strides(index.shape()), x.device(), name, site);
        run(x.untyped(), name, site, operation::gather, &cpu::gather<T>, index_args(x, dim, index, y));
        if constexpr (FractionElement<T>)
            return typed<T>(finish<Gather>(y.untyped(), name, site, {x}, [&](Gather& f) {
                f.index = Saved(index), f.shape = x.shape(), f.dim = dim;
            }));
        observe(y, name, site, {x});
        return y;
    }
    void backward(Gradients& g) override {
        const Target dx = g.target(0);
        if (!dx.add) autograd::engine::fill(dx.view, 0, *this);
        run(dx.view, name, site, operation::scatter_add, &cpu::scatter_add<T>,
            index_args(dx.view, dim, index.get(*this), g.output()));
    }
    void backward_recorded(Gradients& g) override {
        const auto zero = typed<T>(expand(scalar_tensor(T{}, output.device, site), shape, site));
        g.add(0, ScatterAdd<T>::forward(zero, dim, index.get(*this), g.template output<T>(), name, site));
    }
    void release_saved() override { index.release(); }
    Saved index;
    Shape shape;
    int dim;
};

// out = x, out[index] += y. dx = dout, dy = dout[index].
template <Element T>
struct ScatterAdd final : Function {
    static Tensor<T> forward(const Tensor<T>& x, int dim, const AnyTensor& index, const Tensor<T>& y, const char* name,
                             Where site) {
        const auto out = dense_copy<T>(x, name, site);
        run(x.untyped(), name, site, operation::scatter_add, &cpu::scatter_add<T>, index_args(out, dim, index, y));
        if constexpr (FractionElement<T>)
            return finish<ScatterAdd>(out, name, site, {x, y},
                                      [&](ScatterAdd& f) { f.index = Saved(index), f.dim = dim; });
        observe(out, name, site, {x, y});
        return out;
    }
    void backward(Gradients& g) override {
        const auto dout = g.template output<T>();
        if (g.needs(0)) g.add(0, dout);
        if (g.needs(1)) g.add(1, Gather<T>::forward(dout, dim, index.get(*this), name, site));
    }
    void release_saved() override { index.release(); }
    Saved index;
    int dim;
};

// out = x, out[index] = y. dx = dout, zero at the index; dy = dout[index], right where no place is named twice.
template <Element T>
struct Scatter final : Function {
    static Tensor<T> forward(const Tensor<T>& x, int dim, const AnyTensor& index, const Tensor<T>& y, const char* name,
                             Where site) {
        const auto out = dense_copy<T>(x, name, site);
        run(x.untyped(), name, site, operation::scatter, &cpu::scatter<T>, index_args(out, dim, index, y));
        if constexpr (FractionElement<T>)
            return finish<Scatter>(out, name, site, {x, y}, [&](Scatter& f) { f.index = Saved(index), f.dim = dim; });
        observe(out, name, site, {x, y});
        return out;
    }
    void backward(Gradients& g) override {
        const auto dout = g.template output<T>();
        const AnyTensor& at = index.get(*this);
        if (g.needs(0)) {
            const auto zero = typed<T>(expand(scalar_tensor(T{}, output.device, site), at.shape(), site));
            g.add(0, forward(dout, dim, at, zero, name, site));
        }
        if (g.needs(1)) g.add(1, Gather<T>::forward(dout, dim, at, name, site));
    }
    void release_saved() override { index.release(); }
    Saved index;
    int dim;
};

// x[index] = y or += y in x's own memory; recorded, x becomes the result of the form that makes a new tensor.
template <class F, Element T>
void write_at(Tensor<T>& x, int dim, const AnyTensor& index, const Tensor<T>& y, const char* name, Where site) {
    if (autograd::recording(x.untyped(), y.untyped())) {
        autograd::check_in_place(x, true, name, site);
        return become(x, F::forward(x, dim, index, y, name, site), name, site);
    }
    check_writable(x, name, site);
    const AnyTensor from = apart(y, x, cpu::kernel<T, Elementwise::copy>, name, site),
                    at = apart(index, x, cpu::kernel<std::int64_t, Elementwise::copy>, name, site);
    if constexpr (std::is_same_v<F, Scatter<T>>)
        run(x.untyped(), name, site, operation::scatter, &cpu::scatter<T>, index_args(x, dim, at, from));
    else
        run(x.untyped(), name, site, operation::scatter_add, &cpu::scatter_add<T>, index_args(x, dim, at, from));
    x.untyped().impl().storage->bump_version();
    observe(x, name, site, {y});
}
// A tensor without dimensions as a list of one element, since PyTorch takes it for one.
template <Element T>
Tensor<T> list_of(const Tensor<T>& x, Where site) {
    return x.defined() && x.rank() == 0 ? reshape(x, {1}, site) : x;
}
inline bool is_number(const AnyTensor& x) { return x.defined() && x.rank() == 0; }
template <Element T>
Tensor<T> repeated_scalar(T value, const AnyTensor& like, Where site) {
    return typed<T>(expand(scalar_tensor(value, like.device(), site), like.shape(), site));
}

}  // namespace detail

// out[i, j, k] = x[i, index[i, j, k], k] for dim 1: of index's shape, which is nowhere larger than x's but along dim.
template <Element T>
Tensor<T> gather(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, Where site = Where::here()) {
    if (detail::is_number(x))
        return reshape(gather(detail::list_of(x, site), dim, detail::list_of(index, site), site), index.shape(), site);
    return detail::Gather<T>::forward(x, detail::checked_index(x, index, dim, "gather", site), index, "gather", site);
}
// x with out[i, index[i, j, k], k] = src[i, j, k] for dim 1. Of one place named twice the later value stays; the
// gradient of src is right only where none is.
template <Element T>
Tensor<T> scatter(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                  Where site = Where::here()) {
    if (detail::is_number(x))
        return reshape(
            scatter(detail::list_of(x, site), dim, detail::list_of(index, site), detail::list_of(src, site), site), {},
            site);
    const int d = detail::checked_index(x, index, dim, "scatter", site);
    const auto part = detail::typed<T>(detail::checked_source(src, x, index, "scatter", site));
    return detail::Scatter<T>::forward(x, d, index, part, "scatter", site);
}
template <Element T, ScalarFor<T> S>
Tensor<T> scatter(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, S value,
                  Where site = Where::here()) {
    if (detail::is_number(x))
        return reshape(scatter(detail::list_of(x, site), dim, detail::list_of(index, site), value, site), {}, site);
    const int d = detail::checked_index(x, index, dim, "scatter", site);
    const auto src = detail::repeated_scalar<T>(detail::scalar_as<T>(value, site), index, site);
    return detail::Scatter<T>::forward(x, d, index, src, "scatter", site);
}
// x with out[i, index[i, j, k], k] += src[i, j, k] for dim 1.
template <Element T>
Tensor<T> scatter_add(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                      Where site = Where::here()) {
    if (detail::is_number(x))
        return reshape(
            scatter_add(detail::list_of(x, site), dim, detail::list_of(index, site), detail::list_of(src, site), site),
            {}, site);
    const int d = detail::checked_index(x, index, dim, "scatter_add", site);
    const auto part = detail::typed<T>(detail::checked_source(src, x, index, "scatter_add", site));
    return detail::ScatterAdd<T>::forward(x, d, index, part, "scatter_add", site);
}
// The slices of x that a list of indices names along dim, in its order.
template <Element T>
Tensor<T> index_select(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index,
                       Where site = Where::here()) {
    if (detail::is_number(x)) return reshape(index_select(detail::list_of(x, site), dim, index, site), {}, site);
    detail::require_defined(x, "index_select", site);
    const int d = detail::checked_dim(dim, x.rank(), "index_select", site);
    return detail::Gather<T>::forward(x, d, detail::index_along(x, d, index, "index_select", site), "index_select",
                                      site);
}
namespace detail {
// alpha * src, as large as the list of indices asks, and that list's index.
template <Element T>
AnyTensor index_add_parts(const Tensor<T>& x, int dim, const Tensor<std::int64_t>& list, const Tensor<T>& src,
                          const char* name, Where site) {
    const AnyTensor index = index_along(x, dim, list, name, site);
    require_defined(src, name, site);
    if (!(src.shape() == index.shape()))
        fail(name, site, {"source has shape ", src.shape(), ", expected ", index.shape()});
    check_device(x, src, name, site);
    return index;
}
}  // namespace detail
// x with slice index[i] along dim increased by slice i of src.
template <Element T>
Tensor<T> index_add(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                    Where site = Where::here()) {
    if (detail::is_number(x))
        return reshape(index_add(detail::list_of(x, site), dim, index, detail::list_of(src, site), site), {}, site);
    detail::require_defined(x, "index_add", site);
    const int d = detail::checked_dim(dim, x.rank(), "index_add", site);
    const AnyTensor at = detail::index_add_parts(x, d, index, src, "index_add", site);
    return detail::ScatterAdd<T>::forward(x, d, at, src, "index_add", site);
}

// The same in x's own memory.
template <Element T>
void scatter_assign(Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                    Where site) {
    const int d = detail::checked_index(x, index, dim, "scatter_", site);
    const auto part = detail::typed<T>(detail::checked_source(src, x, index, "scatter_", site));
    detail::write_at<detail::Scatter<T>>(x, d, index, part, "scatter_", site);
}
template <Element T>
void scatter_assign(Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, T value, Where site) {
    const int d = detail::checked_index(x, index, dim, "scatter_", site);
    detail::write_at<detail::Scatter<T>>(x, d, index, detail::repeated_scalar(value, index, site), "scatter_", site);
}
template <Element T>
void scatter_add_assign(Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                        Where site) {
    const int d = detail::checked_index(x, index, dim, "scatter_add_", site);
    const auto part = detail::typed<T>(detail::checked_source(src, x, index, "scatter_add_", site));
    detail::write_at<detail::ScatterAdd<T>>(x, d, index, part, "scatter_add_", site);
}
template <Element T>
void index_add_assign(Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                      Where site) {
    detail::require_defined(x, "index_add_", site);
    const int d = detail::checked_dim(dim, x.rank(), "index_add_", site);
    const AnyTensor at = detail::index_add_parts(x, d, index, src, "index_add_", site);
    detail::write_at<detail::ScatterAdd<T>>(x, d, at, src, "index_add_", site);
}

// 1 at the class of each label, 0 elsewhere, along a new last dimension of num_classes (-1: one more than the largest
// label).
template <std::same_as<std::int64_t> Integer>
Tensor<Integer> one_hot(const Tensor<Integer>& labels, std::int64_t num_classes = -1, Where site = Where::here()) {
    detail::require_defined(labels, "one_hot", site);
    if (num_classes < 1 && num_classes != -1)
        fail("one_hot", site, {"num_classes ", num_classes, ", expected at least 1, or -1 for what the labels need"});
    if (num_classes < 0 && labels.numel() == 0)
        fail("one_hot", site, {"no labels (shape ", labels.shape(), "), so num_classes is needed"});
    const auto column = unsqueeze(labels, -1, site);
    if (num_classes < 0) num_classes = max(labels, site).item(site) + 1;
    Shape shape = column.shape();
    shape[-1] = num_classes;
    const auto zero = detail::scalar_tensor(std::int64_t{0}, labels.device(), site).expand(shape, site);
    const auto one = detail::scalar_tensor(std::int64_t{1}, labels.device(), site).expand(column.shape(), site);
    return detail::Scatter<std::int64_t>::forward(zero, shape.rank() - 1, column, one, "one_hot", site);
}

namespace detail {
template <std::same_as<std::int64_t> Integer>
std::int64_t bincount_size(const Tensor<Integer>& x, std::int64_t minlength, Where site) {
    require_defined(x, "bincount", site);
    if (x.rank() != 1) fail("bincount", site, {"input has shape ", x.shape(), ", expected [n]"});
    if (minlength < 0) fail("bincount", site, {"minlength ", minlength, ", expected at least 0"});
    if (x.numel() == 0) return minlength;
    const std::int64_t size = plus(max(x, site).item(site), 1);
    return size > minlength ? size : minlength;
}
}  // namespace detail
// How often each number occurs among those of x (one dimension, none negative): at least `minlength` counts.
template <std::same_as<std::int64_t> Integer>
Tensor<Integer> bincount(const Tensor<Integer>& x, std::int64_t minlength = 0, Where site = Where::here()) {
    const std::int64_t size = detail::bincount_size(x, minlength, site);
    const auto zero = detail::scalar_tensor(std::int64_t{0}, x.device(), site).expand({size}, site);
    const auto one = detail::scalar_tensor(std::int64_t{1}, x.device(), site).expand(x.shape(), site);
    return detail::ScatterAdd<std::int64_t>::forward(zero, 0, x, one, "bincount", site);
}
// The sum of the weights of each number.
template <Element T>
Tensor<T> bincount(const Tensor<std::int64_t>& x, const Tensor<T>& weights, std::int64_t minlength = 0,
                   Where site = Where::here()) {
    const std::int64_t size = detail::bincount_size(x, minlength, site);
    detail::require_defined(weights, "bincount", site);
    if (!(weights.shape() == x.shape()))
        fail("bincount", site, {"weights have shape ", weights.shape(), ", expected ", x.shape()});
    const auto zero = detail::scalar_tensor(T{}, x.device(), site).expand({size}, site);
    return detail::ScatterAdd<T>::forward(zero, 0, x, weights, "bincount", site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/index.inl.hpp"
#endif
