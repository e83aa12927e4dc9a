// The weight's gradient of a convolution of float tensors with a square window of 1 or 3, stride 1, on the tensor
// cores: factors are rounded to bfloat16 on their way into shared memory, sums stay float. The products are of outputs
// and channels, summed over 16 pixels of a row at a time, so both operands are read transposed.
//
// A warp owns one column of the window and 16 channels, for all outputs and rows of the window: it walks down a strip
// of 16 pixels with the gradients of as many rows as the window has in registers, and a fragment of x serves all of
// these. Bound by memory: 96 to 64 channels read 200 MB at 480x640, 0.066 ms at 3 TB/s.
#pragma once

#include "cuda/kernels/conv.cuh"
#include "cuda/kernels/mma_tile.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

template <int window_, int outputs_, int channels_>
struct MmaWeightTile {
    static constexpr int window = window_, outputs = outputs_, channels = channels_;
    static constexpr int units = window * (channels / 16), warps = window == 3 ? 12 : 8, splits = warps / units;
    static constexpr int strips = window == 3 ? splits : 2, parts = splits / strips;  // of columns and of rows
    static constexpr int rows = 8, columns = strips * 16, part_rows = rows / parts;
    static constexpr int in_rows = rows + window - 1, in_columns = columns + window - 1;
    static constexpr int block_threads = warps * 32, blocks = outputs <= (window == 3 ? 16 : 32) ? 2 : 1;
    static constexpr int x_planes = channels / 8, y_planes = outputs / 8, m16 = outputs / 16;
    // Neighbouring threads write neighbouring planes of a pixel: they begin in other banks.
    static constexpr int x_plane = (in_rows * in_columns * 16 + 127) / 128 * 128 + 128 / x_planes;
    static constexpr int y_plane = rows * columns * 16 + 128 / y_planes;
    static constexpr int x_staged = in_rows * in_columns * channels * 4, y_staged = rows * columns * outputs * 4;
    static constexpr int sums = window * m16 * 2 * 4, left = (splits - 1) * units * 32 * sums * 4;
    static constexpr int tile_bytes = x_staged + y_staged + x_planes * x_plane + y_planes * y_plane;
    static constexpr std::size_t shared_bytes = tile_bytes > left ? tile_bytes : left;
    static_assert(blocks * (shared_bytes + reserved_shared_bytes) <= shared_bytes_of_multiprocessor);
};

// Images that become planes: items of 4 channels of a pixel. Copies land, as float, where the copying thread alone
// reads them.
template <int rows, int columns, int planes, int plane_bytes, int threads>
struct RoundedTile {
    static constexpr int quads = planes * 2, items = rows * columns * quads;

    __device__ static void fetch(unsigned char* staging, const Image<const float>& image, int n, int c0, int h0, int w0,
                                 int thread) {
        const float* const from = image.data + n * image.image;
        const int row = static_cast<int>(image.row), pixel = static_cast<int>(image.pixel);
        for (int i = thread; i < items; i += threads) {
            const int c = c0 + i % quads * 4, h = h0 + i / quads / columns, w = w0 + i / quads % columns;
            const bool there = image.inside(h, w) && c < image.channels;
            cp_async_16(staging + i * 16, from + (there ? h * row + w * pixel + c : 0), there ? 16 : 0);
        }
    }
    __device__ static void round(const unsigned char* staging, unsigned char* to, int thread) {
        for (int i = thread; i < items; i += threads)
            Bf16Products::store(to + Bf16Products::place(i % quads, plane_bytes) + i / quads * 16,
                                *reinterpret_cast<const float4*>(staging + i * 16));
    }
};

