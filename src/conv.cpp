#include "fathom/kernels/conv.hpp"

#include "fathom/kernels/conv.inl.hpp"

namespace fathom::inline v0::kernels {

template void conv_forward<float>(const float*, const float*, const float*, float*, const ConvShape&,
                                  const Epilogue<float>&, Precision);
template void conv_forward<double>(const double*, const double*, const double*, double*, const ConvShape&,
                                   const Epilogue<double>&, Precision);
template void conv_data<float>(const float*, const float*, float*, const ConvShape&, const Epilogue<float>&, Precision);
template void conv_data<double>(const double*, const double*, double*, const ConvShape&, const Epilogue<double>&,
                                Precision);
template void conv_weight<float>(const float*, const float*, float*, float*, const ConvShape&, bool, bool, Precision);
template void conv_weight<double>(const double*, const double*, double*, double*, const ConvShape&, bool, bool,
                                  Precision);
template void run<float>(ConvAlgorithm, const ConvForward<float>&);
template void run<double>(ConvAlgorithm, const ConvForward<double>&);
template void run<float>(ConvAlgorithm, const ConvData<float>&);
template void run<double>(ConvAlgorithm, const ConvData<double>&);
template void run<float>(ConvAlgorithm, const ConvWeight<float>&);
template void run<double>(ConvAlgorithm, const ConvWeight<double>&);
template int conv_lanes<float>();
template int conv_lanes<double>();

}  // namespace fathom::inline v0::kernels
