// What happens to the sources' edges: Qabf and Nabf. g is the magnitude of an image's gradient, a its angle, A and B
// the sources, F the fused image.
//   Qabf (Xydeas, Petrovic 2000): how much of the edges is kept, weighted by their magnitude,
//     sum (QAF gA + QBF gB) / sum (gA + gB), higher is better. Q = .9994 / (1 + exp(-15 (G - .5))) .9879 / (1 +
//     exp(-22 (D - .8))), G the ratio of the smaller to the larger magnitude, D = 1 - |difference of angles| / (pi/2),
//     a = atan(gy / gx), pi/2 where gx = 0. Gradients are convolutions with zeros outside. Where both magnitudes are
//     the same, G is that magnitude: so in the code that all conventions have it from, and so it depends on the levels'
//     scale (float, zoo: 0 to 255; vifb: 255 times that; author: 0 to 1, where it is up to 3%), and for author, whose
//     gradients are not whole numbers, on the order in which nine products are summed up: column by column.
//   Nabf (Petrovic, Xydeas 2003, as modified by Shreyamsha Kumar 2013): the share of edges that neither source has,
//     lower is better: sum over pixels with gF > gA and gF > gB of (1 - QAF) wA + (1 - QBF) wB, over the sum of all
//     wA + wB, w = g^1.5 where g >= 2. Sobel over 8 on images mirrored at the border pixel.
// Both are NaN where no source has an edge (0/0).
#pragma once

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

// Of one image.
struct Edges {
    Plane magnitude, angle;
};
// For Qabf; levels 0 to 255 times scale, a whole number.
Edges edges_of(const Grey& image, int scale);
// Of levels 0 to 1, every sum rounded as author has it.
Edges edges_of_fractions(const Grey& image);
double edges_kept(const Edges& a, const Edges& b, const Edges& f);

double edges_added(const Triple& images);

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/edges.inl.hpp"
#endif
