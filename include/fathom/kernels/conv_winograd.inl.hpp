// Winograd convolution: how tiles and groups of outputs are shared out. Next: conv_winograd.kernel.hpp.
#pragma once

#include <algorithm>

#include "fathom/kernels/conv_strips.inl.hpp"

namespace fathom::inline v0::kernels {

// 4x4 outputs of one image.
struct WinogradTile {
    std::int64_t image, row, col;  // row and col count tiles
};

// The tiles of a 3x3 convolution with stride 1 from x, and where the 6x6 inputs of each begin.
template <class T>
struct WinogradInput {
    ConvImage<const T> x;
    std::int64_t images, tile_rows, tile_cols;  // tiles of one image
    std::int64_t first_y, first_x;              // the smallest tap

    std::int64_t tiles() const { return images * tile_rows * tile_cols; }
    WinogradTile tile(std::int64_t index) const {
        const std::int64_t row = index / tile_cols;
        return {row / tile_rows, row % tile_rows, index % tile_cols};
    }
    std::int64_t channel_blocks() const { return (x.channels + tuning::conv_block - 1) / tuning::conv_block; }
    // Of the transformed input of a block of tiles.
    std::int64_t block_elements() const { return channel_blocks() * 36 * tuning::winograd_input_step; }
};

template <class T>
WinogradInput<T> winograd_input(const ConvPlan& plan, const ConvImage<const T>& x, std::int64_t out_height,
                                std::int64_t out_width) {
    WinogradInput<T> in{x, plan.images, (out_height + 3) / 4, (out_width + 3) / 4, plan.taps[0].y, plan.taps[0].x};
    for (int t = 1; t < plan.tap_count; ++t) {
        in.first_y = std::min(in.first_y, plan.taps[t].y);
        in.first_x = std::min(in.first_x, plan.taps[t].x);
    }
    return in;
}

template <class T>
struct WinogradTaps : ConvTaps<T> {
    WinogradInput<T> in;
};

template <class T>
struct WinogradWeightTaps : ConvWeightTaps<T> {
    WinogradInput<T> in;
};

namespace detail {

// On the ISA in use; the layouts are in conv_winograd.kernel.hpp.
template <class T>
struct WinogradKernel {
    std::int64_t group;  // outputs
    void (*weights)(const WinogradTaps<T>&, std::int64_t group, T* weights);
    void (*inputs)(const WinogradInput<T>&, std::int64_t first, std::int64_t last, T* v);
    void (*outputs)(const WinogradTaps<T>&, std::int64_t first, std::int64_t last, std::int64_t group, const T* v,
                    const T* weights, T* m);
};

}  // namespace detail
}  // namespace fathom::inline v0::kernels

#define FATHOM_KERNEL "fathom/kernels/conv_winograd.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
void run_winograd_taps(const ConvTaps<T>& taps, const WinogradKernel<T>& kernel, const char* operation) {
    if (taps.images * taps.y.height * taps.y.width * taps.y.channels == 0) return;
    const WinogradTaps<T> conv{taps, winograd_input<T>(taps, taps.x, taps.y.height, taps.y.width)};

    constexpr std::int64_t bytes = sizeof(T);
    const std::int64_t channels = conv.x.channels, groups = (conv.y.channels + kernel.group - 1) / kernel.group;
    const Scratch weights(groups * kernel.group * channels * 36 * bytes, operation);
    T* const u = weights.as<T>();
    parallel_for(0, groups, 1 + tuning::conv_pack_grain / (kernel.group * channels * 36 + 1),
                 [&](std::int64_t first, std::int64_t last) {
                     for (std::int64_t g = first; g < last; ++g) kernel.weights(conv, g, u);
                 });

    constexpr std::int64_t block = tuning::winograd_tiles;
    const std::int64_t tiles = conv.in.tiles(), blocks = (tiles + block - 1) / block;
    const std::int64_t v_elements = conv.in.block_elements(),
                       m_elements = 36 * (block * kernel.group + tuning::conv_block);
    const auto last_of = [&](std::int64_t b) { return std::min((b + 1) * block, tiles); };
    if (groups * kernel.group * channels * 36 * bytes <= tuning::winograd_cached_weights) {
        // Every block streams the weights of all outputs.
        parallel_for(0, blocks, 1, [&](std::int64_t first, std::int64_t last) {
            const Scratch v(v_elements * bytes, operation), m(m_elements * bytes, operation);
            for (std::int64_t b = first; b < last; ++b) {
                kernel.inputs(conv.in, b * block, last_of(b), v.as<T>());
                for (std::int64_t g = 0; g < groups; ++g)
                    kernel.outputs(conv, b * block, last_of(b), g, v.as<T>(), u, m.as<T>());
            }
        });
        return;
    }
    // The weights of a group are read once for many blocks, whose transformed input is read once for each group.
    const std::int64_t some = std::clamp<std::int64_t>(tuning::winograd_input_bytes / (v_elements * bytes), 1, blocks);
    const Scratch v(some * v_elements * bytes, operation);
    const auto input = [&](std::int64_t b) { return v.as<T>() + b % some * v_elements; };
    for (std::int64_t begin = 0; begin < blocks; begin += some) {
        const std::int64_t end = std::min(begin + some, blocks);
        parallel_for(begin, end, 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t b = first; b < last; ++b) kernel.inputs(conv.in, b * block, last_of(b), input(b));
        });
        parallel_for(0, groups, 1, [&](std::int64_t first, std::int64_t last) {
            const Scratch m(m_elements * bytes, operation);
            for (std::int64_t g = first; g < last; ++g)
                for (std::int64_t b = begin; b < end; ++b)
                    kernel.outputs(conv, b * block, last_of(b), g, input(b), u, m.as<T>());
        });
    }
}

// Forward and data.
template <template <class> class Pass, class T>
void run_winograd(const Pass<T>& pass) {
    const WinogradKernel<T> kernel = FATHOM_DISPATCH(winograd::kernel<T>());
    for_each_taps(pass, [&](const ConvTaps<T>& conv, const std::vector<ConvTap>&, std::int64_t, std::int64_t,
                            const char* operation) { run_winograd_taps(conv, kernel, operation); });
}

}  // namespace fathom::inline v0::kernels::detail
