#include "fathom/kernels/pad.hpp"

#include "fathom/kernels/pad.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(pad)
FATHOM_INSTANTIATE_FLOATING(pad_backward)

}  // namespace fathom::inline v0::kernels
