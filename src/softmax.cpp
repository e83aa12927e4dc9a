#include "fathom/kernels/softmax.hpp"

#include "fathom/kernels/softmax.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                                        \
    template void softmax<T>(const Loop&, std::int64_t, const T*, std::int64_t, T*, std::int64_t, bool);             \
    template void softmax_backward<T>(const Loop&, std::int64_t, const T*, std::int64_t, const T*, std::int64_t, T*, \
                                      std::int64_t, bool, bool);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
