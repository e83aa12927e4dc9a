// What a fused operation is built from, besides autograd/function.hpp: kernels that write into given places and record
// nothing, and dense buffers that are filled slice by slice. seafusion/grdb.hpp is the example.
#pragma once

#include "fathom/ops/bands.hpp"
#include "fathom/ops/dense.hpp"
#include "fathom/ops/image.hpp"

namespace fathom::inline v0::fused {

// Places: {view, add}; an undefined view is not wanted.
using detail::Target;

// A few rows at a time: Bands(x, channels).for_each(f), sums over them.
using detail::Band;
using detail::Bands;
using detail::BandSum;

// Buffers and layouts.
using detail::channels_of;
using detail::join_channels;
using detail::new_images;
using detail::new_tensor;
using detail::with_pixel_stride;

// Checks.
using detail::check_device;

// Kernels: a place, the operation's inputs, the name and line for messages.
using detail::conv2d_into;
using detail::conv_data_into;
using detail::conv_forward_into;
using detail::conv_weight_into;
using detail::Convolution;
using detail::run_elementwise;
using detail::sobel_backward_into;
using detail::sobel_into;

// An operation of the seam (abi/arguments.hpp) by its own arguments.
using detail::array_of;
using detail::image_array;
using detail::run;

}  // namespace fathom::inline v0::fused
