#include "fathom/kernels/ohem.hpp"

#include "fathom/kernels/ohem.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                       \
    template OhemSelection ohem_select<T>(const T*, std::int64_t, T, std::int64_t); \
    template T ohem_mean<T>(const T*, std::int64_t, const OhemSelection&);          \
    template void ohem_backward<T>(const T*, std::int64_t, const OhemSelection&, T, T*);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
