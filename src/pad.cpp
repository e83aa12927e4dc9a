#include "fathom/kernels/pad.hpp"

#include "fathom/core/dtype.hpp"
#include "fathom/kernels/pad.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_PAD(type, ...) FATHOM_INSTANTIATE(pad, type)
FATHOM_COMPUTED_DTYPES(FATHOM_PAD)
#undef FATHOM_PAD
FATHOM_INSTANTIATE_FLOATING(pad_backward)

}  // namespace fathom::inline v0::kernels
