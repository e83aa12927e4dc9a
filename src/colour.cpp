#include "fathom/kernels/colour.hpp"

#include "fathom/kernels/colour.inl.hpp"

namespace fathom::inline v0::kernels {

template void colour<float>(const Loop&, Colour, const float*, std::int64_t, float*, std::int64_t, bool);
template void colour<double>(const Loop&, Colour, const double*, std::int64_t, double*, std::int64_t, bool);

}  // namespace fathom::inline v0::kernels
