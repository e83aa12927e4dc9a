#include "fathom/kernels/pad.hpp"

#include "fathom/kernels/pad.inl.hpp"

namespace fathom::inline v0::kernels {

template void pad<float>(const PadShape&, const float*, float*, float, bool);
template void pad<double>(const PadShape&, const double*, double*, double, bool);
template void pad_backward<float>(const PadShape&, float*, const float*, bool);
template void pad_backward<double>(const PadShape&, double*, const double*, bool);

}  // namespace fathom::inline v0::kernels
