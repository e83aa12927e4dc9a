// What a matrix product is told. Next: gemm.hpp.
#pragma once

#include <cstdint>

namespace fathom::inline v0::kernels {

// A matrix in memory: steps in elements between rows, between columns and between the matrices of a batch. A transpose
// is an exchange of row and col; 0 repeats.
struct MatrixSteps {
    std::int64_t row = 0, col = 0, batch = 0;
};

struct GemmShape {
    std::int64_t batch = 1, m = 0, n = 0, k = 0;
    MatrixSteps a, b, c, bias;  // a is [m, k], b [k, n], c and bias [m, n]
};

}  // namespace fathom::inline v0::kernels
