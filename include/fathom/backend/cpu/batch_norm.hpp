// The CPU's batch normalisation: unpacks abi::BatchNormArgs for kernels/batch_norm.hpp.
#pragma once

#include <cmath>

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/batch_norm.hpp"

namespace fathom::inline v0::cpu {

// Images lie as those of a convolution do: pixels one constant step apart.
template <class T, class U = T>
kernels::ChannelRows<U> channel_rows(const abi::Array& image) {
    if (!image.data || numel(image) == 0) return {nullptr, 0};
    return {data<T>(image), image.strides[3]};
}

template <class T>
kernels::ChannelNorm<T> channel_norm(const abi::BatchNormArgs& args) {
    return {data<T>(args.mean), data<T>(args.inverse_std), data<T>(args.weight),
            data<T>(args.bias), args.activation,           args.slope};
}

template <class T>
void batch_norm(const abi::Call&, const abi::BatchNormArgs& args) {
    const std::int64_t channels = args.x.shape[1], pixels = channels ? numel(args.x) / channels : 0;
    const auto x = channel_rows<T, const T>(args.x);
    T *mean = data<T>(args.mean), *inverse_std = data<T>(args.inverse_std);
    const T *running_mean = data<T>(args.running_mean), *running_var = data<T>(args.running_var);
    if (args.training) {
        kernels::batch_norm_statistics<T>(x, pixels, channels, args.eps, mean, inverse_std, data<T>(args.running_mean),
                                          data<T>(args.running_var), args.momentum);
    } else {
        for (std::int64_t c = 0; c < channels; ++c) {
            mean[c] = running_mean[c];
            inverse_std[c] = static_cast<T>(1 / std::sqrt(static_cast<double>(running_var[c]) + args.eps));
        }
    }
    kernels::batch_norm<T>(x, pixels, channels, channel_norm<T>(args), channel_rows<T>(args.y));
}

template <class T>
void batch_norm_backward(const abi::Call&, const abi::BatchNormArgs& args) {
    const std::int64_t channels = args.x.shape[1], pixels = channels ? numel(args.x) / channels : 0;
    kernels::batch_norm_backward<T>(channel_rows<T, const T>(args.x), pixels, channels, channel_norm<T>(args),
                                    channel_rows<T, const T>(args.dy), args.training != 0, channel_rows<T>(args.dx),
                                    data<T>(args.dweight), data<T>(args.dbias),
                                    {args.dx.add != 0, args.dweight.add != 0, args.dbias.add != 0});
}

}  // namespace fathom::inline v0::cpu
