// What becomes of a sum of products before it is stored: shared by matrix products and convolution.
#pragma once

#include "fathom/core/config.hpp"
#include "fathom/abi/operations.hpp"

namespace fathom::inline v0::kernels {

// out = activation(sum + bias), with `accumulate` activation(out + sum + bias).
struct Epilogue {
    Activation activation = Activation::none;
    double slope = 0.01;  // leaky_relu: v < 0 ? slope * v : v
    bool accumulate = false;
};

}  // namespace fathom::inline v0::kernels
