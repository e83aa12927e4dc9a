// The words of the seam: what arguments choose between.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {

enum class Reduce : std::int32_t { sum, max, min, product, norm };

enum class Scan : std::int32_t { sum, product };

enum class Activation : std::int32_t { none, relu, leaky_relu };

// How exactly a convolution or matrix product is computed. fast: the fastest whose error is documented. strict: direct
// sums in the tensors' own dtype. tf32 and bf16: products of rounded factors, summed in float.
enum class Precision : std::int32_t { fast, strict, tf32, bf16 };

enum class Pad : std::int32_t { constant, reflect, replicate, circular };

enum class UpdateRule : std::int32_t { sgd, adam, adamw, rmsprop, adagrad };

enum class Random : std::int32_t { uniform, normal };

// Of rows and volumes bilinear is linear and trilinear.
enum class Interpolation : std::int32_t {
    nearest,
    bilinear,
    bicubic,
    nearest_exact,
    linear = bilinear,
    trilinear = bilinear
};

// What lies beyond an image: zeros, its edge, or its reflection.
enum class GridPadding : std::int32_t { zeros, border, reflection };

}  // namespace fathom::inline v0
