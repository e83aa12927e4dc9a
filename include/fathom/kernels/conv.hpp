// Two-dimensional convolution and its gradients on raw pointers. Next: conv_algorithm.hpp (which algorithms there are
// and how one is chosen), conv_plan.hpp (how a convolution becomes taps and strips), conv_direct.kernel.hpp.
//
// Images and weights lie as ConvShape says. Forward:
// clang-format off
//   y[n, oh, ow, k] = activation(bias[k] + sum x[n, ih, iw, c] * w[k, c, i, j])
//   ih = oh * stride_h - padding_h + i * dilation_h
//   iw = ow * stride_w - padding_w + j * dilation_w
// clang-format on
// with zeros outside x. Results do not depend on the number of threads. With Precision::fast, what is not finite in x
// may turn outputs into NaN that do not see it, up to three pixels away (conv_winograd.kernel.hpp); strict has none of
// this.
#pragma once

#include <cstdint>

#include "fathom/abi/conv_shape.hpp"
#include "fathom/kernels/conv_algorithm.hpp"
#include "fathom/kernels/epilogue.hpp"

namespace fathom::inline v0::kernels {

// bias: [K] or null.
template <class T>
struct ConvForward {
    const T *x, *w, *bias;
    T* y;
    ConvShape shape;
    Epilogue<T> epilogue;
};

// dx = the gradient with respect to x, from dy (laid out as y).
template <class T>
struct ConvData {
    const T *dy, *w;
    T* dx;
    ConvShape shape;
    Epilogue<T> epilogue;
};

// dw, dbias (+)= the gradients with respect to w and bias; either may be null.
template <class T>
struct ConvWeight {
    const T *x, *dy;
    T *dw, *dbias;
    ConvShape shape;
    bool add_dw, add_dbias;
};

namespace detail {
// The passes of ConvAlgorithm::tiles, where conv_tiles.hpp is part of the program.
struct TileConvolution {
    void (*forward)(const ConvForward<float>&);
    void (*data)(const ConvData<float>&);
    void (*weight)(const ConvWeight<float>&);

    void run(const ConvForward<float>& pass) const { forward(pass); }
    void run(const ConvData<float>& pass) const { data(pass); }
    void run(const ConvWeight<float>& pass) const { weight(pass); }
};
inline TileConvolution tile_convolution{};
}  // namespace detail

// A pass by the algorithm that is named, for tests and benches. Throws Error when that does not accept the shape.
template <class T>
void run(ConvAlgorithm algorithm, const ConvForward<T>& pass);
template <class T>
void run(ConvAlgorithm algorithm, const ConvData<T>& pass);
template <class T>
void run(ConvAlgorithm algorithm, const ConvWeight<T>& pass);

// The same by the algorithm that is chosen.
template <class T>
void conv_forward(const T* x, const T* w, const T* bias, T* y, const ConvShape& shape, const Epilogue<T>& epilogue = {},
                  Precision precision = Precision::fast);
template <class T>
void conv_data(const T* dy, const T* w, T* dx, const ConvShape& shape, const Epilogue<T>& epilogue = {},
               Precision precision = Precision::fast);
template <class T>
void conv_weight(const T* x, const T* dy, T* dw, T* dbias, const ConvShape& shape, bool add_dw = false,
                 bool add_dbias = false, Precision precision = Precision::fast);

// Which that is, on the ISA in use. In double it is always one that sums directly: double is chosen for its digits.
template <class T>
ConvAlgorithm chosen(ConvPass pass, const ConvShape& shape, Precision precision = Precision::fast);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/conv.inl.hpp"
#endif
