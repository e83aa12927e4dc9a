#include "fathom/kernels/select.hpp"

#include "fathom/kernels/select.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T) template void where<T>(const Loop&, T*, const bool*, const T*, const T*, bool);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)
FATHOM_INSTANTIATE(std::int64_t)
FATHOM_INSTANTIATE(std::int32_t)
FATHOM_INSTANTIATE(std::uint8_t)
FATHOM_INSTANTIATE(bool)

}  // namespace fathom::inline v0::kernels
