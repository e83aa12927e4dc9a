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

// Whether one is true, whether all are; of none: false, true.
inline Tensor<bool> any(const Tensor<bool>& x, const Shape& dims = {}, bool keepdim = false,
                        Where site = Where::here()) {
    return not_equal(Operand<std::int64_t>(sum(x, dims, keepdim, site), site), Operand<std::int64_t>(0, site));
}
inline Tensor<bool> all(const Tensor<bool>& x, const Shape& dims = {}, bool keepdim = false,
                        Where site = Where::here()) {
    return equal(Operand<std::int64_t>(sum(logical_not(Operand<bool>(x, site)), dims, keepdim, site), site),
                 Operand<std::int64_t>(0, site));
}

}  // namespace fathom::inline v0
