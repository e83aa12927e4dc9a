// The gradient magnitude of SeAFusion's dense block, by depthwise 3x3 cross-correlations with zero padding 1:
//   y = |conv(x, wx)| + |conv(x, wy)|
// The weights [channels, 3, 3] may be any (the released network's have drifted from Sobel's); the exact filters are
// recognised by their values and take fewer operations. So may the strides; vectors run over channels and pixels alike.
#pragma once

#include "fathom/kernels/image_rows.hpp"

namespace fathom::inline v0::kernels {

// y holds the rows [first_row, first_row + rows).
template <class T>
void sobel(const ImageShape& shape, Images<const T> x, const T* wx, const T* wy, Images<T> y, std::int64_t first_row,
           std::int64_t rows, bool accumulate);

// Whether a gradient is added to what is there, for each of sobel_backward's.
struct SobelAdds {
    bool dx = false, dwx = false, dwy = false;
};

// dx, dwx, dwy (+)= their gradients from dy; any may be null. The signs of both convolutions are computed again; that
// of 0 is 0.
template <class T>
void sobel_backward(const ImageShape& shape, Images<const T> x, const T* wx, const T* wy, Images<const T> dy,
                    Images<T> dx, T* dwx, T* dwy, SobelAdds add);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/sobel.inl.hpp"
#endif
