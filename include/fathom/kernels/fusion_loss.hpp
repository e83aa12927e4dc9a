// SeAFusion's content loss (Tang, Yuan, Ma, Information Fusion 82, 2022), in one pass over the rows of three images:
//   intensity = sum |F - max(Y, IR)|
//   texture   = sum |grad F - max(grad Y, grad IR)|
//   grad      = |gx| + |gy|
// with gx and gy by exact Sobel filters and zero padding 1.
#pragma once

#include "fathom/kernels/image_rows.hpp"

namespace fathom::inline v0::kernels {

template <class T>
struct FusionImages {
    Images<const T> fused, visible, infrared;
};

// sums[0]: intensity, sums[1]: texture. Groups of 8 vectors are added in T, the rest in double.
template <class T>
void fusion_loss(const ImageShape& shape, const FusionImages<T>& images, double* sums);

// dfused (+)= scale_intensity d sums[0] + scale_texture d sums[1]; the sign of 0 is 0.
template <class T>
void fusion_loss_backward(const ImageShape& shape, const FusionImages<T>& images, double scale_intensity,
                          double scale_texture, Images<T> dfused, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/fusion_loss.inl.hpp"
#endif
