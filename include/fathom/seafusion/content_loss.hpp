// SeAFusion's content loss: intensity L1(F, max(Y, IR)) + alpha * texture L1(|grad F|, max(|grad Y|, |grad IR|)), each
// a mean over all pixels; |grad| is the Sobel magnitude with zero padding. Tang, Yuan, Ma, Information Fusion 82
// (2022), equations 1 to 5.
#pragma once

#include "fathom/backend/cpu/fusion_loss.hpp"
#include "fathom/ops/image.hpp"
#include "fathom/ops/loss.hpp"

namespace fathom::inline v0::seafusion {

template <FloatElement T>
struct ContentLoss {
    Tensor<T> total;            // intensity + alpha * texture; differentiable
    double intensity, texture;  // texture without alpha
};

namespace detail {

struct ContentLossEntries {
    fathom::detail::CpuEntry<abi::FusionLossArgs> forward, backward;
    AnyTensor (*composite)(const AnyTensor& fused, const AnyTensor& visible, const AnyTensor& infrared, double alpha,
                           Where site);
    const autograd::TypeOps* ops;
};
// The total as a tensor without dimensions; `sums` becomes the two parts [2] in double, not divided by the number of
// pixels.
AnyTensor content_loss(const ContentLossEntries& cpu, const AnyTensor& fused, const AnyTensor& visible,
                       const AnyTensor& infrared, double alpha, AnyTensor& sums, Where site);

template <FloatElement T>
AnyTensor content_loss_composite(const AnyTensor& fused, const AnyTensor& visible, const AnyTensor& infrared,
                                 double alpha, Where site) {
    using fathom::detail::typed;
    const Tensor<T> f = typed<T>(fused), y = typed<T>(visible), ir = typed<T>(infrared);
    const auto gradient = [&](const Tensor<T>& x) { return sobel_magnitude(x, site); };
    return l1_loss(f, maximum(y, ir, site), Reduction::mean, site) +
           alpha * l1_loss(gradient(f), maximum(gradient(y), gradient(ir), site), Reduction::mean, site);
}
template <FloatElement T>
inline constexpr ContentLossEntries content_loss_entries = {&cpu::fusion_loss<T>, &cpu::fusion_loss_backward<T>,
                                                            &content_loss_composite<T>, &autograd::type_ops<T>};
}  // namespace detail

// All [N, 1, H, W], at least one pixel. The gradient flows to `fused` alone: the images are data.
template <FloatElement T>
ContentLoss<T> content_loss(const Tensor<T>& fused, const Tensor<T>& visible, const Tensor<T>& infrared,
                            double alpha = 10, Where site = Where::here()) {
    AnyTensor sums;
    const auto total = fathom::detail::typed<T>(
        detail::content_loss(detail::content_loss_entries<T>, fused, visible, infrared, alpha, sums, site));
    const auto pixels = static_cast<double>(fused.numel());
    const auto parts = fathom::detail::typed<double>(sums).to(Device::cpu(), site);
    return {total, parts.data()[0] / pixels, parts.data()[1] / pixels};
}

}  // namespace fathom::inline v0::seafusion

#ifndef FATHOM_COMPILED
#include "fathom/seafusion/content_loss.inl.hpp"
#endif
