#include "fathom/kernels/batch_norm.hpp"

#include "fathom/kernels/batch_norm.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(batch_norm_statistics)
FATHOM_INSTANTIATE_FLOATING(batch_norm)
FATHOM_INSTANTIATE_FLOATING(batch_norm_backward)

}  // namespace fathom::inline v0::kernels
