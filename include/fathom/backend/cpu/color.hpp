// The CPU's color transforms: unpacks abi::ColorArgs for kernels/color.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/color.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void color(const abi::Call&, const abi::ColorArgs& args) {
    abi::Array x = args.x, y = args.y;
    const std::int64_t x_channel = x.strides[1], y_channel = y.strides[1];
    x.shape[1] = y.shape[1] = 1;
    const auto transform = static_cast<kernels::ColorTransform>((args.inverse ? 1 : 0) + 2 * args.transposed);
    kernels::color<T>(loop_over(x, y), transform, data<T>(x), x_channel, data<T>(y), y_channel, y.add != 0);
}

}  // namespace fathom::inline v0::cpu
