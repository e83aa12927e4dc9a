#include "fathom/kernels/window.hpp"

#include "fathom/kernels/window.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                                  \
    template void max_pool<T>(const WindowShape&, Images<const T>, Images<T>, Images<T>);                      \
    template void max_pool_backward<T>(const WindowShape&, Images<const T>, Images<const T>, Images<T>, bool); \
    template void take<T>(const WindowShape&, Images<const T>, Images<const T>, Images<T>);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
