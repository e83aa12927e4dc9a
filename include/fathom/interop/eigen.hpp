// Eigen beside fathom: map_eigen() shows a tensor's memory as an Eigen matrix, to_eigen() and from_eigen() copy.
// Opt-in: needs Eigen 3.4 (Debian: libeigen3-dev). Eigen's own functions differ with the flags of the unit that
// compiles them, but not in their names, so Eigen asks all units of a program that use it for the same flags. What
// stands here adds nothing to that: its names carry the flags.
#pragma once

// A unit with linalg_eigen.hpp before has Eigen under another name.
#ifdef FATHOM_EIGEN_RENAMED
#error "include fathom/interop/eigen.hpp, or Eigen itself, before fathom/ops/linalg_eigen.hpp, or in another unit"
#endif
#include <Eigen/Core>

#include "fathom/kernels/simd.hpp"
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0 {

namespace detail {
// The steps between rows and between columns of a tensor with one dimension (a column) or two.
struct MatrixView {
    std::int64_t rows, columns, row_step, column_step;
};
inline MatrixView matrix_view(const AnyTensor& x, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() != 1 && x.rank() != 2)
        fail(name, site, {"shape ", x.shape(), " is no matrix, expected [rows,columns] or [rows]"});
    if (x.rank() == 1) return {x.shape()[0], 1, x.strides()[0], 1};
    return {x.shape()[0], x.shape()[1], x.strides()[0], x.strides()[1]};
}
}  // namespace detail

inline namespace FATHOM_ISA_NAMESPACE(eigen) {

    template <class T>
    using EigenMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    template <class M>
    using EigenMap = Eigen::Map<M, Eigen::Unaligned, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

    // The memory of x, [rows, columns] or [rows], in any strides, on the CPU; it must outlive the map. This one counts
    // as a write: a backward that needs the old values will say so.
    template <Element T>
    EigenMap<EigenMatrix<T>> map_eigen(Tensor<T> & x, Where site = Where::here()) {
        const auto v = detail::matrix_view(x, "map_eigen", site);
        return {x.mutable_data(site), v.rows, v.columns, {v.row_step, v.column_step}};
    }
    // For reading alone.
    template <Element T>
    EigenMap<const EigenMatrix<T>> map_eigen(const Tensor<T>& x, Where site = Where::here()) {
        const auto v = detail::matrix_view(x, "map_eigen", site);
        return {x.data(site), v.rows, v.columns, {v.row_step, v.column_step}};
    }
    // A copy of the values of [rows, columns] or [rows].
    template <Element T>
    EigenMatrix<T> to_eigen(const Tensor<T>& x, Where site = Where::here()) {
        const auto v = detail::matrix_view(x, "to_eigen", site);
        return EigenMap<const EigenMatrix<T>>(x.data(site), v.rows, v.columns, {v.row_step, v.column_step});
    }
    // A copy of the values of a matrix or of an expression: [rows, columns]; of a vector, which has one of them when it
    // is compiled: [n].
    template <class Derived>
    Tensor<typename Derived::Scalar> from_eigen(const Eigen::DenseBase<Derived>& m, Where site = Where::here()) {
        using T = typename Derived::Scalar;
        const std::int64_t rows = m.rows(), columns = m.cols();
        const Shape shape = Derived::IsVectorAtCompileTime ? Shape{m.size()} : Shape{rows, columns};
        Tensor<T> x = detail::new_row_major<T>(shape, "from_eigen", site);
        EigenMap<EigenMatrix<T>>(static_cast<T*>(x.untyped().raw_unchecked()), rows, columns, {columns, 1}) =
            m.derived();
        return x;
    }

}  // inline namespace

}  // namespace fathom::inline v0
