#include "fathom/kernels/conv.hpp"

#include "fathom/kernels/conv.inl.hpp"

namespace fathom::inline v0::kernels {

template void conv_forward<float>(const float*, const float*, const float*, float*, const ConvShape&, const Epilogue&);
template void conv_forward<double>(const double*, const double*, const double*, double*, const ConvShape&,
                                   const Epilogue&);
template void conv_data<float>(const float*, const float*, float*, const ConvShape&, bool);
template void conv_data<double>(const double*, const double*, double*, const ConvShape&, bool);
template void conv_weight<float>(const float*, const float*, float*, float*, const ConvShape&, bool, bool);
template void conv_weight<double>(const double*, const double*, double*, double*, const ConvShape&, bool, bool);

}  // namespace fathom::inline v0::kernels
