// Measures after models of how contrast is seen: Qcb (Chen, Blum 2009), higher is better, and Qcv (Chen, Varshney
// 2007), lower is better, in squared grey levels. Images are stretched to their own range first. A and B are the
// sources, F the fused image; k and l count cycles per image, from minus half the side to half.
//   Qcb: 1. contrast sensitivity: the DFT times exp(-(rho / 15.387)^2) - 0.7622 exp(-(rho / 1.3456)^2), rho =
//     hypot(k, l) / 15 (vifb) or / 30 (zoo: frequencies in cycles per pixel where the other has 1 for the highest).
//     2. contrast c = |G2 / G4 - 1|, G a mean under a Gaussian of that sigma, 31 x 31, not divided by the sum of the
//     weights, with zeros outside; masked, P = c^3 / (c^2 + 1e-4). 3. The mean over all pixels of P_A^2 / (P_A^2 +
//     P_B^2) min(P_A, P_F) / max(P_A, P_F) and the same of B. vifb: stretched to whole numbers up to 255; zoo: to
//     [0, 1], with 1e-10 added to G4 and to the sum of squares. NaN if an image is constant, or somewhere has no
//     contrast.
//   Qcv (vifb): the mean square of the difference A - F, filtered by 2.6 (0.0192 + 0.144 rho) exp(-(0.144 rho)^1.1),
//     rho = hypot(k, l) / 4, in blocks of 16 x 16, weighted by the sum of Sobel's magnitude of A to the fifth power
//     there, and the same of B: one quotient over the whole image. Blocks that the image ends in count what is missing
//     as zeros.
#pragma once

#include <vector>

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

enum class ChenBlum { vifb, zoo };
// P of each image.
std::vector<Plane> masked_contrasts(const std::vector<const Grey*>& images, ChenBlum convention);
double contrast_kept(const Plane& a, const Plane& b, const Plane& f, ChenBlum convention);

// An image, stretched, and its blocks' weights.
struct Salience {
    Plane image;
    std::vector<double> weights;  // [blocks down, blocks along]
};
Salience salience(const Grey& image);
// The filter of differences, for images of one size.
std::vector<double> difference_filter(std::int64_t rows, std::int64_t columns);
double weighted_difference(const Salience& a, const Salience& b, const Salience& f, const std::vector<double>& filter);

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/perception.inl.hpp"
#endif
