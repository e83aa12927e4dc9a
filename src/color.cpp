#include "fathom/kernels/color.hpp"

#include "fathom/kernels/color.inl.hpp"

namespace fathom::inline v0::kernels {

template void color<float>(const Loop&, ColorTransform, const float*, std::int64_t, float*, std::int64_t, bool);
template void color<double>(const Loop&, ColorTransform, const double*, std::int64_t, double*, std::int64_t, bool);

}  // namespace fathom::inline v0::kernels
