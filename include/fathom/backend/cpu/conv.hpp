// The CPU's convolutions: unpacks abi::ConvArgs for kernels/conv.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/conv.hpp"

namespace fathom::inline v0::cpu {

// What other devices may do in the same pass and these kernels do not; nothing that is asked for is left out silently.
inline void check_conv(const abi::Call& call, const abi::ConvArgs& args) {
    if (args.residual.data || args.gate.data || args.statistics.data || args.prepared)
        fail(call, {"the CPU's convolutions take no residual, gate, statistics or prepared weights"});
    if (args.precision != Precision::fast && args.precision != Precision::strict)
        fail(call, {"the CPU's convolutions compute in the tensors' own dtype: fast or strict"});
}

template <class T>
void conv_forward(const abi::Call& call, const abi::ConvArgs& args) {
    check_conv(call, args);
    kernels::conv_forward<T>(data<T>(args.x), data<T>(args.w), data<T>(args.bias), data<T>(args.y), args.shape,
                             {args.activation, args.slope, args.y.add != 0}, args.precision);
}

template <class T>
void conv_data(const abi::Call& call, const abi::ConvArgs& args) {
    check_conv(call, args);
    kernels::conv_data<T>(data<T>(args.y), data<T>(args.w), data<T>(args.x), args.shape, args.x.add != 0,
                          args.precision);
}

template <class T>
void conv_weight(const abi::Call& call, const abi::ConvArgs& args) {
    check_conv(call, args);
    kernels::conv_weight<T>(data<T>(args.x), data<T>(args.y), data<T>(args.w), data<T>(args.bias), args.shape,
                            args.w.add != 0, args.bias.add != 0, args.precision);
}

}  // namespace fathom::inline v0::cpu
