#include "fathom/kernels/random.hpp"

#include "fathom/kernels/random.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                       \
    template void random_uniform<T>(const Loop&, T*, RandomStream, double, double); \
    template void random_normal<T>(const Loop&, T*, RandomStream, double, double);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
