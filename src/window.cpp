#include "fathom/kernels/window.hpp"

#include "fathom/kernels/window.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(max_pool)
FATHOM_INSTANTIATE_FLOATING(max_pool_backward)
FATHOM_INSTANTIATE_FLOATING(take)

}  // namespace fathom::inline v0::kernels
