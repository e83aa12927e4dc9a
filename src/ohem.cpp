#include "fathom/kernels/ohem.hpp"

#include "fathom/kernels/ohem.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(ohem_select)
FATHOM_INSTANTIATE_FLOATING(ohem_mean)
FATHOM_INSTANTIATE_FLOATING(ohem_backward)

}  // namespace fathom::inline v0::kernels
