#include "fathom/kernels/sobel.hpp"

#include "fathom/kernels/sobel.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(sobel)
FATHOM_INSTANTIATE_FLOATING(sobel_backward)

}  // namespace fathom::inline v0::kernels
