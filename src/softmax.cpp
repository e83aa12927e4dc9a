#include "fathom/kernels/softmax.hpp"

#include "fathom/kernels/softmax.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(softmax)
FATHOM_INSTANTIATE_FLOATING(softmax_backward)

}  // namespace fathom::inline v0::kernels
