#include "fathom/kernels/batch_norm.hpp"

#include "fathom/kernels/batch_norm.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T)                                                                                        \
    template void batch_norm_statistics<T>(ChannelRows<const T>, std::int64_t, std::int64_t, double, T*, T*, T*, T*, \
                                           double);                                                                  \
    template void batch_norm<T>(ChannelRows<const T>, std::int64_t, std::int64_t, const ChannelNorm<T>&,             \
                                ChannelRows<T>);                                                                     \
    template void batch_norm_backward<T>(ChannelRows<const T>, std::int64_t, std::int64_t, const ChannelNorm<T>&,    \
                                         ChannelRows<const T>, bool, ChannelRows<T>, T*, T*, BatchNormAdds);

FATHOM_INSTANTIATE(float)
FATHOM_INSTANTIATE(double)

}  // namespace fathom::inline v0::kernels
