// Strides: which orders of memory exist, and which one an output takes. Next: any_tensor.hpp.
#pragma once

#include "fathom/core/config.hpp"
#include "fathom/core/shape.hpp"

namespace fathom::inline v0 {

// Row-major (NCHW) or, for four dimensions, channels last (NHWC in memory, N, C, H, W in every index).
enum class MemoryFormat { row_major, channels_last };

namespace detail {

Shape row_major_strides(const Shape& shape);
Shape channels_last_strides(const Shape& shape);  // rank 4
Shape strides_of(const Shape& shape, MemoryFormat format);
// Dense strides for `shape` in the order of memory of a tensor of the same rank; sizes of 1 and repeated dimensions
// never decide.
Shape strides_in_order_of(const Shape& shape, const Shape& other_shape, const Shape& other_strides);
// Whether elements lie one after another in the given order; sizes of 1 are ignored, an empty tensor is always dense.
bool is_dense(const Shape& shape, const Shape& strides, MemoryFormat format);
// C's stride is 1 and rows and images follow each other at a fixed pixel stride (which may exceed C): what convolution
// kernels take.
bool has_pixel_stride(const Shape& shape, const Shape& strides);

// The shape both broadcast to, as in NumPy. False if they do not fit.
bool broadcast_shapes(const Shape& a, const Shape& b, Shape& out);
// Strides of a tensor seen as `to`: 0 where it repeats. The shapes must fit.
Shape broadcast_strides(const Shape& shape, const Shape& strides, const Shape& to);
// Strides that show the same elements as `to` without a copy, if there are any.
bool reshape_strides(const Shape& shape, const Shape& strides, const Shape& to, Shape& out);

}  // namespace detail
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/tensor/layout.inl.hpp"
#endif
