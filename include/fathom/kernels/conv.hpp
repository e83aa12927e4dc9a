// Two-dimensional convolution and its gradients on raw pointers. Most shapes run direct, in registers, with one
// micro-kernel for every stride, dilation and kernel size; depthwise ones have kernels of their own, and 1x1 ones are
// matrix products. Next: conv_plan.hpp (how a convolution becomes taps and strips), conv_direct.kernel.hpp.
//
// Weights are [K, C / groups, kernel_h, kernel_w], row-major. Images are channels-last: element (n, h, w, c) stands at
//   ((n * height + h) * width + w) * pixel_stride + c
// with pixel_stride at least C. Forward, with zeros outside x, over all c, i and j:
//   y[n, oh, ow, k] = activation(bias[k] + sum x[n, ih, iw, c] * w[k, c, i, j])
//   ih = oh * stride_h - padding_h + i * dilation_h
//   iw = ow * stride_w - padding_w + j * dilation_w
// Results do not depend on the number of threads.
#pragma once

#include <cstdint>

#include "fathom/abi/conv_shape.hpp"
#include "fathom/kernels/epilogue.hpp"

namespace fathom::inline v0::kernels {

// bias: [K] or null.
template <class T>
void conv_forward(const T* x, const T* w, const T* bias, T* y, const ConvShape& shape, const Epilogue& epilogue = {});

// dx (+)= the gradient with respect to x, from dy (laid out as y).
template <class T>
void conv_data(const T* dy, const T* w, T* dx, const ConvShape& shape, bool accumulate = false);

// dw, dbias (+)= the gradients with respect to w and bias; either may be null.
template <class T>
void conv_weight(const T* x, const T* dy, T* dw, T* dbias, const ConvShape& shape, bool add_dw = false,
                 bool add_dbias = false);

// 3x3, stride 1, padding 1: as the fusion net has it.
struct Conv3x3Shape {
    std::int64_t n, height, width, in_channels, out_channels;
    std::int64_t x_pixel_stride = 0, y_pixel_stride = 0;  // 0: the number of channels
};

template <class T>
void conv3x3(const T* x, const T* weight, const T* bias, T* y, const Conv3x3Shape& shape,
             const Epilogue& epilogue = {}) {
    conv_forward<T>(x, weight, bias, y,
                    {.n = shape.n,
                     .height = shape.height,
                     .width = shape.width,
                     .in_channels = shape.in_channels,
                     .out_channels = shape.out_channels,
                     .kernel_h = 3,
                     .kernel_w = 3,
                     .padding_h = 1,
                     .padding_w = 1,
                     .x_pixel_stride = shape.x_pixel_stride,
                     .y_pixel_stride = shape.y_pixel_stride},
                    epilogue);
}

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/conv.inl.hpp"
#endif
