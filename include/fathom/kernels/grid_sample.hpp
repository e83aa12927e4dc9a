// Images sampled at places between their pixels, which a grid names: values and gradients. Images are channels-last
// (channel stride 1), with any stride between pixels, rows and images.
#pragma once

#include <cstdint>

#include "fathom/abi/operations.hpp"
#include "fathom/kernels/image_rows.hpp"

namespace fathom::inline v0::kernels {

struct GridSampleShape {
    ImageShape image;                    // of x
    std::int64_t out_height, out_width;  // of y
    Interpolation mode;                  // nearest, bilinear or bicubic
    GridPadding padding;
    bool align_corners;
    int derivative[2];  // how often the weights are differentiated by the grid, {vertical, horizontal}
};

// A grid [images, out_height, out_width, 2] of (horizontal, vertical) is Images of two channels with any strides; -1
// and 1 are the borders of x, or with align_corners the centres of its outermost pixels.

// y (+)= the weighted sum of the pixels around each place.
template <class T>
void grid_sample(const GridSampleShape& shape, Images<const T> x, Images<const T> grid, Images<T> y, bool accumulate);

// dx (+)= the sum of dy over all places, each times its weight, in the order of the places.
template <class T>
void grid_sample_input_gradient(const GridSampleShape& shape, Images<const T> grid, Images<const T> dy, Images<T> dx,
                                bool accumulate);

// dgrid (+)= the sum over the channels of dy times the derivative of y by the place.
template <class T>
void grid_sample_grid_gradient(const GridSampleShape& shape, Images<const T> x, Images<const T> grid,
                               Images<const T> dy, Images<T> dgrid, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/grid_sample.inl.hpp"
#endif
