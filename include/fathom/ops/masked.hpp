// Choosing by masks: where() with numbers, masked_fill. Tensors in place of the numbers: math.hpp; x[mask]:
// index_list.hpp.
#pragma once

#include "fathom/ops/inplace.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

// where(condition, x, 0): x where the condition holds, else the number.
template <Element T, ScalarFor<T> S>
Tensor<T> where(const Tensor<bool>& condition, const Tensor<T>& a, S b, Where site = Where::here()) {
    detail::require_defined(a, "where", site);
    return where(condition, a, detail::scalar_tensor(detail::scalar_as<T>(b, site), a.device(), site), site);
}
template <Element T, ScalarFor<T> S>
Tensor<T> where(const Tensor<bool>& condition, S a, const Tensor<T>& b, Where site = Where::here()) {
    detail::require_defined(b, "where", site);
    return where(condition, detail::scalar_tensor(detail::scalar_as<T>(a, site), b.device(), site), b, site);
}

// x with the number where the mask is true; both broadcast.
template <Element T, ScalarFor<T> S>
Tensor<T> masked_fill(const Tensor<T>& x, const Tensor<bool>& mask, S value, Where site = Where::here()) {
    detail::broadcast_shape(x, mask, "masked_fill", site);
    return where(mask, value, x, site);
}
// The same with a tensor of no dimensions, which may have a gradient.
template <Element T>
Tensor<T> masked_fill(const Tensor<T>& x, const Tensor<bool>& mask, const Tensor<T>& value,
                      Where site = Where::here()) {
    detail::require_defined(value, "masked_fill", site);
    detail::broadcast_shape(x, mask, "masked_fill", site);
    if (value.rank() != 0) fail("masked_fill", site, {"value has shape ", value.shape(), ", expected []"});
    return where(mask, value, x, site);
}

// In x's own memory; the mask broadcasts to x.
template <Element T>
void masked_fill_assign(Tensor<T>& x, const Tensor<bool>& mask, T value, Where site) {
    const char* name = "masked_fill_";
    detail::require_defined(x, name, site), detail::require_defined(mask, name, site);
    detail::check_device(x, mask, name, site);
    Shape shape;
    if (!detail::broadcast_shapes(mask.shape(), x.shape(), shape) || !(shape == x.shape()))
        fail(name, site, {"mask of shape ", mask.shape(), " does not broadcast to ", x.shape()});
    if (autograd::recording(x.untyped())) {
        autograd::check_in_place(x, true, name, site);
        return detail::become(x, masked_fill(x, mask, value, site), name, site);
    }
    detail::check_writable(x, name, site);
    const AnyTensor number = detail::scalar_tensor(value, x.device(), site),
                    at = detail::apart(mask, x, cpu::kernel<bool, Elementwise::copy>, name, site);
    x.untyped().impl().storage->bump_version();
    detail::run_elementwise(cpu::kernel<T, Elementwise::where>, x, false, {&at, &number, &x.untyped()}, name, site);
    detail::observe(x, name, site);
}

}  // namespace fathom::inline v0
