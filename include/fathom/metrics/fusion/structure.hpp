// Structural similarity: SSIM, MS_SSIM and Qy. Each is s(A,F) + s(B,F) or a mean of such over sources A and B and the
// fused image F; so SSIM and MS_SSIM reach 2. Higher is better.
//   SSIM (Wang, Bovik, Sheikh, Simoncelli 2004): window of 11 x 11, Gaussian of sigma 1.5, inside the image alone,
//     C1 = (.01 L)^2, C2 = (.03 L)^2, L = 255. zoo: L = 1 for levels of 0 to 255, so that flat regions hardly have a
//     stabiliser. NaN where the image is smaller than the window.
//   MS_SSIM (Wang, Simoncelli, Bovik 2003): five levels with 2 x 2 means between them; the product of the means of
//     contrast-structure, at the fifth level of the whole, to the powers .0448 .2856 .3001 .2363 .1333. A negative mean
//     is taken for 0. Where a side is odd, author and float repeat its last pixel; zoo puts a zero before the first and
//     behind the last, counts it in the mean, and drops what is left over. NaN where the fifth level is smaller than
//     the window; for zoo where the shorter side is not above 160.
//   Qy (Yang, Zhang, Wang, Liu 2008; zoo): where the sources resemble each other (SSIM of at least .75) the mean of
//   both
//     similarities to F, weighted by the sources' variances, else the larger one; over all pixels. C1 = 1e-4,
//     C2 = 9e-4, zeros outside. The window is seven rows of one Gaussian of seven taps, a slip of that code that
//     belongs to the convention: its taps add up to 7, so that "variances" are negative.
#pragma once

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

struct Structure {
    double ssim, ms_ssim;
};

// range: L.
double structural_similarity(const Triple& images, double range);
enum class OddSide { repeated, zeros };
Structure structural_similarities(const Triple& images, double range, OddSide odd);

double yang(const Triple& images);

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/structure.inl.hpp"
#endif
