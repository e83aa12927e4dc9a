#include "fathom/kernels/gemm.hpp"

#include "fathom/kernels/gemm.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(gemm)

}  // namespace fathom::inline v0::kernels
