// One convolution, described once: what ops/ checks and builds, the seam carries, and kernels and devices read.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {

// Images are N, C, H, W, channels-last in memory: element (n, c, h, w) at ((n * height + h) * width + w) * pixel_stride
// + c, pixel_stride >= C. Weights are [K, C / groups, kernel_h, kernel_w], row-major.
struct ConvShape {
    std::int64_t n = 1, height = 0, width = 0, in_channels = 0, out_channels = 0;
    std::int64_t kernel_h = 1, kernel_w = 1;
    std::int64_t stride_h = 1, stride_w = 1, padding_h = 0, padding_w = 0, dilation_h = 1, dilation_w = 1, groups = 1;
    std::int64_t x_pixel_stride = 0, y_pixel_stride = 0;  // 0: the number of channels

    // 0 when the kernel does not fit.
    constexpr std::int64_t out_height() const { return out_size(height, kernel_h, stride_h, padding_h, dilation_h); }
    constexpr std::int64_t out_width() const { return out_size(width, kernel_w, stride_w, padding_w, dilation_w); }
    constexpr std::int64_t x_step() const { return x_pixel_stride ? x_pixel_stride : in_channels; }
    constexpr std::int64_t y_step() const { return y_pixel_stride ? y_pixel_stride : out_channels; }

private:
    static constexpr std::int64_t out_size(std::int64_t size, std::int64_t kernel, std::int64_t stride,
                                           std::int64_t padding, std::int64_t dilation) {
        const std::int64_t room = size + 2 * padding - dilation * (kernel - 1) - 1;
        return room < 0 ? 0 : room / stride + 1;
    }
};

}  // namespace fathom::inline v0
