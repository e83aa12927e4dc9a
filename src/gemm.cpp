#include "fathom/kernels/gemm.hpp"

#include "fathom/kernels/gemm.inl.hpp"

namespace fathom::inline v0::kernels {

template void gemm<float>(const float*, const float*, const float*, float*, const GemmShape&, const Epilogue<float>&);
template void gemm<double>(const double*, const double*, const double*, double*, const GemmShape&,
                           const Epilogue<double>&);

}  // namespace fathom::inline v0::kernels
