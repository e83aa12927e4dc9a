// The blocks of a matrix product. C is computed in tiles that stay in registers; B is packed once into slivers as wide
// as a tile, unless few rows of C would read it; A is read where it lies if its rows are contiguous, else packed block
// by block into slivers as high as a tile. Next: gemm.kernel.hpp.
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
    std::int64_t wide;  // the first columns, computed by tiles of three vectors
    bool b_lies;        // B's columns in whole slivers are read where they lie
    const T* packed_b;  // [depths][slivers][depth, width]
};

}  // namespace fathom::inline v0::kernels
