// The decoder's wide layers of a frame in bfloat16, 3x3: y = leaky_relu(conv(x) + bias), sums in float. All weights
// stay in shared memory; a block takes tiles of 16 x 32 pixels, `chunk` input channels at a time: while one chunk is
// multiplied the next one, of this tile or the next, is fetched. A warp has 4 rows of 16 pixels and 1 / split of the
// outputs. Bound by the tensor cores: 96 to 64 channels are 34 GFLOP at 480x640, 0.054 ms at the 640 TFLOP/s that
// mma.sync was measured to reach on an H100.
#pragma once

#include "cuda/kernels/mma_tile.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

struct FrameConvArgs {
    Tiles tiles;
    Pixels x;                    // [N, H, W, C]
    const std::uint32_t* words;  // [chunk][kx][k16][ky][K / 16][lane][4]
    const float* bias;           // [K]
    Pixels y;                    // [N, H, W, K]
};

template <int C_, int K_, int chunk_, int split_>
struct FrameConv {
    static constexpr int C = C_, K = K_, chunk = chunk_, split = split_;
    static constexpr int h = 16, w = 32, rows = 4, threads = 256 * split, blocks = C * K > 4096 || chunk > 16 ? 1 : 2;
    static constexpr int planes = chunk / 8, k16s = chunk / 16, chunks = C / chunk, n8 = K / 8 / split;
    // Neighbouring threads fetch neighbouring planes of a pixel: they begin in other banks.
    static constexpr int in_h = h + 2, in_w = w + 2, plane = (in_h * in_w * 16 + 127) / 128 * 128 + 128 / planes;
    static constexpr int chunk_words = 9 * k16s * weight_words<K / 8>, words = chunks * chunk_words;
    static constexpr int shared_bytes = words * 4 + K * 4 + 2 * planes * plane;
};

// grid: any number of blocks.
template <class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks) frame_conv_kernel(FrameConvArgs args) {
    constexpr int rows = Tile::rows, n8 = Tile::n8, in_w = Tile::in_w, plane = Tile::plane;
    FATHOM_DYNAMIC_SHARED(unsigned char, shared);
    auto* const words = reinterpret_cast<std::uint32_t*>(shared);           // as of the arguments
    auto* const bias = reinterpret_cast<float*>(shared + Tile::words * 4);  // [K]
    unsigned char* const inputs = shared + Tile::words * 4 + Tile::K * 4;   // [2][planes][in_h, in_w][8] bf16
    const int thread = static_cast<int>(threadIdx.x), warp = thread / 32;
    const Lane lane(thread % 32);
    const int column = warp % 2 * 16, row = warp / 2 % 4 * rows, part = warp / 8;
    const int tiles = args.tiles.count<Tile>(), step = static_cast<int>(gridDim.x);

    const auto fetch = [&](int tile, int chunk, int buffer) {
        const TilePlace at = args.tiles.place<Tile>(tile);
        fetch_planes<Tile::planes, Tile::in_h, in_w, Tile::threads>(inputs + buffer * Tile::planes * plane, plane,
                                                                    args.x, args.tiles, at.n, chunk * Tile::chunk,
                                                                    at.h0 - 1, at.w0 - 1, thread);
    };
    fetch_words<Tile::words, Tile::threads>(words, args.words, thread);
    fetch_words<Tile::K, Tile::threads>(bias, args.bias, thread);
    int tile = static_cast<int>(blockIdx.x), buffer = 0;
    if (tile < tiles) fetch(tile, 0, 0);
    cp_async_commit();

    for (; tile < tiles; tile += step) {
        float sum[rows][n8][4] = {};
#pragma unroll 1
        for (int chunk = 0; chunk < Tile::chunks; ++chunk, buffer ^= 1) {
            cp_async_wait<0>();
            __syncthreads();  // the chunk is there, and nobody reads the one before any more
            if (chunk + 1 < Tile::chunks)
                fetch(tile, chunk + 1, buffer ^ 1);
            else if (tile + step < tiles)
                fetch(tile + step, 0, buffer ^ 1);
            cp_async_commit();
            convolve_rows<Bf16Products, 3, n8, Tile::K / 8, Tile::k16s>(
                sum, inputs + buffer * Tile::planes * plane + lane.row(plane) + (row * in_w + column) * 16, in_w * 16,
                plane, words + chunk * Tile::chunk_words + part * weight_words<n8>, lane.lane);
        }
        const TilePlace at = args.tiles.place<Tile>(tile);
#pragma unroll
        for (int r = 0; r < rows; ++r)
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                const int h = at.h0 + row + r, w = at.w0 + column + lane.g + 8 * half;
                if (!args.tiles.inside(h, w)) continue;
                std::uint16_t* const to = args.y.at(args.tiles.height, args.tiles.width, at.n, h, w);
#pragma unroll
                for (int n = 0; n < n8; ++n) {
                    const int k = (part * n8 + n) * 8 + lane.t * 2;
                    float* const s = sum[r][n];
                    s[2 * half] += bias[k], s[2 * half + 1] += bias[k + 1];
                    *reinterpret_cast<std::uint32_t*>(to + k) = activated_pair(sum[r][n], half, 0.2f);
                }
            }
    }
    cp_async_wait<0>();
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
