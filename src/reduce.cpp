#include "fathom/kernels/reduce.hpp"

#include "fathom/kernels/reduce.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE_SUM(T, ...) \
    template void reduce<T, Reduce::sum>(const ReduceLoops&, Reduced<T, Reduce::sum>*, const T*, double, bool);
#define FATHOM_INSTANTIATE_EXTREMUM(T, op)                                               \
    template void reduce<T, Reduce::op>(const ReduceLoops&, T*, const T*, double, bool); \
    template void reduce_indexed<T, Reduce::op>(const ReduceLoops&, T*, std::int64_t*, const T*);
#define FATHOM_INSTANTIATE_EXTREMA(T, ...) \
    FATHOM_INSTANTIATE_EXTREMUM(T, max)    \
    FATHOM_INSTANTIATE_EXTREMUM(T, min)

#define FATHOM_INSTANTIATE_PRODUCT(T, ...) \
    template void reduce<T, Reduce::product>(const ReduceLoops&, Reduced<T, Reduce::product>*, const T*, double, bool);
#define FATHOM_INSTANTIATE_NORM(T, ...) \
    template void reduce<T, Reduce::norm>(const ReduceLoops&, T*, const T*, double, bool);

FATHOM_COMPUTED_DTYPES(FATHOM_INSTANTIATE_SUM)
FATHOM_COMPUTED_DTYPES(FATHOM_INSTANTIATE_PRODUCT)
FATHOM_FLOATING_DTYPES(FATHOM_INSTANTIATE_NORM)
FATHOM_NUMBER_DTYPES(FATHOM_INSTANTIATE_EXTREMA)

}  // namespace fathom::inline v0::kernels
