// The blocks of a matrix product. C is computed in tiles that stay in registers; B is packed once into slivers as wide
// as a tile, A block by block into slivers as high as one, unless it can be read where it lies. Next: gemm.kernel.hpp.
#pragma once

#include <cstdint>

#include "fathom/kernels/epilogue.hpp"
#include "fathom/kernels/gemm_shape.hpp"

namespace fathom::inline v0::kernels {

// One product, or the columns [first, first + n) of one.
template <class T>
struct GemmTask {
    const T *a, *b, *bias;  // [m, k], [k, n], [m, n] or null
    T* c;                   // [m, n]
    std::int64_t m, n, k;
    MatrixSteps a_steps, b_steps, bias_steps;
    std::int64_t c_row;  // c's columns are 1 apart
    Epilogue<T> epilogue;
    bool direct;        // A is read where it lies
    const T* packed_b;  // [depths][slivers][depth, width]
};

}  // namespace fathom::inline v0::kernels
