// Pooling of images: maxima and averages over windows.
#pragma once

#include "fathom/backend/cpu/window.hpp"
#include "fathom/ops/linear_map.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments. padding: on each side, at most half of the kernel.
struct PoolOptions {
    Pair kernel_size;
    Pair stride = kernel_size;
    Pair padding = 0;
};

namespace detail {

struct MaxPoolEntries {
    CpuEntry<abi::WindowArgs> forward, backward, take;
    const autograd::TypeOps* ops;
};
AnyTensor max_pool2d(const MaxPoolEntries& cpu, const AnyTensor& x, const PoolOptions& options, Where site);

AnyTensor avg_pool2d(const LinearMap<abi::WindowArgs>& map, const AnyTensor& x, const PoolOptions& options, Where site);
AnyTensor adaptive_avg_pool2d(const LinearMap<abi::WindowArgs>& map, const AnyTensor& x, Pair output_size, Where site);

template <FloatElement T>
inline constexpr LinearMap<abi::WindowArgs> average_entries = {&cpu::average_pool<T>, &cpu::average_pool_backward<T>,
                                                               &abi::Table::window, &abi::Table::window_backward,
                                                               &autograd::type_ops<T>};

}  // namespace detail

// x [N, C, H, W] -> [N, C, H', W'] with channels-last strides. H' = (H + 2 padding - kernel_size) / stride + 1, rounded
// down. The padding never wins. A gradient goes to the first of equal maxima; NaN wins.
template <FloatElement T>
Tensor<T> max_pool2d(const Tensor<T>& x, const PoolOptions& options, Where site = Where::here()) {
    static constexpr detail::MaxPoolEntries entries = {&cpu::max_pool<T>, &cpu::max_pool_backward<T>, &cpu::take<T>,
                                                       &autograd::type_ops<T>};
    return detail::typed<T>(detail::max_pool2d(entries, x, options, site));
}

// Sizes as for max_pool2d. The padding counts as zeros.
template <FloatElement T>
Tensor<T> avg_pool2d(const Tensor<T>& x, const PoolOptions& options, Where site = Where::here()) {
    return detail::typed<T>(detail::avg_pool2d(detail::average_entries<T>, x, options, site));
}

// x [N, C, H, W] -> [N, C, output_size]: output i is the mean of inputs floor(i H / H') to ceil((i + 1) H / H') - 1, in
// both directions. output_size 1 is the mean of the whole image.
template <FloatElement T>
Tensor<T> adaptive_avg_pool2d(const Tensor<T>& x, Pair output_size, Where site = Where::here()) {
    return detail::typed<T>(detail::adaptive_avg_pool2d(detail::average_entries<T>, x, output_size, site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/pool.inl.hpp"
#endif
