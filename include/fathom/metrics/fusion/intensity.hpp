// Measures of grey levels, their differences and correlations. A and B are the sources, F the fused image, all 0 to
// 255; r and c rows and columns.
//   SD: the standard deviation of F, over all pixels (Rao 1997). Higher is better. author: in 8 bits: (F - mean) is
//     rounded and clipped to [0, 255], squares clipped at 255, and the root taken of their mean. vifb calls it
//     variance.
//   SF: sqrt(R + C), R and C the mean squares of differences along rows and columns (Eskicioglu, Fisher 1995). Higher
//     is better. author: of levels in [0, 1]. vifb: of the channels laid side by side, seams included, over all
//     pixels, not over the differences.
//   AG: the mean of sqrt((gx^2 + gy^2) / 2), central differences, one-sided at the borders (Cui et al. 2015). Higher is
//     better. author, vifb: the sum is divided by (r - 1)(c - 1).
//   EI: the mean of Sobel's magnitude (Xydeas, Petrovic 2000). Higher is better. vifb: borders repeated; zoo: zeros
//     outside, so that every border pixel is an edge.
//   CC: the mean of corr(A, F) and corr(B, F). Higher is better. NaN if an image is constant.
//   SCD: corr(F - B, A) + corr(F - A, B) (Aslantas, Bendes 2015). Higher is better. NaN if a source is constant or
//     equals F.
//   MSE: the mean of the mean squares of A - F and B - F, lower is better; PSNR: 10 log10(255^2 / MSE), higher is
//     better, infinite where F is both sources (Jagalingam, Hegde 2015): author, float. zoo: MSE of levels in [0, 1]
//     and 20 log10(255 / sqrt(that)): 48.13 more. vifb: of its RMSE in place of the MSE, so that 62 is usual where
//     others have 15.
//   RMSE (vifb): the mean over A and B of sqrt(sum (A - F)^2) / (r c), which is no mean: it shrinks as images grow.
//     Lower is better.
#pragma once

#include <span>

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

double standard_deviation(const Grey& image);
double standard_deviation_in_bytes(const Grey& image);

double spatial_frequency(const Grey& image);
double spatial_frequency_side_by_side(std::span<const Grey> channels);

// AG's sqrt((gx^2 + gy^2) / 2) of every pixel; NaN where a side is one pixel long.
Plane gradients(const Grey& image);

// The mean of Sobel's magnitude.
enum class Border { repeated, zeros };
double edge_intensity(const Grey& image, Border border);

// Pearson's; NaN (0/0) if either is constant.
double correlation(const Grey& a, const Grey& b);
// Of f - b with a.
double correlation_of_difference(const Grey& f, const Grey& b, const Grey& a);

double mean_square_difference(const Grey& a, const Grey& b);

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/intensity.inl.hpp"
#endif
