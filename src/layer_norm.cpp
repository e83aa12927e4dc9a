#include "fathom/kernels/layer_norm.hpp"

#include "fathom/kernels/layer_norm.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(layer_norm)
FATHOM_INSTANTIATE_FLOATING(layer_norm_backward)

}  // namespace fathom::inline v0::kernels
