// What the convolution kernels share: the geometry, and a tile of channels-last input in shared memory.
#pragma once

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// x [N, C, H, W] and y [N, K, OH, OW] channels-last, w [K, C / groups, kh, kw] row-major.
struct ConvGeometry {
    int kernel_h, kernel_w, stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w, groups;

    __host__ __device__ int taps() const { return kernel_h * kernel_w; }
};

inline ConvGeometry geometry_of(const abi::ConvArgs& a) {
    const auto i = [](std::int64_t v) { return static_cast<int>(v); };
    return {i(a.w.shape[2]), i(a.w.shape[3]),  i(a.stride[0]),   i(a.stride[1]), i(a.padding[0]),
            i(a.padding[1]), i(a.dilation[0]), i(a.dilation[1]), i(a.groups)};
}

// The side of the square kernel that the tiled kernels take (1 or 3), or 0: the general ones serve. They want stride
// and dilation 1 and, unless `depthwise`, one group.
inline int tiled_size(const ConvGeometry& g) {
    if (g.kernel_h != g.kernel_w || (g.kernel_h != 1 && g.kernel_h != 3)) return 0;
    return g.stride_h == 1 && g.stride_w == 1 && g.dilation_h == 1 && g.dilation_w == 1 ? g.kernel_h : 0;
}

inline constexpr int tile_channels = 8;

// Channels [c0, c0 + 8) of rows [h0, h0 + rows) and columns [w0, w0 + columns) of image n, zeros outside: all threads
// of the block (`threads` of them, this one is `thread`) together, neighbouring threads neighbouring channels.
template <int rows, int columns, class T>
__device__ void load_tile(const Image<const T>& x, int n, int c0, int h0, int w0, int thread, int threads,
                          T (&tile)[rows][columns][tile_channels]) {
    for (int i = thread; i < rows * columns * tile_channels; i += threads) {
        const int c = i % tile_channels, w = i / tile_channels % columns, h = i / tile_channels / columns;
        const bool there = x.inside(h0 + h, w0 + w) && c0 + c < x.channels;
        tile[h][w][c] = there ? x.at(n, c0 + c, h0 + h, w0 + w) : T{0};
    }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
