// The CPU's colour transforms: unpacks abi::ColourArgs for kernels/colour.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/colour.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void colour(const abi::Call& call, const abi::ColourArgs& args) {
    abi::Array x = args.x, y = args.y;
    const std::int64_t x_channel = x.strides[1], y_channel = y.strides[1];
    x.shape[1] = y.shape[1] = 1;
    const auto transform = static_cast<kernels::Colour>((args.inverse ? 1 : 0) + 2 * args.transposed);
    kernels::colour<T>(loop_over(x, y), transform, data<T>(x), x_channel, data<T>(y), y_channel, accumulates(call));
}

}  // namespace fathom::inline v0::cpu
