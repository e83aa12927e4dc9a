// conv_transpose2d: the transposed convolution, which is the gradient of conv2d with respect to its input.
#pragma once

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/conv.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments.
struct ConvTranspose2dOptions {
    Pair stride = 1;
    Pair padding = 0;         // taken away from each side of the result
    Pair output_padding = 0;  // added at the bottom and on the right; less than stride
    std::int64_t groups = 1;
    Pair dilation = 1;
};

namespace detail {
// The convolution that this one transposes, everything checked: our result is its input and our input its output.
Convolution transposed_convolution(const AnyTensor& x, const AnyTensor& weight, const AnyTensor& bias,
                                   const ConvTranspose2dOptions& options, Where site);
}  // namespace detail

// x [N, C, H, W], weight [C, K / groups, kh, kw], bias [K] or none -> [N, K, H', W'] with channels-last strides; of
// one image [C, H, W], [K, H', W']:
//   H' = (H - 1) stride - 2 padding + dilation (kh - 1) + output_padding + 1
template <FloatElement T>
Tensor<T> conv_transpose2d(const Tensor<T>& x, const Tensor<T>& weight,
                           const std::type_identity_t<Tensor<T>>& bias = {}, const ConvTranspose2dOptions& options = {},
                           Where site = Where::here()) {
    const char* name = "conv_transpose2d";
    if (x.defined() && x.rank() == 3)
        return squeeze(conv_transpose2d(unsqueeze(x, 0, site), weight, bias, options, site), 0, site);
    const detail::Convolution conv = detail::transposed_convolution(x, weight, bias, options, site);
    const detail::ElementwiseKernel& copy = cpu::kernel<T, Elementwise::copy>;
    const Tensor<T> y = detail::Conv2dData<T>::forward(conv, detail::row_major(weight, copy, name, site),
                                                       detail::with_pixel_stride(x, copy, name, site), site);
    return bias.defined() ? add(Operand<T>(y, site), Operand<T>(reshape(bias, {bias.size(0), 1, 1}, site), site)) : y;
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/conv_transpose.inl.hpp"
#endif
