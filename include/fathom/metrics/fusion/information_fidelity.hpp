// VIF, visual information fidelity in the pixel domain (Sheikh, Bovik 2006), of the fused image against each source,
// summed up: so it passes 1, and reaches 2. Higher is better. Four scales with Gaussian windows of 17, 9, 5 and 3 taps,
// sigma a fifth of that; before scales 2 to 4 the images are blurred by the scale's window and every second pixel
// taken; noise of variance 2.
//   author: at the first scale squares and products of levels saturate at 255, as 8-bit numbers do.
//   zoo: zeros outside the image, where the others stay inside; N taps are taken at equal steps from -(N + 1)/2 to
//     (N - 1)/2, half a pixel off centre.
// NaN where the image is smaller than a window, or a source is constant (0/0).
#pragma once

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

enum class Fidelity { author, floating, zoo };
double information_fidelity(const Triple& images, Fidelity convention);

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/information_fidelity.inl.hpp"
#endif
