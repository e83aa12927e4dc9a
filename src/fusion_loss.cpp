#include "fathom/kernels/fusion_loss.hpp"

#include "fathom/kernels/fusion_loss.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(fusion_loss)
FATHOM_INSTANTIATE_FLOATING(fusion_loss_backward)

}  // namespace fathom::inline v0::kernels
