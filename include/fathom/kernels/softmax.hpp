// Softmax and log-softmax along one dimension, and their gradients, for any strides.
#pragma once

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// `positions`: the loop over all dimensions but the one of the classes. x_stride, ...: from class to class.

// Without `log` and with it:
//   y = softmax(x)
//   y = log(softmax(x))
// Operands of the loop: x, y.
template <class T>
void softmax(const Loop& positions, std::int64_t classes, const T* x, std::int64_t x_stride, T* y,
             std::int64_t y_stride, bool log);

// Adds to dx, or overwrites it with, for softmax and for its logarithm:
//   y (dy - sum dy y)
//   dy - exp(y) sum dy
// Operands of the loop: y, dy, dx.
template <class T>
void softmax_backward(const Loop& positions, std::int64_t classes, const T* y, std::int64_t y_stride, const T* dy,
                      std::int64_t dy_stride, T* dx, std::int64_t dx_stride, bool log, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/softmax.inl.hpp"
#endif
