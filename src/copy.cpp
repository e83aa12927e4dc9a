#include "fathom/kernels/copy.hpp"

#include "fathom/kernels/copy.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE_FROM(From, To) template void copy<From, To>(const Loop&, To*, const From*, bool);
#define FATHOM_INSTANTIATE(T)                        \
    template void fill<T>(const Loop&, T*, T, bool); \
    FATHOM_INSTANTIATE_FROM(float, T)                \
    FATHOM_INSTANTIATE_FROM(double, T)               \
    FATHOM_INSTANTIATE_FROM(std::int64_t, T)         \
    FATHOM_INSTANTIATE_FROM(std::int32_t, T)         \
    FATHOM_INSTANTIATE_FROM(std::uint8_t, T)         \
    FATHOM_INSTANTIATE_FROM(bool, T)

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)
FATHOM_INSTANTIATE(std::int64_t)
FATHOM_INSTANTIATE(std::int32_t)
FATHOM_INSTANTIATE(std::uint8_t)
FATHOM_INSTANTIATE(bool)

}  // namespace fathom::inline v0::kernels
