// What becomes of a sum of products before it is stored: shared by matrix products and convolution.
#pragma once

#include "fathom/core/config.hpp"
#include "fathom/abi/operations.hpp"

namespace fathom::inline v0::kernels {

// clang-format off
//   out = activation(sum + bias + residual)
//   out = (sum + bias + residual) * the activation's slope at `gate`, whose sign tells the side; where there is a gate
// clang-format on
// The second is a gradient on its way back through the activation whose output the gate is. Both arrays are optional
// and lie as out does, in the same steps; the residual may be out itself: then the result is added.
template <class T>
struct Epilogue {
    Activation activation = Activation::none;
    double slope = 0.01;  // leaky_relu: v < 0 ? slope * v : v
    const T* residual = nullptr;
    const T* gate = nullptr;
};

}  // namespace fathom::inline v0::kernels
