// Definitions of linalg.hpp, but for what Eigen computes (linalg_eigen.inl.hpp).
#include "fathom/core/parallel_for.hpp"

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_matrices(const AnyTensor& x, bool square, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() < 2 || (square && x.shape()[-1] != x.shape()[-2]))
        fail(name, site, {"input has shape ", x.shape(), square ? ", expected [...,n,n]" : ", expected [...,m,n]"});
    if (!x.device().is_cpu())
        fail(name, site, {"has no kernel for ", x.dtype(), " on ", x.device(), "; take to(Device::cpu())"});
}

FATHOM_INLINE std::int64_t matrix_count(const Shape& shape) {
    return Shape::from(shape.begin(), shape.end() - 2).numel();
}

// Small matrices go to a thread together: that takes some ten microseconds.
FATHOM_INLINE void for_each_matrix(std::int64_t count, std::int64_t work, void (*f)(const void*, std::int64_t),
                                   const void* context) {
    parallel_for(0, count, 1 + (1 << 15) / plus(work, 1), [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) f(context, i);
    });
}

FATHOM_INLINE void fail_matrix(const char* name, Where site, std::int64_t matrix, std::int64_t count,
                               const char* problem) {
    if (count == 1) fail(name, site, {"the matrix ", problem});
    fail(name, site, {"matrix ", matrix, " of ", count, " ", problem});
}

FATHOM_INLINE Shape matrix_shape(const Shape& like, std::int64_t rows, std::int64_t columns) {
    Shape shape = like;
    shape[-2] = rows, shape[-1] = columns;
    return shape;
}

FATHOM_INLINE Shape matrix_batch(const Shape& a, const Shape& b, const char* name, Where site) {
    Shape batch;
    if (!broadcast_shapes(Shape::from(a.begin(), a.end() - 2), Shape::from(b.begin(), b.end() - 2), batch))
        fail(name, site, {"leading dimensions of ", a, " and ", b, " do not broadcast"});
    return batch;
}

FATHOM_INLINE Shape joined(Shape batch, const Shape& last) {
    for (const std::int64_t n : last) batch.push_back(n);
    return batch;
}

}  // namespace fathom::inline v0::detail
