// Definitions of conv.hpp: a convolution becomes taps and strips (conv_plan.hpp), the strips run in parallel. The
// gradient with respect to weights: conv_weight.inl.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/conv_plan.hpp"
#include "fathom/kernels/epilogue.inl.hpp"
#include "fathom/kernels/gemm.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_pack.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_direct.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_weight.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_depthwise.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

namespace detail {

inline constexpr std::int64_t conv_tile = 24;  // a multiple of every ISA's register tile
inline constexpr std::int64_t most_lanes = 16;

template <class T, class U>
ConvImage<U> conv_image(U* data, std::int64_t height, std::int64_t width, std::int64_t channels, std::int64_t pixel) {
    return {data, pixel, width * pixel, height * width * pixel, height, width, channels};
}

// x and y of one group of the forward direction.
template <class T, class U>
ConvImage<U> conv_x(U* data, const ConvShape& s, std::int64_t group) {
    const std::int64_t channels = s.in_channels / s.groups;
    return conv_image<T>(data + group * channels, s.height, s.width, channels, s.x_step());
}
template <class T, class U>
ConvImage<U> conv_y(U* data, const ConvShape& s, std::int64_t group) {
    const std::int64_t channels = s.out_channels / s.groups;
    return conv_image<T>(data + group * channels, s.out_height(), s.out_width(), channels, s.y_step());
}

inline std::vector<ConvTap> conv_taps(const ConvShape& s) {
    std::vector<ConvTap> taps;
    for (std::int64_t i = 0; i < s.kernel_h; ++i)
        for (std::int64_t j = 0; j < s.kernel_w; ++j)
            taps.push_back({i * s.dilation_h - s.padding_h, j * s.dilation_w - s.padding_w, i * s.kernel_w + j});
    return taps;
}

inline std::vector<std::int64_t> conv_offsets(const ConvStrips& strips, const std::vector<ConvTap>& taps) {
    std::vector<std::int64_t> offsets;
    for (const ConvTap& tap : taps) offsets.push_back(strips.offset(tap));
    return offsets;
}

// Each three taps are neighbours in a row, one packed pixel apart, in ascending order.
inline bool conv_taps_in_threes(const std::vector<ConvTap>& taps, std::int64_t stride_x) {
    if (taps.empty() || taps.size() % 3 || stride_x != 1) return false;
    for (std::size_t t = 0; t < taps.size(); ++t)
        if (t % 3 && (taps[t].y != taps[t - 1].y || taps[t].x != taps[t - 1].x + 1)) return false;
    return true;
}

// Few enough outputs that vectors along the channels waste less.
template <class T>
bool conv_few_outputs(std::int64_t outputs, std::int64_t channels) {
    const int n = FATHOM_DISPATCH(conv::lane_count<T>());
    return outputs * 4 <= n && conv_block_for(channels) != 1;
}

template <class T>
void run_taps(ConvTaps<T> conv, const std::vector<ConvTap>& taps, std::int64_t stride_y, std::int64_t stride_x,
              const char* operation) {
    if (conv.images * conv.y.height * conv.y.width * conv.y.channels == 0) return;
    const std::int64_t channels = conv.x.channels, outputs = conv.y.channels;
    const bool thin = conv_block_for(channels) == 1;
    conv.strips = conv_strips(taps.data(), static_cast<int>(taps.size()), stride_y, stride_x, channels, conv.images,
                              conv.y.height, conv.y.width, sizeof(T), conv_tile,
                              conv_limits(channels * outputs * static_cast<std::int64_t>(taps.size() * sizeof(T)),
                                          256 << 10, thin ? 672 : 168, thin ? 32 : 16));
    const std::vector<std::int64_t> offsets = conv_offsets(conv.strips, taps);
    conv.taps = taps.data(), conv.tap_count = static_cast<int>(taps.size()), conv.offsets = offsets.data();
    conv.taps_in_threes = conv_taps_in_threes(taps, stride_x);

    const bool few_outputs = conv_few_outputs<T>(outputs, channels);
    const std::int64_t padded = few_outputs ? outputs * ((channels + conv_block - 1) / conv_block * conv_block)
                                            : channels * ((outputs + most_lanes - 1) / most_lanes * most_lanes);
    const Scratch weights(padded * conv.tap_count * static_cast<std::int64_t>(sizeof(T)), operation);
    T* const w = weights.as<T>();
    if (few_outputs) {
        FATHOM_DISPATCH(conv::pack_weights_by_channel<T>(conv, w));
    } else {
        const int width = 2 * FATHOM_DISPATCH(conv::lane_count<T>());
        const std::int64_t groups = (outputs + width - 1) / width, work = width * channels * conv.tap_count;
        parallel_for(0, groups, 1 + 32768 / (work + 1), [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t g = first; g < last; ++g) FATHOM_DISPATCH(conv::pack_weights<T>(conv, g, w));
        });
    }
    const ConvStrips& s = conv.strips;
    parallel_for(0, conv.images * s.row_blocks * s.col_blocks, 1, [&](std::int64_t first, std::int64_t last) {
        const Scratch packed(s.packed_elements(channels) * static_cast<std::int64_t>(sizeof(T)), operation);
        for (std::int64_t i = first; i < last; ++i) {
            const ConvStrip strip = conv_strip(s, i, conv.y.height, conv.y.width);
            FATHOM_DISPATCH(conv::strip<T>(conv, strip, few_outputs, w, packed.as<T>()));
        }
    });
}

