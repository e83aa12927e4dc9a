#include "fathom/kernels/color.hpp"

#include "fathom/kernels/color.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(color)

}  // namespace fathom::inline v0::kernels
