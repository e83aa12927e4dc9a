#include "fathom/kernels/scan.hpp"

#include "fathom/core/dtype.hpp"
#include "fathom/kernels/scan.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_SCANS(T, ...)               \
    FATHOM_INSTANTIATE(scan, T, Scan::sum) \
    FATHOM_INSTANTIATE(scan, T, Scan::product)
FATHOM_COMPUTED_DTYPES(FATHOM_SCANS)

}  // namespace fathom::inline v0::kernels
