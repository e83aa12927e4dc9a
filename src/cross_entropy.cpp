#include "fathom/kernels/cross_entropy.hpp"

#include "fathom/kernels/cross_entropy.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                                  \
    template bool cross_entropy<T>(const CrossEntropyShape&, const T*, const std::int64_t*, const T*, T*);     \
    template void cross_entropy_backward<T>(const CrossEntropyShape&, const T*, const std::int64_t*, const T*, \
                                            const T*, T*, bool);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
