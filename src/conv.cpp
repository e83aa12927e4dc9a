#include "fathom/kernels/conv.hpp"

#include "fathom/kernels/conv.inl.hpp"
#include "fathom/kernels/conv_tiles.inl.hpp"
#include "instantiate.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INSTANTIATE_FLOATING(conv_forward)
FATHOM_INSTANTIATE_FLOATING(conv_data)
FATHOM_INSTANTIATE_FLOATING(conv_weight)
FATHOM_INSTANTIATE_FLOATING(chosen)
template void run<float>(ConvAlgorithm, const ConvForward<float>&);
template void run<double>(ConvAlgorithm, const ConvForward<double>&);
template void run<float>(ConvAlgorithm, const ConvData<float>&);
template void run<double>(ConvAlgorithm, const ConvData<double>&);
template void run<float>(ConvAlgorithm, const ConvWeight<float>&);
template void run<double>(ConvAlgorithm, const ConvWeight<double>&);

}  // namespace fathom::inline v0::kernels
