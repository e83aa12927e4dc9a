#include "fathom/kernels/layer_norm.hpp"

#include "fathom/kernels/layer_norm.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                       \
    template decltype(layer_norm<T>) layer_norm<T>; \
    template decltype(layer_norm_backward<T>) layer_norm_backward<T>;

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