// 1x1, stride 1, no padding: a matrix product of pixels and channels.
inline bool conv_is_gemm(const ConvShape& s) {
    return s.kernel_h * s.kernel_w == 1 && s.stride_h * s.stride_w == 1 && s.padding_h == 0 && s.padding_w == 0;
}

inline bool conv_depthwise(const ConvShape& s) {
    return s.groups > 1 && s.groups == s.in_channels && s.groups == s.out_channels;
}

// Rows of `width` pixels in one chunk of a depthwise kernel.
inline std::int64_t depthwise_grain(std::int64_t width, std::int64_t work) { return 1 + 65536 / (width * work + 1); }

}  // namespace detail

template <class T>
void conv_forward(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, const Epilogue& epilogue) {
    if (detail::conv_depthwise(s)) {
        const std::int64_t rows = s.n * s.out_height();
        parallel_for(0, rows, detail::depthwise_grain(s.out_width(), s.groups * s.kernel_h * s.kernel_w),
                     [&](std::int64_t first, std::int64_t last) {
                         FATHOM_DISPATCH(conv::depthwise_forward<T>(x, w, bias, y, s, epilogue, first, last));
                     });
        return;
    }
    const std::vector<ConvTap> taps = detail::conv_taps(s);
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    const bool is_gemm = detail::conv_is_gemm(s) && !detail::conv_few_outputs<T>(outputs, channels);
    for (std::int64_t g = 0; g < s.groups; ++g) {
        if (is_gemm) {
            const GemmShape shape{1,
                                  s.n * s.height * s.width,
                                  outputs,
                                  channels,
                                  {s.x_step(), 1, 0},
                                  {1, channels, 0},
                                  {s.y_step(), 1, 0},
                                  {0, 1, 0}};
            gemm(x + g * channels, w + g * outputs * channels, bias ? bias + g * outputs : nullptr, y + g * outputs,
                 shape, epilogue);
            continue;
        }
        ConvTaps<T> conv{};
        conv.x = detail::conv_x<T>(x, s, g), conv.y = detail::conv_y<T>(y, s, g), conv.images = s.n;
        conv.w = w + g * outputs * channels * s.kernel_h * s.kernel_w;
        conv.w_output = channels * s.kernel_h * s.kernel_w, conv.w_input = s.kernel_h * s.kernel_w;
        conv.bias = bias ? bias + g * outputs : nullptr;
        conv.epilogue = epilogue;
        detail::run_taps(conv, taps, s.stride_h, s.stride_w, "convolution");
    }
}

// Input pixel (i, j) gets dy[(i + padding - a * dilation) / stride] * w[a] from those taps a for which that divides.
// The input pixels of one phase (i % stride, j % stride) share their taps: each phase is a convolution of dy with
// stride 1.
template <class T>
void conv_data(const T* dy, const T* w, T* dx, const ConvShape& s, bool accumulate) {
    if (detail::conv_depthwise(s)) {
        parallel_for(0, s.n * s.height, detail::depthwise_grain(s.width, s.groups * s.kernel_h * s.kernel_w),
                     [&](std::int64_t first, std::int64_t last) {
                         FATHOM_DISPATCH(conv::depthwise_data<T>(dy, w, dx, s, accumulate, first, last));
                     });
        return;
    }
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    if (detail::conv_is_gemm(s) && !detail::conv_few_outputs<T>(channels, outputs)) {
        const GemmShape shape{
            1, s.n * s.height * s.width, channels, outputs, {s.y_step(), 1, 0}, {channels, 1, 0}, {s.x_step(), 1, 0},
            {}};
        for (std::int64_t g = 0; g < s.groups; ++g)
            gemm<T>(dy + g * outputs, w + g * outputs * channels, nullptr, dx + g * channels, shape,
                    {Activation::none, 0, accumulate});
        return;
    }
    for (std::int64_t phase = 0; phase < s.stride_h * s.stride_w; ++phase) {
        const std::int64_t py = phase / s.stride_w, px = phase % s.stride_w;
        if (py >= s.height || px >= s.width) continue;
        std::vector<ConvTap> taps;
        for (std::int64_t i = 0; i < s.kernel_h; ++i)
            for (std::int64_t j = s.kernel_w - 1; j >= 0; --j) {  // ascending columns
                const std::int64_t ty = py + s.padding_h - i * s.dilation_h, tx = px + s.padding_w - j * s.dilation_w;
                if (ty % s.stride_h == 0 && tx % s.stride_w == 0)
                    taps.push_back({ty / s.stride_h, tx / s.stride_w, i * s.kernel_w + j});
            }
        for (std::int64_t g = 0; g < s.groups; ++g) {
            ConvTaps<T> conv{};
            conv.x = detail::conv_y<T>(dy, s, g), conv.images = s.n;
            ConvImage<T>& y = conv.y = detail::conv_x<T>(dx, s, g);
            y.data += py * y.row + px * y.pixel;
            y.height = (s.height - py + s.stride_h - 1) / s.stride_h, y.row *= s.stride_h;
            y.width = (s.width - px + s.stride_w - 1) / s.stride_w, y.pixel *= s.stride_w;
            conv.w = w + g * outputs * channels * s.kernel_h * s.kernel_w;
            conv.w_output = s.kernel_h * s.kernel_w, conv.w_input = channels * s.kernel_h * s.kernel_w;
            conv.epilogue.accumulate = accumulate;
            detail::run_taps(conv, taps, 1, 1, "convolution, data gradient");
        }
    }
}

}  // namespace fathom::inline v0::kernels

#include "fathom/kernels/conv_weight.inl.hpp"
