// Layer normalisation of rows, and its gradient: Ba, Kiros and Hinton, arXiv:1607.06450 (2016). With m and v the mean
// and variance of a row, r = 1 / sqrt(v + eps) and z = (x - m) r:
//   y  = z w + b
//   dx = r (g - mean(g) - z mean(g z)),  g = dy w
//   dw = sum of dy z over the rows
//   db = sum of dy over the rows
// Next: layer_norm.kernel.hpp.
#pragma once

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// `rows`, `features`: the loops over the outer dimensions and over those of a row, both in logical order. w and b may
// be null (1 and 0).

// Operands of the loops: x, y.
template <class T>
void layer_norm(const Loop& rows, const Loop& features, const T* x, T* y,
                const T* w,      // [features]
                const T* b,      // [features]
                T* mean,         // [rows]
                T* inverse_std,  // [rows]: r
                double eps);

// Where the gradients of w and b go. Operands of the loop: dw, db; either may be null.
template <class T>
struct LayerNormWeights {
    const Loop& features;
    T *dw, *db;
    bool add_dw, add_db;
};

// Operands of the loops: x, dy, dx. Overwrites dx, which may be null, or adds to it.
template <class T>
void layer_norm_backward(const Loop& rows, const Loop& features, const T* x, const T* dy, T* dx,
                         const T* w,            // [features]
                         const T* mean,         // [rows]
                         const T* inverse_std,  // [rows]
                         bool add_dx, const LayerNormWeights<T>& weights);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/layer_norm.inl.hpp"
#endif
