// The CPU's content loss: unpacks abi::FusionLossArgs for kernels/fusion_loss.hpp.
#pragma once

#include "fathom/backend/cpu/sobel.hpp"
#include "fathom/kernels/fusion_loss.hpp"

namespace fathom::inline v0::cpu {

template <class T>
kernels::FusionImages<T> fusion_images(const abi::FusionLossArgs& args) {
    return {images<const T>(args.fused), images<const T>(args.visible), images<const T>(args.infrared)};
}

template <class T>
void fusion_loss(const abi::Call&, const abi::FusionLossArgs& args) {
    auto* sums = data<double>(args.sums);
    kernels::fusion_loss<T>(image_shape(args.fused), fusion_images<T>(args), sums);
    *data<T>(args.total) = static_cast<T>((sums[0] + args.alpha * sums[1]) / static_cast<double>(numel(args.fused)));
}

template <class T>
void fusion_loss_backward(const abi::Call&, const abi::FusionLossArgs& args) {
    const double scale = static_cast<double>(*data<T>(args.dtotal)) / static_cast<double>(numel(args.fused));
    kernels::fusion_loss_backward<T>(image_shape(args.fused), fusion_images<T>(args), scale, args.alpha * scale,
                                     images<T>(args.dfused), args.dfused.add != 0);
}

}  // namespace fathom::inline v0::cpu
