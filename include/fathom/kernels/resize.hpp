// Images of another size, by weighted sums along rows and columns: averages over windows and interpolation, and with
// transposed tables their gradients. Images are channels-last (channel stride 1), with any stride between pixels, rows
// and images.
#pragma once

#include "fathom/kernels/image_rows.hpp"
#include "fathom/kernels/resampling.hpp"

namespace fathom::inline v0::kernels {

// y (+)= x resampled. x [images, channels, rows.inputs, columns.inputs], y [images, channels, rows.outputs(),
// columns.outputs()].
template <class T>
void resize(std::int64_t images, std::int64_t channels, const Resampling& rows, const Resampling& columns,
            Images<const T> x, Images<T> y, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/resize.inl.hpp"
#endif
