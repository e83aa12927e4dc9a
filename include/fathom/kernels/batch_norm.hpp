// Batch normalisation with the activation behind it, and its gradient: Ioffe and Szegedy, ICML 2015. With m and v the
// mean and variance of a channel and f the activation:
//   r = 1 / sqrt(v + eps)
//   z = (x - m) r w + b
//   y = f(z)
// docs/batch_norm.md derives the gradient. Next: batch_norm.kernel.hpp.
#pragma once

#include <cstdint>

#include "fathom/kernels/epilogue.hpp"

namespace fathom::inline v0::kernels {

// Pixels of all images, one constant step apart; a pixel's channels lie together.
template <class T>
struct ChannelRows {
    T* data;
    std::int64_t step;
};

// What normalises a channel: [channels] each; w and b may be null (1 and 0).
template <class T>
struct ChannelNorm {
    const T *mean, *inverse_std, *w, *b;
    Activation activation;
    double slope;  // of leaky_relu
};

// The mean of each channel and 1 / sqrt(variance + eps). running_mean and running_var, where given, move towards them
// by `momentum`; running_var towards the unbiased variance.
template <class T>
void batch_norm_statistics(ChannelRows<const T> x, std::int64_t pixels, std::int64_t channels, double eps, T* mean,
                           T* inverse_std, T* running_mean, T* running_var, double momentum);

template <class T>
void batch_norm(ChannelRows<const T> x, std::int64_t pixels, std::int64_t channels, const ChannelNorm<T>& norm,
                ChannelRows<T> y);

// Whether a gradient is added to what is there, for each of batch_norm_backward's.
struct BatchNormAdds {
    bool dx = false, dw = false, db = false;
};

// From dy: dw and db (either may be null), and dx, if it has data, overwritten or added to. `training`: mean and
// inverse_std are those of x itself, and the gradient flows through them.
template <class T>
void batch_norm_backward(ChannelRows<const T> x, std::int64_t pixels, std::int64_t channels, const ChannelNorm<T>& norm,
                         ChannelRows<const T> dy, bool training, ChannelRows<T> dx, T* dw, T* db, BatchNormAdds add);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/batch_norm.inl.hpp"
#endif
