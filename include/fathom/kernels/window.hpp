// Max pooling and its gradients. Images are channels-last (channel stride 1), with any stride between pixels, rows and
// images. Averages over windows are weighted sums: resize.hpp.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fathom/kernels/image_rows.hpp"
#include "fathom/kernels/window_dimension.hpp"

namespace fathom::inline v0::kernels {

// Where the largest element of a window stands in its plane: row * width + column. As wide as T and kept in T's bits,
// so that vectors of both go together.
template <class T>
using WindowIndex = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;

struct WindowShape {
    std::int64_t images, channels;
    WindowDimension rows, columns;
};

// y = the largest element of each window, the first of equal ones; a NaN wins. Every window must cover an input.
// index.data may be null.
template <class T>
void max_pool(const WindowShape& shape, Images<const T> x, Images<T> y, Images<T> index);

// dx (+)= the sum of dy over all windows whose index it is.
template <class T>
void max_pool_backward(const WindowShape& shape, Images<const T> index, Images<const T> dy, Images<T> dx,
                       bool accumulate);

// y = the element of x that the index names: max_pool with its choice held fast.
template <class T>
void take(const WindowShape& shape, Images<const T> x, Images<const T> index, Images<T> y);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/window.inl.hpp"
#endif
