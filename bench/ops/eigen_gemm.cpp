#include "bench/ops/eigen_gemm.hpp"

#include <Eigen/Core>

void eigen_gemm(const float* a, const float* b, float* c, std::int64_t m, std::int64_t n, std::int64_t k, int threads) {
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::setNbThreads(threads);
    Eigen::Map<Matrix>(c, m, n).noalias() = Eigen::Map<const Matrix>(a, m, k) * Eigen::Map<const Matrix>(b, k, n);
}
