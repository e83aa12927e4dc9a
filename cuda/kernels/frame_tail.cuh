// The last two layers of a frame in one kernel: bfloat16 [N, H, W, 32] in, float [N, H, W] out.
//   y = leaky.2(conv3x3(x)), 16 channels, 1 pixel more on each side, in shared memory
//   out = tanh(conv3x3(y)) / 2 + 1 / 2, the products in float
// Bound by memory: 20 MB of x at 480x640, 0.007 ms at 3 TB/s; the first layer's 2.8 GFLOP take 0.004 ms.
#pragma once

#include "cuda/kernels/mma_tile.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

struct FrameTailArgs {
    Tiles tiles;
    Pixels x;                    // [N, H, W, 32]
    const std::uint32_t* words;  // of decode2
    const float* numbers;        // bias of decode2 [16], filter [9, 16] and bias of decode1
    float* out;                  // [N, H, W]
};

struct FrameTail {
    static constexpr int C = 32, K = 16, h = 16, w = 30, threads = 256, blocks = 3;
    static constexpr int x_h = h + 4, x_w = w + 4, y_h = h + 2, y_w = w + 2, planes = C / 8, k16s = C / 16;
    static constexpr int x_plane = (x_h * x_w * 16 + 127) / 128 * 128 + 128 / planes, y_plane = y_h * y_w * 16 + 64;
    static constexpr int words = 9 * k16s * weight_words<K / 8>, numbers = K + 9 * K + 4;
    static constexpr int shared_bytes = words * 4 + numbers * 4 + planes * x_plane + K / 8 * y_plane;
};

// `rows` rows of a strip of 16 pixels of y, from row `row` and column `column` of its tile on; zeros outside of the
// image.
template <int rows>
__device__ __forceinline__ void tail_rows(const Tiles& tiles, TilePlace at, const unsigned char* x, unsigned char* y,
                                          const std::uint32_t* words, const float* bias, Lane lane, int row,
                                          int column) {
    using Tile = FrameTail;
    constexpr int n8 = Tile::K / 8;
    float sum[rows][n8][4];
    start_with(bias, sum, lane.t);
    convolve_rows<Bf16Products, 3, n8, n8, Tile::k16s>(sum,
                                                       x + lane.row(Tile::x_plane) + (row * Tile::x_w + column) * 16,
                                                       Tile::x_w * 16, Tile::x_plane, words, lane.lane);
#pragma unroll
    for (int r = 0; r < rows; ++r)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int i = row + r, j = column + lane.g + 8 * half;
            const bool inside = tiles.inside(at.h0 - 1 + i, at.w0 - 1 + j);
#pragma unroll
            for (int n = 0; n < n8; ++n) {
                const std::uint32_t pair = activated_pair(sum[r][n], half, 0.2f);
                *reinterpret_cast<std::uint32_t*>(y + n * Tile::y_plane + (i * Tile::y_w + j) * 16 + lane.t * 4) =
                    inside ? pair : 0u;
            }
        }
}

// grid: any number of blocks.
__global__ void __launch_bounds__(FrameTail::threads, FrameTail::blocks) frame_tail_kernel(FrameTailArgs args) {
    using Tile = FrameTail;
    FATHOM_DYNAMIC_SHARED(unsigned char, shared);
    auto* const words = reinterpret_cast<std::uint32_t*>(shared);              // as of the arguments
    auto* const numbers = reinterpret_cast<float*>(shared + Tile::words * 4);  // as of the arguments
    unsigned char* const x = shared + (Tile::words + Tile::numbers) * 4;       // [planes][x_h, x_w][8] bf16
    unsigned char* const y = x + Tile::planes * Tile::x_plane;                 // [2][y_h, y_w][8] bf16
    const float *const filter = numbers + Tile::K, *const bias = filter + 9 * Tile::K;
    const int thread = static_cast<int>(threadIdx.x), warp = thread / 32;
    const Lane lane(thread % 32);
    const int tiles = args.tiles.count<Tile>();
    fetch_words<Tile::words, Tile::threads>(words, args.words, thread);
    fetch_words<Tile::numbers, Tile::threads>(numbers, args.numbers, thread);
    for (int tile = static_cast<int>(blockIdx.x); tile < tiles; tile += static_cast<int>(gridDim.x)) {
        const TilePlace at = args.tiles.place<Tile>(tile);
        fetch_planes<Tile::planes, Tile::x_h, Tile::x_w, Tile::threads>(x, Tile::x_plane, args.x, args.tiles, at.n, 0,
                                                                        at.h0 - 2, at.w0 - 2, thread);
        cp_async_commit();
        cp_async_wait<0>();
        __syncthreads();
        // 18 rows for 4 groups: 5, 5, 4, 4.
        const int column = warp % 2 * 16, group = warp / 2;
        if (group < 2)
            tail_rows<5>(args.tiles, at, x, y, words, numbers, lane, group * 5, column);
        else
            tail_rows<4>(args.tiles, at, x, y, words, numbers, lane, group * 4 + 2, column);
        __syncthreads();  // y is there, and nobody reads x any more
#pragma unroll 1
        for (int p = thread; p < Tile::h * Tile::w; p += Tile::threads) {
            const int i = p / Tile::w, j = p % Tile::w, h = at.h0 + i, w = at.w0 + j;
            float sum = bias[0];
#pragma unroll 1  // else all of the filter moves to registers, and some of it on to local memory
            for (int t = 0; t < 9; ++t)
#pragma unroll
                for (int plane = 0; plane < 2; ++plane) {
                    const uint4 v = *reinterpret_cast<const uint4*>(y + plane * Tile::y_plane +
                                                                    ((i + t / 3) * Tile::y_w + j + t % 3) * 16);
                    const std::uint32_t pairs[4] = {v.x, v.y, v.z, v.w};
                    const float* const f = filter + t * Tile::K + plane * 8;
#pragma unroll
                    for (int c = 0; c < 4; ++c)
                        sum = fmaf(low_of(pairs[c]), f[2 * c], sum), sum = fmaf(high_of(pairs[c]), f[2 * c + 1], sum);
                }
            if (args.tiles.inside(h, w))
                args.out[(static_cast<std::int64_t>(at.n) * args.tiles.height + h) * args.tiles.width + w] =
                    0.5f * tanhf(sum) + 0.5f;
        }
    }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
