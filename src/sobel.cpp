#include "fathom/kernels/sobel.hpp"

#include "fathom/kernels/sobel.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                                \
    template void sobel<T>(const ImageShape&, Images<const T>, const T*, const T*, Images<T>, bool);         \
    template void sobel_backward<T>(const ImageShape&, Images<const T>, const T*, const T*, Images<const T>, \
                                    Images<T>, T*, T*, SobelAdds);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
