// The CPU's convolutions: unpacks abi::ConvArgs for kernels/conv.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/conv.hpp"

namespace fathom::inline v0::cpu {

// The step from pixel to pixel of a channels-last image, checked: kernels take no other layout. Dimensions of size 1
// may have any stride.
inline std::int64_t pixel_stride(const abi::Call& call, const abi::Array& image, const char* name) {
    const std::int64_t channels = image.shape[1], height = image.shape[2], width = image.shape[3];
    const std::int64_t* s = image.strides;
    std::int64_t pixel = channels;
    if (width > 1)
        pixel = s[3];
    else if (height > 1)
        pixel = s[2] / width;
    else if (image.shape[0] > 1)
        pixel = s[0] / (height * width);
    const bool fits = pixel >= channels && (channels <= 1 || s[1] == 1) && (height <= 1 || s[2] == width * pixel) &&
                      (image.shape[0] <= 1 || s[0] == height * width * pixel);
    if (!fits) fail(call, {name, " is not channels-last: its pixels are not one constant step apart"});
    return pixel;
}

inline kernels::ConvShape conv_shape(const abi::Call& call, const abi::ConvArgs& args) {
    const abi::Array &x = args.x, &y = args.y, &w = args.w;
    kernels::ConvShape shape;
    shape.n = x.shape[0], shape.in_channels = x.shape[1], shape.height = x.shape[2], shape.width = x.shape[3];
    shape.out_channels = y.shape[1];
    shape.kernel_h = w.shape[2], shape.kernel_w = w.shape[3];
    shape.stride_h = args.stride[0], shape.stride_w = args.stride[1];
    shape.padding_h = args.padding[0], shape.padding_w = args.padding[1];
    shape.dilation_h = args.dilation[0], shape.dilation_w = args.dilation[1];
    shape.groups = args.groups;
    if (numel(x) > 0) shape.x_pixel_stride = pixel_stride(call, x, "the input");
    if (numel(y) > 0) shape.y_pixel_stride = pixel_stride(call, y, "the output");
    return shape;
}

template <class T>
void conv_forward(const abi::Call& call, const abi::ConvArgs& args) {
    kernels::conv_forward<T>(data<T>(args.x), data<T>(args.w), data<T>(args.bias), data<T>(args.y),
                             conv_shape(call, args), {args.activation, args.slope, accumulates(call)});
}

template <class T>
void conv_data(const abi::Call& call, const abi::ConvArgs& args) {
    kernels::conv_data<T>(data<T>(args.y), data<T>(args.w), data<T>(args.x), conv_shape(call, args), accumulates(call));
}

// args.w names the shape of the weights in any case; without data only the bias gradient is computed.
template <class T>
void conv_weight(const abi::Call& call, const abi::ConvArgs& args) {
    kernels::conv_weight<T>(data<T>(args.x), data<T>(args.y), data<T>(args.w), data<T>(args.bias),
                            conv_shape(call, args), accumulates(call));
}

}  // namespace fathom::inline v0::cpu
