// FMI, feature mutual information (Haghighat, Aghagolzadeh, Seyedarabi 2011) in its fast form (Haghighat, Razian 2014):
// how much of the sources' gradients can be told from the fused image's. Higher is better, at most 1.
// In a window of 3 x 3 the magnitudes of an image's gradient, less the smallest and divided by their sum, are taken for
// a distribution over the nine pixels (all the same: 1/9). That of a source, p, and of the fused image, q, have a joint
// distribution between independence and the extreme one (Frechet's bounds: both cumulated in the same order, or in
// opposite ones if their correlation is negative), as far as it takes for the correlation of p and q:
//   phi = corr(p, q) / correlation of the pixels' numbers under the extreme one, at most 1
//   P = phi extreme + (1 - phi) p q'
// A window's value is 2 I / (H(p) + H(q)), 1 where p = q; FMI the mean over all windows inside the image, and over both
// sources. Pixels are numbered column by column. The gradient is AG's. No published value: checked by hand.
#pragma once

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

// From gradients (intensity.hpp) of any scale. NaN for an image smaller than the window.
double feature_information(const Plane& visible, const Plane& infrared, const Plane& fused);

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/features.inl.hpp"
#endif
