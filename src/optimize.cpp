#include "fathom/kernels/optimize.hpp"

#include "fathom/kernels/optimize.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                         \
    template void sgd<T>(const Loop&, T*, const T*, T*, const OptimizerStep&);                        \
    template void adam<T, UpdateRule::adam>(const Loop&, T*, const T*, T*, T*, const OptimizerStep&); \
    template void adam<T, UpdateRule::adamw>(const Loop&, T*, const T*, T*, T*, const OptimizerStep&);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
