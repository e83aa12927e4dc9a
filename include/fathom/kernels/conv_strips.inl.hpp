// The forward and data passes of algorithms that work on packed strips: a pass becomes taps (conv_plan.hpp), the strips
// run in parallel. Next: conv_direct.inl.hpp; the weight pass: conv_weight.inl.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/conv.hpp"
#include "fathom/kernels/conv_plan.hpp"
#include "fathom/kernels/epilogue.inl.hpp"
#include "fathom/kernels/transpose.hpp"
#include "fathom/kernels/tuning.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_pack.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

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

// The epilogue of what begins `by` elements further on.
template <class T>
Epilogue<T> moved(Epilogue<T> epilogue, std::int64_t by) {
    if (epilogue.residual) epilogue.residual += by;
    if (epilogue.gate) epilogue.gate += by;
    return epilogue;
}

inline std::vector<ConvTap> conv_taps(const ConvShape& s) {
    std::vector<ConvTap> taps;
    for (std::int64_t i = 0; i < s.kernel_h; ++i)
        for (std::int64_t j = 0; j < s.kernel_w; ++j)
            taps.push_back({i * s.dilation_h - s.padding_h, j * s.dilation_w - s.padding_w, i * s.kernel_w + j});
    return taps;
}

// Each three taps are neighbours in a row, one packed pixel apart, in ascending order.
inline bool conv_taps_in_threes(const std::vector<ConvTap>& taps, std::int64_t stride_x) {
    if (taps.empty() || taps.size() % 3 || stride_x != 1) return false;
    for (std::size_t t = 0; t < taps.size(); ++t)
        if (t % 3 && (taps[t].y != taps[t - 1].y || taps[t].x != taps[t - 1].x + 1)) return false;
    return true;
}

// Fills in `plan`, which then points to the taps and to the offsets that come back.
inline std::vector<std::int64_t> make_plan(ConvPlan& plan, const std::vector<ConvTap>& taps, std::int64_t stride_y,
                                           std::int64_t stride_x, const ConvExtent& extent,
                                           const ConvStripLimits& limits) {
    plan.images = extent.images;
    plan.taps = taps.data(), plan.tap_count = static_cast<int>(taps.size());
    plan.taps_in_threes = conv_taps_in_threes(taps, stride_x);
    plan.strips = conv_strips(plan.taps, plan.tap_count, stride_y, stride_x, extent, limits);
    std::vector<std::int64_t> offsets;
    for (const ConvTap& tap : taps) offsets.push_back(plan.strips.offset(tap));
    plan.offsets = offsets.data();
    return offsets;
}

// What an algorithm does with a strip, on the ISA in use.
template <class T>
struct ConvStripKernel {
    std::int64_t block;       // channels that lie together in a packed strip
    std::int64_t cols, rows;  // the most of a strip
    // Packed weights are filled up to multiples of these; those of `group` outputs are packed at once.
    std::int64_t channel_multiple, output_multiple, group;
    void (*pack_weights)(const ConvTaps<T>&, std::int64_t group, T* w);
    void (*strip)(const ConvTaps<T>&, const ConvStrip&, const T* w, T* packed);
    std::int64_t element_bytes = sizeof(T);  // of packed numbers
    std::int64_t tile = tuning::conv_tile;   // pixels
};

