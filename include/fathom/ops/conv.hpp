// conv2d: convolution (cross-correlation, as every framework calls it) with bias and activation in one pass.
#pragma once

#include "fathom/backend/cpu/conv.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

// One number for both directions, or {vertical, horizontal}.
struct Pair {
    std::int64_t h, w;
    constexpr Pair(Dim both) : h(both.value), w(both.value) {}
    constexpr Pair(Dim vertical, Dim horizontal) : h(vertical.value), w(horizontal.value) {}
    template <class I>
    requires std::is_integral_v<I>
    constexpr Pair(I both) : Pair(Dim(both)) {}
};

// The fields are in the order of PyTorch's arguments; activation and slope come after them.
struct Conv2dOptions {
    Pair stride = 1;
    Pair padding = 0;  // zeros on each side
    Pair dilation = 1;
    std::int64_t groups = 1;
    Activation activation = Activation::none;  // applied to the result, in the same pass
    double slope = 0.01;                       // of leaky_relu
};

namespace detail {

struct ConvEntries {
    CpuEntry<abi::ConvArgs> forward, data, weight;
    CpuEntry<abi::ElementwiseArgs> relu_grad, leaky_relu_grad;
    AnyTensor (*mul)(const AnyTensor&, const AnyTensor&);
    const autograd::TypeOps* ops;
};
template <FloatElement T>
inline constexpr ConvEntries conv_entries = {&cpu::conv_forward<T>,
                                             &cpu::conv_data<T>,
                                             &cpu::conv_weight<T>,
                                             cpu_entry<T, Elementwise::relu_grad>,
                                             cpu_entry<T, Elementwise::leaky_relu_grad>,
                                             &mul_recorded<T>,
                                             &autograd::type_ops<T>};

// Into `out` where it is defined: a slice of a dense buffer that nobody has read yet.
AnyTensor conv2d(const ConvEntries& cpu, const AnyTensor& x, const AnyTensor& weight, const AnyTensor& bias,
                 const Conv2dOptions& options, Where site, const AnyTensor& out = {});
// What a kernel sees of an image: its pixel stride written into every stride, also where a size of 1 leaves them open.
abi::Array image_array(const AnyTensor& x);
// Itself if its pixels lie at one stride, else a recorded channels-last copy.
AnyTensor with_pixel_stride(const AnyTensor& x, CpuEntry<abi::ElementwiseArgs> copy, const char* name, Where site);

}  // namespace detail

// x [N, C, H, W], weight [K, C / groups, kh, kw], bias [K] or none -> [N, K, H', W'] with channels-last strides.
// H' = (H + 2 padding - dilation (kh - 1) - 1) / stride + 1, rounded down.
template <FloatElement T>
Tensor<T> conv2d(const Tensor<T>& x, const Tensor<T>& weight, const std::type_identity_t<Tensor<T>>& bias = {},
                 const Conv2dOptions& options = {}, Where site = Where::here()) {
    return detail::typed<T>(detail::conv2d(detail::conv_entries<T>, x, weight, bias, options, site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/conv.inl.hpp"
#endif
