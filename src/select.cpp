#include "fathom/kernels/select.hpp"

#include "fathom/core/dtype.hpp"
#include "fathom/kernels/select.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T, ...) template void where<T>(const Loop&, T*, const bool*, const T*, const T*, bool);

FATHOM_DTYPES(FATHOM_INSTANTIATE)

}  // namespace fathom::inline v0::kernels
