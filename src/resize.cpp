#include "fathom/kernels/resize.hpp"

#include "fathom/kernels/resampling.inl.hpp"
#include "fathom/kernels/resize.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                                  \
    template void resize<T>(std::int64_t, std::int64_t, const Resampling&, const Resampling&, Images<const T>, \
                            Images<T>, bool);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
