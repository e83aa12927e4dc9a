#include "fathom/kernels/select.hpp"

#include "fathom/kernels/select.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE_COMPARE(T, op) \
    template void compare<T, Elementwise::op>(const Loop&, bool*, const T*, const T*);
#define FATHOM_INSTANTIATE(T)                                                       \
    template void where<T>(const Loop&, T*, const bool*, const T*, const T*, bool); \
    FATHOM_INSTANTIATE_COMPARE(T, equal)                                            \
    FATHOM_INSTANTIATE_COMPARE(T, not_equal)                                        \
    FATHOM_INSTANTIATE_COMPARE(T, less)                                             \
    FATHOM_INSTANTIATE_COMPARE(T, less_equal)

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)
FATHOM_INSTANTIATE(std::int64_t)
FATHOM_INSTANTIATE(std::int32_t)
FATHOM_INSTANTIATE(std::uint8_t)
FATHOM_INSTANTIATE(bool)

}  // namespace fathom::inline v0::kernels
