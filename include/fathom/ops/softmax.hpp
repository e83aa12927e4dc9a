// softmax and log_softmax along one dimension.
#pragma once

#include "fathom/backend/cpu/softmax.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

namespace detail {
struct SoftmaxEntries {
    CpuEntry<abi::SoftmaxArgs> forward, backward;
    AnyTensor (*recorded)(const AnyTensor& dy, const AnyTensor& y, int dim, Where site);
    const autograd::TypeOps* ops;
};
AnyTensor softmax(const SoftmaxEntries& cpu, const AnyTensor& x, int dim, bool log, const char* name, Where site);

template <FloatElement T>
AnyTensor softmax_recorded(const AnyTensor& dy, const AnyTensor& y, int dim, Where site) {
    const Tensor<T> g = typed<T>(dy), s = typed<T>(y);
    return s * (g - sum(g * s, Shape{dim}, true, site));
}
template <FloatElement T>
AnyTensor log_softmax_recorded(const AnyTensor& dy, const AnyTensor& y, int dim, Where site) {
    const Tensor<T> g = typed<T>(dy);
    return g - exp(typed<T>(y), site) * sum(g, Shape{dim}, true, site);
}
template <FloatElement T>
inline constexpr SoftmaxEntries softmax_entries = {&cpu::softmax<T>, &cpu::softmax_backward<T>, &softmax_recorded<T>,
                                                   &autograd::type_ops<T>};
template <FloatElement T>
inline constexpr SoftmaxEntries log_softmax_entries = {&cpu::softmax<T>, &cpu::softmax_backward<T>,
                                                       &log_softmax_recorded<T>, &autograd::type_ops<T>};
}  // namespace detail

template <FloatElement T>
Tensor<T> softmax(const Tensor<T>& x, int dim, Where site = Where::here()) {
    return detail::typed<T>(detail::softmax(detail::softmax_entries<T>, x, dim, false, "softmax", site));
}
template <FloatElement T>
Tensor<T> log_softmax(const Tensor<T>& x, int dim, Where site = Where::here()) {
    return detail::typed<T>(detail::softmax(detail::log_softmax_entries<T>, x, dim, true, "log_softmax", site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/softmax.inl.hpp"
#endif
