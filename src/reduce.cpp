#include "fathom/kernels/reduce.hpp"

#include "fathom/kernels/reduce.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE_EXTREMUM(T, op)                                               \
    template void reduce<T, Reduce::op>(const ReduceLoops&, T*, const T*, double, bool); \
    template void reduce_indexed<T, Reduce::op>(const ReduceLoops&, T*, std::int64_t*, const T*);
#define FATHOM_INSTANTIATE(T, ...)                                                        \
    template void reduce<T, Reduce::sum>(const ReduceLoops&, T*, const T*, double, bool); \
    FATHOM_INSTANTIATE_EXTREMUM(T, max)                                                   \
    FATHOM_INSTANTIATE_EXTREMUM(T, min)

FATHOM_NUMBER_DTYPES(FATHOM_INSTANTIATE)

}  // namespace fathom::inline v0::kernels