template <class T>
void run_taps(ConvTaps<T> conv, const std::vector<ConvTap>& taps, std::int64_t stride_y, std::int64_t stride_x,
              const ConvStripKernel<T>& kernel, const char* operation) {
    const std::int64_t bytes = kernel.element_bytes, images = conv.images;
    if (images * conv.y.height * conv.y.width * conv.y.channels == 0) return;
    const std::int64_t channels = conv.x.channels, outputs = conv.y.channels;
    const std::int64_t tap_count = static_cast<std::int64_t>(taps.size());
    const std::vector<std::int64_t> offsets = make_plan(
        conv, taps, stride_y, stride_x,
        {images, conv.y.height, conv.y.width, channels, kernel.block, bytes, kernel.tile},
        conv_limits(channels * outputs * tap_count * bytes, tuning::conv_strip_bytes, kernel.cols, kernel.rows));
    const auto up = [](std::int64_t n, std::int64_t multiple) { return (n + multiple - 1) / multiple * multiple; };
    const Scratch weights(
        up(channels, kernel.channel_multiple) * up(outputs, kernel.output_multiple) * tap_count * bytes, operation);
    T* const w = weights.as<T>();  // packed as the algorithm's kernel says
    parallel_for(0, (outputs + kernel.group - 1) / kernel.group,
                 1 + tuning::conv_pack_grain / (kernel.group * channels * tap_count + 1),
                 [&](std::int64_t first, std::int64_t last) {
                     for (std::int64_t g = first; g < last; ++g) kernel.pack_weights(conv, g, w);
                 });
    const ConvStrips& s = conv.strips;
    parallel_for(0, images * s.row_blocks * s.col_blocks, 1, [&](std::int64_t first, std::int64_t last) {
        const Scratch packed(s.packed_elements(channels) * bytes, operation);
        for (std::int64_t i = first; i < last; ++i)
            kernel.strip(conv, conv_strip(s, i, conv.y.height, conv.y.width), w, packed.as<T>());
    });
}

// Calls f(conv, taps, stride_y, stride_x, operation) for each group of a pass, with its images, weights, epilogue and
// taps in `conv`.
template <class T, class F>
void for_each_taps(const ConvForward<T>& pass, F f) {
    const ConvShape& s = pass.shape;
    const std::vector<ConvTap> taps = conv_taps(s);
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    for (std::int64_t g = 0; g < s.groups; ++g) {
        ConvTaps<T> conv{};
        conv.images = s.n, conv.taps = taps.data(), conv.tap_count = static_cast<int>(taps.size());
        conv.x = conv_x<T>(pass.x, s, g), conv.y = conv_y<T>(pass.y, s, g);
        conv.w = pass.w + g * outputs * channels * s.kernel_h * s.kernel_w;
        conv.w_output = channels * s.kernel_h * s.kernel_w, conv.w_input = s.kernel_h * s.kernel_w;
        conv.bias = pass.bias ? pass.bias + g * outputs : nullptr;
        conv.epilogue = moved(pass.epilogue, g * outputs);
        f(conv, taps, s.stride_h, s.stride_w, "convolution");
    }
}

// Input pixel (i, j) gets dy[(i + padding - a * dilation) / stride] * w[a] from those taps a for which that divides.
// The input pixels of one phase (i % stride, j % stride) share their taps: each phase is a convolution of dy with
// stride 1.
template <class T, class F>
void for_each_taps(const ConvData<T>& pass, F f) {
    const ConvShape& s = pass.shape;
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
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
            conv.images = s.n, conv.taps = taps.data(), conv.tap_count = static_cast<int>(taps.size());
            conv.x = conv_y<T>(pass.dy, s, g);
            ConvImage<T>& y = conv.y = conv_x<T>(pass.dx, s, g);
            const std::int64_t first = py * y.row + px * y.pixel;
            y.data += first;
            y.height = (s.height - py + s.stride_h - 1) / s.stride_h, y.row *= s.stride_h;
            y.width = (s.width - px + s.stride_w - 1) / s.stride_w, y.pixel *= s.stride_w;
            conv.w = pass.w + g * outputs * channels * s.kernel_h * s.kernel_w;
            conv.w_output = s.kernel_h * s.kernel_w, conv.w_input = channels * s.kernel_h * s.kernel_w;
            conv.epilogue = moved(pass.epilogue, g * channels + first);
            f(conv, taps, 1, 1, "convolution, data gradient");
        }
    }
}

// Forward and data.
template <template <class> class Pass, class T>
void run_strips(const Pass<T>& pass, const ConvStripKernel<T>& kernel) {
    for_each_taps(pass, [&](const ConvTaps<T>& conv, const std::vector<ConvTap>& taps, std::int64_t stride_y,
                            std::int64_t stride_x,
                            const char* operation) { run_taps(conv, taps, stride_y, stride_x, kernel, operation); });
}

}  // namespace fathom::inline v0::kernels::detail
