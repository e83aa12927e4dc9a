// Padding of the last two dimensions, by a constant, by reflection (the edge not repeated), by the edge or by the other
// side; and its gradient. Less than nothing may be added: it is cut off.
#pragma once

#include <cstdint>

#include "fathom/abi/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// One of the two padded dimensions, of x and y.
struct PadDimension {
    std::int64_t size, padded_size, before;
    std::int64_t stride, padded_stride;
};

struct PadShape {
    Loop planes;  // over the leading dimensions; operands: x, y
    PadDimension height, width;
    Pad mode;
};

// y (+)= x, padded. By reflection, less than the size may be added on either side, around up to the size.
template <class T>
void pad(const PadShape& shape, const T* x, T* y, T value, bool accumulate);

// dx (+)= the sum of dy over all elements that were copied from it.
template <class T>
void pad_backward(const PadShape& shape, T* dx, const T* dy, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/pad.inl.hpp"
#endif
