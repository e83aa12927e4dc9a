#include "fathom/kernels/grid_sample.hpp"

#include "fathom/kernels/grid_sample.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(grid_sample)
FATHOM_INSTANTIATE_FLOATING(grid_sample_input_gradient)
FATHOM_INSTANTIATE_FLOATING(grid_sample_grid_gradient)

}  // namespace fathom::inline v0::kernels
