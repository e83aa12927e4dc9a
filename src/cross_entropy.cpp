#include "fathom/kernels/cross_entropy.hpp"

#include "fathom/kernels/cross_entropy.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(cross_entropy)
FATHOM_INSTANTIATE_FLOATING(cross_entropy_backward)

}  // namespace fathom::inline v0::kernels
