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
    kernels::fusion_loss<T>(image_shape(args.fused), fusion_images<T>(args), args.sums);
}

template <class T>
void fusion_loss_backward(const abi::Call& call, const abi::FusionLossArgs& args) {
    kernels::fusion_loss_backward<T>(image_shape(args.fused), fusion_images<T>(args), args.scale_intensity,
                                     args.scale_texture, images<T>(args.dfused), accumulates(call));
}

}  // namespace fathom::inline v0::cpu
