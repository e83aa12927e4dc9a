// Definitions of linalg.hpp on Eigen.
#include "fathom/kernels/simd.hpp"

// Eigen's functions differ with the flags of the unit that compiles them, above all in how they align memory, but not
// in their names; a program would get one copy of each for all of its units. So Eigen has another name here, one for
// these flags, unless the unit has included it before.
#ifdef EIGEN_CORE_H
#define FATHOM_EIGEN Eigen
#else
#define FATHOM_EIGEN FATHOM_ISA_NAMESPACE(fathom_eigen)
#define Eigen FATHOM_EIGEN
#define FATHOM_EIGEN_RENAMED
#endif
#ifdef __clang__
#pragma clang diagnostic push
#else
#pragma GCC diagnostic push
#endif
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#ifndef __clang__
// Of the compiler's own intrinsics, falsely, under ThreadSanitizer.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/SVD>
#ifdef __clang__
#pragma clang diagnostic pop
#else
#pragma GCC diagnostic pop
#endif
#ifdef FATHOM_EIGEN_RENAMED
#undef Eigen
#endif

// Not inline: a unit that includes only linalg.hpp finds these in the unit that includes linalg_eigen.hpp.
#ifdef FATHOM_COMPILED
#define FATHOM_LINALG_DEFINITION
#else
#define FATHOM_LINALG_DEFINITION [[gnu::weak]]
#endif

namespace fathom::inline v0::include_fathom_ops_linalg_eigen_hpp_in_one_unit {
namespace {

// Computed in double whichever the type: the solvers take longest to compile, and floats lose nothing.
using Matrix = FATHOM_EIGEN::Matrix<double, FATHOM_EIGEN::Dynamic, FATHOM_EIGEN::Dynamic>;

template <class T>
Matrix read(const T* a, std::int64_t rows, std::int64_t columns) {
    Matrix m(rows, columns);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) m(i, j) = static_cast<double>(a[i * columns + j]);
    return m;
}
template <class T>
void write(const Matrix& m, T* a) {
    for (std::int64_t i = 0; i < m.rows(); ++i)
        for (std::int64_t j = 0; j < m.cols(); ++j) a[i * m.cols() + j] = static_cast<T>(m(i, j));
}

template <class T>
bool solve_one(const T* a, const T* b, T* x, std::int64_t n, std::int64_t columns) {
    const FATHOM_EIGEN::PartialPivLU<Matrix> lu(read(a, n, n));
    for (std::int64_t i = 0; i < n; ++i)
        if (lu.matrixLU()(i, i) == 0) return false;
    write(lu.solve(read(b, n, columns)), x);
    return true;
}
template <class T>
void det_one(const T* a, T* y, std::int64_t n) {
    *y = n == 0 ? T{1} : static_cast<T>(FATHOM_EIGEN::PartialPivLU<Matrix>(read(a, n, n)).determinant());
}
template <class T>
bool eigh_one(const T* a, T* values, T* vectors, std::int64_t n) {
    const Matrix matrix = read(a, n, n);
    if (!matrix.allFinite()) return false;
    const FATHOM_EIGEN::SelfAdjointEigenSolver<Matrix> solver(matrix);
    write(solver.eigenvalues(), values);
    write(solver.eigenvectors(), vectors);
    return solver.info() == FATHOM_EIGEN::Success;
}
template <class T>
bool svd_one(const T* a, T* u, T* s, T* vh, std::int64_t rows, std::int64_t columns, bool full) {
    const Matrix matrix = read(a, rows, columns);
    if (!matrix.allFinite()) return false;
    const unsigned options = full ? FATHOM_EIGEN::ComputeFullU | FATHOM_EIGEN::ComputeFullV
                                  : FATHOM_EIGEN::ComputeThinU | FATHOM_EIGEN::ComputeThinV;
    const FATHOM_EIGEN::JacobiSVD<Matrix> solver(matrix, options);
    write(solver.matrixU(), u);
    write(solver.singularValues(), s);
    write(solver.matrixV().transpose(), vh);
    return true;
}

}  // namespace

FATHOM_LINALG_DEFINITION bool solve(const float* a, const float* b, float* x, std::int64_t n, std::int64_t columns) {
    return solve_one(a, b, x, n, columns);
}
FATHOM_LINALG_DEFINITION bool solve(const double* a, const double* b, double* x, std::int64_t n, std::int64_t columns) {
    return solve_one(a, b, x, n, columns);
}
FATHOM_LINALG_DEFINITION void det(const float* a, float* y, std::int64_t n) { det_one(a, y, n); }
FATHOM_LINALG_DEFINITION void det(const double* a, double* y, std::int64_t n) { det_one(a, y, n); }
FATHOM_LINALG_DEFINITION bool eigh(const float* a, float* values, float* vectors, std::int64_t n) {
    return eigh_one(a, values, vectors, n);
}
FATHOM_LINALG_DEFINITION bool eigh(const double* a, double* values, double* vectors, std::int64_t n) {
    return eigh_one(a, values, vectors, n);
}
FATHOM_LINALG_DEFINITION bool svd(const float* a, float* u, float* s, float* vh, std::int64_t rows,
                                  std::int64_t columns, bool full) {
    return svd_one(a, u, s, vh, rows, columns, full);
}
FATHOM_LINALG_DEFINITION bool svd(const double* a, double* u, double* s, double* vh, std::int64_t rows,
                                  std::int64_t columns, bool full) {
    return svd_one(a, u, s, vh, rows, columns, full);
}

}  // namespace fathom::inline v0::include_fathom_ops_linalg_eigen_hpp_in_one_unit

#undef FATHOM_LINALG_DEFINITION
#undef FATHOM_EIGEN
