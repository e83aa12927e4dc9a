#include "fathom/kernels/sort.hpp"

#include "fathom/core/dtype.hpp"
#include "fathom/kernels/sort.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T, ...) template void sort_indices<T>(const Loop&, const T*, std::int64_t*, const SortLine&);
FATHOM_COMPUTED_DTYPES(FATHOM_INSTANTIATE)

}  // namespace fathom::inline v0::kernels
