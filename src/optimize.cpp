#include "fathom/kernels/optimize.hpp"

#include "fathom/kernels/optimize.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(sgd)
FATHOM_INSTANTIATE_FLOATING(rmsprop)
FATHOM_INSTANTIATE_FLOATING(adagrad)
FATHOM_INSTANTIATE(adam, float, UpdateRule::adam)
FATHOM_INSTANTIATE(adam, float, UpdateRule::adamw)
FATHOM_INSTANTIATE(adam, double, UpdateRule::adam)
FATHOM_INSTANTIATE(adam, double, UpdateRule::adamw)

}  // namespace fathom::inline v0::kernels
