#include "fathom/kernels/index.hpp"

#include "fathom/core/dtype.hpp"
#include "fathom/kernels/index.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T, ...) \
    template void scatter_add<T>(const Loop&, T*, const std::int64_t*, const T*, const IndexLine&);
FATHOM_DTYPES(FATHOM_INSTANTIATE)

}  // namespace fathom::inline v0::kernels
