#include "fathom/kernels/optimise.hpp"

#include "fathom/kernels/optimise.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                        \
    template void sgd<T>(const Loop&, T*, const T*, T*, const OptimiserStep&);                       \
    template void adam<T, Optimiser::adam>(const Loop&, T*, const T*, T*, T*, const OptimiserStep&); \
    template void adam<T, Optimiser::adamw>(const Loop&, T*, const T*, T*, T*, const OptimiserStep&);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
