#include "fathom/kernels/fft.hpp"

#include "fathom/kernels/fft.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(fft)

}  // namespace fathom::inline v0::kernels
