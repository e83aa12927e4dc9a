// Masks, tensors of bool: !, &, |, ^ (which broadcast), any and all. Their sum counts (reduce.hpp); where() chooses by
// them (math.hpp).
#pragma once

#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

inline Tensor<bool> logical_not(const Operand<bool>& a) {
    return detail::elementwise<bool>({"logical_not", cpu::kernel<bool, Elementwise::logical_not>, nullptr}, a.tensor(),
                                     {}, a.site);
}

inline Tensor<bool> logical_and(const Operand<bool>& a, const Operand<bool>& b) {
    const detail::TwoTensors<bool> m("logical_and", a, b);
    return where(m.a, m.b, m.a, a.site);
}
inline Tensor<bool> logical_or(const Operand<bool>& a, const Operand<bool>& b) {
    const detail::TwoTensors<bool> m("logical_or", a, b);
    return where(m.a, m.a, m.b, a.site);
}
inline Tensor<bool> logical_xor(const Operand<bool>& a, const Operand<bool>& b) {
    const detail::TwoTensors<bool> m("logical_xor", a, b);
    return where(m.a, logical_not(Operand<bool>(m.b, a.site)), m.b, a.site);
}

namespace detail {
// What is not 0, NaN among it.
template <Element T>
Tensor<bool> mask_of(const Tensor<T>& x, const char* name, Where site) {
    require_defined(x, name, site);
    if constexpr (std::is_same_v<T, bool>)
        return x;
    else
        return not_equal(Operand<T>(x, site), Operand<T>(0, site));
}
}  // namespace detail

// Of numbers: what is not 0 counts as true.
template <Element T>
requires(!std::is_same_v<T, bool>) Tensor<bool> logical_not(const Tensor<T>& x, Where site = Where::here()) {
    return equal(Operand<T>(x, site), Operand<T>(0, site));
}
template <Element T>
requires(!std::is_same_v<T, bool>) Tensor<bool> logical_and(const Tensor<T>& a, const Tensor<T>& b,
                                                            Where site = Where::here()) {
    return logical_and(Operand<bool>(detail::mask_of(a, "logical_and", site), site),
                       Operand<bool>(detail::mask_of(b, "logical_and", site), site));
}
template <Element T>
requires(!std::is_same_v<T, bool>) Tensor<bool> logical_or(const Tensor<T>& a, const Tensor<T>& b,
                                                           Where site = Where::here()) {
    return logical_or(Operand<bool>(detail::mask_of(a, "logical_or", site), site),
                      Operand<bool>(detail::mask_of(b, "logical_or", site), site));
}
template <Element T>
requires(!std::is_same_v<T, bool>) Tensor<bool> logical_xor(const Tensor<T>& a, const Tensor<T>& b,
                                                            Where site = Where::here()) {
    return logical_xor(Operand<bool>(detail::mask_of(a, "logical_xor", site), site),
                       Operand<bool>(detail::mask_of(b, "logical_xor", site), site));
}

// Whether one is true, whether all are; of none: false, true. Of numbers: is not 0.
template <Element T>
Tensor<bool> any(const Tensor<T>& x, const Shape& dims = {}, bool keepdim = false, Where site = Where::here()) {
    const Tensor<std::int64_t> count = sum(detail::mask_of(x, "any", site), dims, keepdim, site);
    return not_equal(Operand<std::int64_t>(count, site), Operand<std::int64_t>(0, site));
}
template <Element T>
Tensor<bool> all(const Tensor<T>& x, const Shape& dims = {}, bool keepdim = false, Where site = Where::here()) {
    const Tensor<bool> not_true = logical_not(Operand<bool>(detail::mask_of(x, "all", site), site));
    return equal(Operand<std::int64_t>(sum(not_true, dims, keepdim, site), site), Operand<std::int64_t>(0, site));
}

}  // namespace fathom::inline v0
