// Eigen's matrix product, in a unit of its own: Eigen chooses its instructions by the unit's flags.
#pragma once

#include <cstdint>

// c = a b, all row-major and dense.
void eigen_gemm(const float* a, const float* b, float* c, std::int64_t m, std::int64_t n, std::int64_t k, int threads);
