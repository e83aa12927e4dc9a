// The CPU's padding: unpacks abi::PadArgs for kernels/pad.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/pad.hpp"

namespace fathom::inline v0::cpu {

// x and y: the unpadded and the padded array.
inline kernels::PadShape pad_shape(const abi::Call& call, const abi::PadArgs& args, abi::Array x, abi::Array y) {
    kernels::PadShape shape{{}, {}, {}, args.mode};
    for (int i = 0; i < 2; ++i) {
        const int d = x.rank - 2 + i;
        const kernels::PadDimension dim{x.shape[d], y.shape[d], args.before[i], x.strides[d], y.strides[d]};
        const std::int64_t after = dim.padded_size - dim.size - dim.before;
        if (args.mode == Pad::reflect && (dim.before >= dim.size || after >= dim.size))
            fail(call, {"reflection can add at most ", dim.size - 1, " to a dimension of ", dim.size, ", not ",
                        dim.before, " and ", after});
        if (args.mode == Pad::circular && (dim.before > dim.size || after > dim.size))
            fail(call, {"the other side can add at most ", dim.size, " to a dimension of ", dim.size, ", not ",
                        dim.before, " and ", after});
        if (args.mode == Pad::replicate && dim.size == 0)
            fail(call, {"there is no edge to repeat in a dimension of 0"});
        (i == 0 ? shape.height : shape.width) = dim;
    }
    x.rank -= 2, y.rank -= 2;
    shape.planes = loop_over(x, y);
    return shape;
}

template <class T>
void pad(const abi::Call& call, const abi::PadArgs& args) {
    if (numel(args.y) == 0) return;
    kernels::pad<T>(pad_shape(call, args, args.x, args.y), data<T>(args.x), data<T>(args.y), static_cast<T>(args.value),
                    args.y.add != 0);
}

template <class T>
void pad_backward(const abi::Call& call, const abi::PadArgs& args) {
    if (numel(args.dx) == 0) return;
    kernels::pad_backward<T>(pad_shape(call, args, args.dx, args.dy), data<T>(args.dx), data<T>(args.dy),
                             args.dx.add != 0);
}

}  // namespace fathom::inline v0::cpu
