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
    void (*weights)(const WinogradTaps<T>&, std::int64_t group, std::int64_t first, std::int64_t last, T* u,
                    std::int64_t u_step);
    void (*inputs)(const WinogradInput<T>&, std::int64_t first, std::int64_t last, T* v);
    void (*multiply)(const WinogradTaps<T>&, std::int64_t group, std::int64_t tiles, std::int64_t channels, const T* v,
                     const T* u, std::int64_t u_step, T* m, bool add);
    void (*outputs)(const WinogradTaps<T>&, std::int64_t group, std::int64_t first, std::int64_t last, const T* m);
};

}  // namespace detail
}  // namespace fathom::inline v0::kernels

#define FATHOM_KERNEL "fathom/kernels/conv_winograd.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// A pass by blocks of tiles and groups of outputs.
template <class T>
class WinogradRun {
public:
    WinogradRun(const ConvTaps<T>& taps, const WinogradKernel<T>& kernel, const char* operation)
        : conv_{taps, winograd_input<T>(taps, taps.x, taps.y.height, taps.y.width)},
          kernel_(kernel),
          operation_(operation) {}

    void run() const {
        if (tiles_ * conv_.y.channels == 0) return;
        if (channels_ == 0 || (blocks_ >= tuning::winograd_blocks &&
                               groups_ * u_elements(channels_) * bytes <= tuning::winograd_cached_weights))
            run_blocks();
        else
            run_groups();
    }

private:
    static constexpr std::int64_t bytes = sizeof(T), block = tuning::winograd_tiles;

    // From one of the 36 to the next: no power of two, as in the kernel.
    std::int64_t u_step(std::int64_t channels) const { return kernel_.group * channels + tuning::conv_block; }
    std::int64_t u_elements(std::int64_t channels) const { return 36 * u_step(channels); }
    std::int64_t last_of(std::int64_t b) const { return std::min((b + 1) * block, tiles_); }
    void transform_input(std::int64_t b, T* v) const { kernel_.inputs(conv_.in, b * block, last_of(b), v); }
    // Of the channels from `first` on.
    void multiply(std::int64_t g, std::int64_t b, std::int64_t first, std::int64_t channels, const T* v, const T* u,
                  T* m) const {
        kernel_.multiply(conv_, g, last_of(b) - b * block, channels,
                         v + first / tuning::conv_block * 36 * tuning::winograd_input_step, u, u_step(channels), m,
                         first > 0);
    }
    void finish(std::int64_t g, std::int64_t b, const T* m) const {
        kernel_.outputs(conv_, g, b * block, last_of(b), m);
    }

    // Every block streams the weights of all outputs.
    void run_blocks() const {
        const std::int64_t share = u_elements(channels_);
        const Scratch weights(groups_ * share * bytes, operation_);
        T* const u = weights.as<T>();
        parallel_for(0, groups_, 1 + tuning::conv_pack_grain / (share + 1), [&](std::int64_t g, std::int64_t last) {
            for (; g < last; ++g) kernel_.weights(conv_, g, 0, channels_, u + g * share, u_step(channels_));
        });
        parallel_for(0, blocks_, 1, [&](std::int64_t b, std::int64_t last) {
            const Scratch v(v_elements_ * bytes, operation_), m(m_elements_ * bytes, operation_);
            for (; b < last; ++b) {
                transform_input(b, v.as<T>());
                for (std::int64_t g = 0; g < groups_; ++g) {
                    multiply(g, b, 0, channels_, v.as<T>(), u + g * share, m.as<T>());
                    finish(g, b, m.as<T>());
                }
            }
        });
    }

    // The weights of a group and some channels are transformed when they are wanted, stay in the cache and serve many
    // blocks: all of them would be four times what they were, and go through memory.
    void run_groups() const {
        const std::int64_t some = std::clamp<std::int64_t>(tuning::winograd_input_bytes / (v_elements_ * bytes), 1,
                                                           blocks_),
                           part = std::min(channels_, tuning::winograd_channels_at_once);
        const Scratch memory(some * v_elements_ * bytes, operation_);
        T* const v = memory.as<T>();
        for (std::int64_t begin = 0; begin < blocks_; begin += some) {
            const std::int64_t end = std::min(begin + some, blocks_);
            parallel_for(begin, end, 1, [&](std::int64_t b, std::int64_t last) {
                for (; b < last; ++b) transform_input(b, v + (b - begin) * v_elements_);
            });
            parallel_for(0, groups_, 1, [&](std::int64_t g, std::int64_t last) {
                const bool at_once = part == channels_;  // then sums need not be kept
                const Scratch weights(u_elements(part) * bytes, operation_),
                    sums((at_once ? 1 : end - begin) * m_elements_ * bytes, operation_);
                for (; g < last; ++g)
                    for (std::int64_t c = 0; c < channels_; c += part) {
                        const std::int64_t count = std::min(part, channels_ - c);
                        kernel_.weights(conv_, g, c, c + count, weights.as<T>(), u_step(count));
                        for (std::int64_t b = begin; b < end; ++b) {
                            T* const m = sums.as<T>() + (at_once ? 0 : b - begin) * m_elements_;
                            multiply(g, b, c, count, v + (b - begin) * v_elements_, weights.as<T>(), m);
                            if (c + count == channels_) finish(g, b, m);
                        }
                    }
            });
        }
    }

    const WinogradTaps<T> conv_;
    const WinogradKernel<T> kernel_;
    const char* const operation_;
    const std::int64_t channels_ = conv_.x.channels, groups_ = (conv_.y.channels + kernel_.group - 1) / kernel_.group;
    const std::int64_t tiles_ = conv_.in.tiles(), blocks_ = (tiles_ + block - 1) / block;
    const std::int64_t v_elements_ = conv_.in.block_elements(),
                       m_elements_ = 36 * (block * kernel_.group + tuning::conv_block);
};

// Forward and data.
template <template <class> class Pass, class T>
void run_winograd(const Pass<T>& pass) {
    const WinogradKernel<T> kernel = FATHOM_DISPATCH(winograd::kernel<T>());
    for_each_taps(pass, [&](const ConvTaps<T>& conv, const std::vector<ConvTap>&, std::int64_t, std::int64_t,
                            const char* operation) { WinogradRun<T>(conv, kernel, operation).run(); });
}

}  // namespace fathom::inline v0::kernels::detail
