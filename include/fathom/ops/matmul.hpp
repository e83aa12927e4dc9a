// matmul (batched, broadcast) and linear.
#pragma once

#include "fathom/backend/cpu/matmul.hpp"
#include "fathom/ops/elementwise.hpp"

namespace fathom::inline v0 {

namespace detail {
// out = a b (+ bias), or a b^T where `transposed`; two last dimensions are matrices, the others broadcast.
AnyTensor matmul(const AnyTensor& a, const AnyTensor& b, const AnyTensor& bias, bool transposed,
                 CpuEntry<abi::MatmulArgs> cpu, const autograd::TypeOps* ops, const char* name, Where site);
}  // namespace detail

// a [..., m, k], b [..., k, n] -> [..., m, n]; the leading dimensions broadcast.
template <FloatElement T>
Tensor<T> matmul(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::matmul(a, b, {}, false, &cpu::matmul<T>, &autograd::type_ops<T>, "matmul", site));
}
// x [..., in], weight [out, in], bias [out] or none -> [..., out].
template <FloatElement T>
Tensor<T> linear(const Tensor<T>& x, const Tensor<T>& weight, const std::type_identity_t<Tensor<T>>& bias = {},
                 Where site = Where::here()) {
    if (weight.rank() != 2) fail("linear", site, {"weight has shape ", weight.shape(), ", expected [out, in]"});
    if (x.rank() < 1 || x.shape()[x.rank() - 1] != weight.shape()[1])
        fail("linear", site,
             {"input ", x.shape(), " has a last dimension other than the weight's ", weight.shape()[1], " (weight ",
              weight.shape(), ")"});
    if (bias.defined() && !(bias.shape() == Shape{weight.shape()[0]}))
        fail("linear", site, {"bias has shape ", bias.shape(), ", expected [", weight.shape()[0], "]"});
    const Tensor<T> rows = x.rank() == 2 ? x : reshape(x, {-1, weight.shape()[1]}, site);
    const auto y = Tensor<T>::adopt(
        detail::matmul(rows, weight, bias, true, &cpu::matmul<T>, &autograd::type_ops<T>, "linear", site));
    Shape shape = x.shape();
    shape[shape.rank() - 1] = weight.shape()[0];
    return x.rank() == 2 ? y : reshape(y, shape, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/matmul.inl.hpp"
#endif
