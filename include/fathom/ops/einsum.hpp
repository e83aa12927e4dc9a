// einsum: sums of products named by their indices, as torch.einsum writes them. Made of permute, mul, matmul and sum.
#pragma once

#include <string_view>
#include <vector>

#include "fathom/ops/matmul.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

namespace detail {
// The recorded operations of one element type.
struct EinsumOps {
    AnyTensor (*mul)(const AnyTensor& a, const AnyTensor& b, Where site);
    AnyTensor (*matmul)(const AnyTensor& a, const AnyTensor& b, Where site);
    AnyTensor (*sum)(const AnyTensor& x, const Shape& dims, Where site);
    ElementwiseKernel copy;
};
AnyTensor einsum(std::string_view equation, const std::vector<AnyTensor>& operands, const EinsumOps& ops, Where site);

template <FloatElement T>
inline constexpr EinsumOps einsum_ops = {
    [](const AnyTensor& a, const AnyTensor& b, Where site) -> AnyTensor {
        const Tensor<T> p = typed<T>(a), q = typed<T>(b);
        return mul(Operand<T>(p, site), Operand<T>(q, site));
    },
    [](const AnyTensor& a, const AnyTensor& b, Where site) -> AnyTensor {
        return matmul(typed<T>(a), typed<T>(b), site);
    },
    [](const AnyTensor& x, const Shape& dims, Where site) -> AnyTensor { return sum(typed<T>(x), dims, false, site); },
    cpu::kernel<T, Elementwise::copy>};
}  // namespace detail

// einsum("bij,bjk->bik", {a, b}): a letter for each dimension of each operand; those that the output lacks are summed
// over. A letter that an operand repeats is its diagonal; "..." stands for dimensions that broadcast; sizes of 1
// broadcast too. Without "->" the output has the dimensions of "...", then the letters that stand only once, A to z.
// Operands are contracted from left to right.
template <FloatElement T>
Tensor<T> einsum(std::string_view equation, const std::vector<Tensor<T>>& operands, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::einsum(equation, {operands.begin(), operands.end()}, detail::einsum_ops<T>, site));
}
template <FloatElement T, std::size_t count>
Tensor<T> einsum(std::string_view equation, const Tensor<T> (&operands)[count], Where site = Where::here()) {
    return Tensor<T>::adopt(detail::einsum(equation, {operands, operands + count}, detail::einsum_ops<T>, site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/einsum.inl.hpp"
#endif
