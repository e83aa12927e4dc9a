#include "fathom/kernels/random.hpp"

#include "fathom/kernels/random.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(random_uniform)
FATHOM_INSTANTIATE_FLOATING(random_normal)

}  // namespace fathom::inline v0::kernels
