// The CPU's convolutions: unpacks abi::ConvArgs for kernels/conv.hpp.
#pragma once

#include <algorithm>

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/conv.hpp"

namespace fathom::inline v0::cpu {

// What other devices may do in the same pass and these kernels do not; nothing that is asked for is left out silently.
inline void check_conv(const abi::Call& call, const abi::ConvArgs& args) {
    if (args.statistics.data || args.prepared)
        fail(call, {"the CPU's convolutions take no statistics or prepared weights"});
    if (args.precision == Precision::tf32)
        fail(call, {"the CPU's convolutions have no tf32: their precision is fast, strict or bf16"});
    if (args.precision == Precision::bf16 && static_cast<DType>(args.x.dtype) != DType::float32)
        fail(call, {"precision bf16 is for tensors of float32"});
}

// `array` is absent or lies as `image` does.
inline void check_same_strides(const abi::Call& call, const char* name, const abi::Array& array,
                               const abi::Array& image) {
    if (array.data && !std::equal(array.strides, array.strides + array.rank, image.strides))
        fail(call, {"the CPU's convolutions take a ", name, " only with the strides of the result"});
}

template <class T>
void conv_forward(const abi::Call& call, const abi::ConvArgs& args) {
    check_conv(call, args);
    check_same_strides(call, "residual", args.residual, args.y);
    if (args.gate.data) fail(call, {"the forward pass has no gate"});
    if (args.residual.data && args.y.add) fail(call, {"with y added to, the residual is y"});
    kernels::conv_forward<T>(data<T>(args.x), data<T>(args.w), data<T>(args.bias), data<T>(args.y), args.shape,
                             {args.activation, args.slope, data<T>(args.y.add ? args.y : args.residual)},
                             args.precision);
}

template <class T>
void conv_data(const abi::Call& call, const abi::ConvArgs& args) {
    check_conv(call, args);
    check_same_strides(call, "gate", args.gate, args.x);
    if (args.residual.data) fail(call, {"the data pass has no residual"});
    kernels::conv_data<T>(data<T>(args.y), data<T>(args.w), data<T>(args.x), args.shape,
                          {args.gate.data ? args.activation : Activation::none, args.slope,
                           args.x.add ? data<T>(args.x) : nullptr, data<T>(args.gate)},
                          args.precision);
}

template <class T>
void conv_weight(const abi::Call& call, const abi::ConvArgs& args) {
    check_conv(call, args);
    if (args.residual.data || args.gate.data) fail(call, {"the weight pass has no residual and no gate"});
    kernels::conv_weight<T>(data<T>(args.x), data<T>(args.y), data<T>(args.w), data<T>(args.bias), args.shape,
                            args.w.add != 0, args.bias.add != 0, args.precision);
}

}  // namespace fathom::inline v0::cpu
