#include "fathom/kernels/resize.hpp"

#include "fathom/kernels/resampling.inl.hpp"
#include "fathom/kernels/resize.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(resize)

}  // namespace fathom::inline v0::kernels
