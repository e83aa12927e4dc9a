#include "fathom/kernels/fusion_loss.hpp"

#include "fathom/kernels/fusion_loss.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                         \
    template void fusion_loss<T>(const ImageShape&, const FusionImages<T>&, double*); \
    template void fusion_loss_backward<T>(const ImageShape&, const FusionImages<T>&, double, double, Images<T>, bool);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