// grid: x pairs of (outputs, channels), y chunks of `tiles_per_chunk` tiles.
template <class Tile>
__global__ void __launch_bounds__(Tile::block_threads, Tile::blocks)
    mma_weight_kernel(Image<const float> x,   // [N, C, H, W]
                      Image<const float> dy,  // [N, K, OH, OW]
                      float* partials,        // [chunks][K, C, taps]
                      int padding_h, int padding_w, int tiles, int tiles_per_chunk) {
    constexpr int window = Tile::window, m16 = Tile::m16, sums = Tile::sums;
    using Inputs = RoundedTile<Tile::in_rows, Tile::in_columns, Tile::x_planes, Tile::x_plane, Tile::block_threads>;
    using Gradients = RoundedTile<Tile::rows, Tile::columns, Tile::y_planes, Tile::y_plane, Tile::block_threads>;
    FATHOM_DYNAMIC_SHARED(unsigned char, shared);
    unsigned char* const x_staging = shared;                      // [items] of 16 bytes
    unsigned char* const y_staging = x_staging + Tile::x_staged;  // [items] of 16 bytes
    unsigned char* const inputs = y_staging + Tile::y_staged;     // [x_planes][in_rows, in_columns][8] bf16
    unsigned char* const gradients = inputs + Tile::x_planes * Tile::x_plane;  // [y_planes][rows, columns][8] bf16
    const int channel_groups = (x.channels + Tile::channels - 1) / Tile::channels;
    const int k0 = static_cast<int>(blockIdx.x) / channel_groups * Tile::outputs,
              c0 = static_cast<int>(blockIdx.x) % channel_groups * Tile::channels;
    const int thread = static_cast<int>(threadIdx.x), warp = thread / 32;
    const Lane lane(thread % 32);
    const int unit = warp % Tile::units, split = warp / Tile::units, kx = unit % window, c16 = unit / window;
    const int strip = split % Tile::strips * 16, first_row = split / Tile::strips * Tile::part_rows;
    const int tiles_w = (dy.width + Tile::columns - 1) / Tile::columns,
              tiles_h = (dy.height + Tile::rows - 1) / Tile::rows;
    const int first = static_cast<int>(blockIdx.y) * tiles_per_chunk;
    const int last = first + tiles_per_chunk < tiles ? first + tiles_per_chunk : tiles;
    // What this lane names to ldmatrix: of x pixels 0-7 and 8-15 of a plane, then of the next; of dy pixels 0-7 of two
    // planes, then 8-15.
    const int m = lane.lane / 8, i = lane.lane % 8;
    const unsigned char* const x_row =
        inputs + (2 * c16 + m / 2) * Tile::x_plane + (first_row * Tile::in_columns + strip + kx + m % 2 * 8 + i) * 16;
    const unsigned char* const y_row =
        gradients + m % 2 * Tile::y_plane + (first_row * Tile::columns + strip + m / 2 * 8 + i) * 16;

    const auto fetch = [&](int tile) {
        const int w0 = tile % tiles_w * Tile::columns, h0 = tile / tiles_w % tiles_h * Tile::rows,
                  n = tile / tiles_w / tiles_h;
        Inputs::fetch(x_staging, x, n, c0, h0 - padding_h, w0 - padding_w, thread);
        Gradients::fetch(y_staging, dy, n, k0, h0, w0, thread);
        cp_async_commit();
    };
    float sum[window][m16][2][4] = {};  // [ky, outputs / 16, channels / 8]
    if (first < last) fetch(first);
    for (int tile = first; tile < last; ++tile) {
        cp_async_wait<0>();
        __syncthreads();  // nobody reads the planes of the tile before any more
        Inputs::round(x_staging, inputs, thread);
        Gradients::round(y_staging, gradients, thread);
        if (tile + 1 < last) fetch(tile + 1);
        __syncthreads();
        std::uint32_t a[window][m16][4];  // of row r at r % window
#pragma unroll
        for (int q = 0; q < Tile::part_rows + window - 1; ++q) {
            if (q < Tile::part_rows)
#pragma unroll
                for (int k = 0; k < m16; ++k)
                    ldmatrix_x4_transposed(a[q % window][k], y_row + 2 * k * Tile::y_plane + q * Tile::columns * 16);
            std::uint32_t pixels[4];
            ldmatrix_x4_transposed(pixels, x_row + q * Tile::in_columns * 16);
            const std::uint32_t b[2][2] = {{pixels[0], pixels[1]}, {pixels[2], pixels[3]}};
#pragma unroll
            for (int ky = 0; ky < window; ++ky) {
                const int r = q - ky;
                if (r < 0 || r >= Tile::part_rows) continue;
#pragma unroll
                for (int k = 0; k < m16; ++k)
#pragma unroll
                    for (int c = 0; c < 2; ++c) Bf16Products::multiply(sum[ky][k][c], a[r % window][k], b[c]);
            }
        }
    }
    if constexpr (Tile::splits > 1) {
        // The first split adds what the others have, in their order.
        float* const mine = &sum[0][0][0][0];
        float* const left = reinterpret_cast<float*>(shared) + unit * 32 + lane.lane;  // [splits - 1][sums][units][32]
        constexpr int step = Tile::units * 32;
        __syncthreads();
        if (split > 0)
#pragma unroll
            for (int s = 0; s < sums; ++s) left[((split - 1) * sums + s) * step] = mine[s];
        __syncthreads();
        if (split > 0) return;
        for (int other = 0; other + 1 < Tile::splits; ++other)
#pragma unroll
            for (int s = 0; s < sums; ++s) mine[s] += left[(other * sums + s) * step];
    }
    float* const out = partials + static_cast<std::int64_t>(blockIdx.y) * dy.channels * x.channels * (window * window);
#pragma unroll
    for (int k = 0; k < m16; ++k)
#pragma unroll
        for (int c = 0; c < 2; ++c)
#pragma unroll
            for (int s = 0; s < 4; ++s) {
                const int output = k0 + k * 16 + lane.g + s / 2 * 8,
                          channel = c0 + c16 * 16 + c * 8 + lane.t * 2 + s % 2;
                if (output >= dy.channels || channel >= x.channels) continue;
#pragma unroll
                for (int ky = 0; ky < window; ++ky)
                    out[((output * x.channels + channel) * window + ky) * window + kx] = sum[ky][k][c][s];
            }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
