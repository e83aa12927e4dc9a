// The gradient residual dense block of a frame in one kernel, bfloat16 in and out, sums in float; the first block with
// the stem before it. A block of threads keeps the weights in shared memory and takes one tile of 16 x 30 pixels after
// the other:
//   x, 2 pixels more on each side: the stem of a float image, or fetched
//   -> y1 = leaky.2(conv3x3(x)), 1 pixel more, to shared memory
//   -> y2 = leaky.2(conv3x3([x, y1])) and m = |wx * x| + |wy * x|, in registers, as fragments
//   -> out = leaky.1(down [x, y1, y2] + up m + bias)
// What the next tile reads is fetched meanwhile. Bound by the tensor cores and the Sobel's multiply-adds: 53 GFLOP in
// both encoders and blocks at 480x640, 0.083 ms at 640 TFLOP/s, of which the borders of tiles are 5% more.
#pragma once

#include "cuda/kernels/mma_tile.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// One of the two encoders; they have weights of their own.
struct GrdbBranch {
    const float* image;          // [N, H, W]: what the stem reads; else x is given
    Pixels x;                    // [N, H, W, C]
    const std::uint32_t* words;  // GrdbTile::words: conv1, conv2 of x, conv2 of y1, down of x, y1, y2, up
    const float* numbers;        // GrdbTile::numbers: bias1 [C], bias2 [C], bias [K], wx [9, C], wy [9, C], then of the
                                 // stem its filter [9, C] and bias [C]
    Pixels out;                  // [N, H, W, K]
};
struct GrdbArgs {
    Tiles tiles;
    GrdbBranch branch[2];
};

// C channels in, K out; `warps` of a block, 2 strips of 16 pixels side by side.
template <int C_, int K_, int warps_, bool stem_>
struct GrdbTile {
    static constexpr int C = C_, K = K_, warps = warps_;
    static constexpr bool stem = stem_;
    static constexpr int h = 16, w = 30, threads = warps * 32, groups = warps / 2, rows = h / groups;
    static constexpr int blocks = C == 16 ? 2 : 1;
    static constexpr int x_h = h + 4, x_w = w + 4, y1_h = h + 2, y1_w = w + 2, planes = C / 8, k16s = C / 16;
    // Neighbouring threads fetch neighbouring planes of a pixel: they begin in other banks.
    static constexpr int x_plane = (x_h * x_w * 16 + 127) / 128 * 128 + 128 / planes, x_bytes = planes * x_plane;
    static constexpr int y1_plane = (y1_h * y1_w + 2) * 16;  // 2: read by pixels beyond the tile, never used
    static constexpr int image_h = x_h + 2, image_w = x_w + 2, image_pixels = stem ? image_h * image_w : 0;
    static constexpr int conv_words = 9 * k16s * weight_words<C / 8>, mix_words = k16s * weight_words<K / 8>;
    static constexpr int words = 3 * conv_words + 4 * mix_words;
    static constexpr int stem_numbers = stem ? 10 * C : 0, numbers = 2 * C + K + 18 * C + stem_numbers;
    static constexpr int x_buffers = stem ? 1 : 2;
    static constexpr int shared_bytes =
        words * 4 + numbers * 4 + x_buffers * x_bytes + planes * y1_plane + image_pixels * 4;
};

// The stem's pixels [image_h, image_w] of the tile at `at`, in registers, so that they are loaded while others are
// worked on; zeros outside.
template <class Tile>
struct StemPixels {
    static constexpr int count = (Tile::image_pixels + Tile::threads - 1) / Tile::threads;
    float value[count > 0 ? count : 1];

    __device__ void load(const Tiles& tiles, const float* images, TilePlace at, int thread) {
        const float* const image = images + static_cast<std::int64_t>(at.n) * tiles.height * tiles.width;
#pragma unroll
        for (int i = 0; i < count; ++i) {
            const int p = thread + i * Tile::threads;
            const int h = at.h0 - 3 + p / Tile::image_w, w = at.w0 - 3 + p % Tile::image_w;
            value[i] = p < Tile::image_pixels && tiles.inside(h, w) ? image[h * tiles.width + w] : 0.0f;
        }
    }
    __device__ void store(float* to, int thread) const {
#pragma unroll
        for (int i = 0; i < count; ++i)
            if (thread + i * Tile::threads < Tile::image_pixels) to[thread + i * Tile::threads] = value[i];
    }
};

// x of the tile at `at` from the image, zeros outside of it: a thread has 8 channels of every so many pixels.
template <class Tile>
__device__ __forceinline__ void stem_of(const Tiles& tiles, TilePlace at,
                                        const float* image,   // [image_h, image_w], shared
                                        const float* filter,  // [9, C], then the bias [C], shared
                                        unsigned char* x,     // [planes][x_h, x_w][8] bf16
                                        int thread) {
    constexpr int C = Tile::C;
    const int plane = thread % Tile::planes;
    float weights[9][8], bias[8];
#pragma unroll
    for (int c = 0; c < 8; ++c) bias[c] = filter[9 * C + plane * 8 + c];
#pragma unroll
    for (int t = 0; t < 9; ++t)
#pragma unroll
        for (int c = 0; c < 8; ++c) weights[t][c] = filter[t * C + plane * 8 + c];
#pragma unroll 1
    for (int p = thread / Tile::planes; p < Tile::x_h * Tile::x_w; p += Tile::threads / Tile::planes) {
        const int h = p / Tile::x_w, w = p % Tile::x_w;
        float sum[8];
#pragma unroll
        for (int c = 0; c < 8; ++c) sum[c] = bias[c];
#pragma unroll
        for (int t = 0; t < 9; ++t) {
            const float value = image[(h + t / 3) * Tile::image_w + w + t % 3];
#pragma unroll
            for (int c = 0; c < 8; ++c) sum[c] = fmaf(value, weights[t][c], sum[c]);
        }
        uint4 pairs = make_uint4(0, 0, 0, 0);
        if (tiles.inside(at.h0 - 2 + h, at.w0 - 2 + w)) {
            const auto pair = [&](int c) { return bf16_pair(leaky_relu(sum[c], 0.2f), leaky_relu(sum[c + 1], 0.2f)); };
            pairs = make_uint4(pair(0), pair(2), pair(4), pair(6));
        }
        *reinterpret_cast<uint4*>(x + plane * Tile::x_plane + p * 16) = pairs;
    }
}

// `rows` rows of a strip of 16 pixels of y1, from row `row` and column `column` of its tile on; zeros outside of the
// image, which is what the second convolution pads with.
template <class Tile, int rows>
__device__ __forceinline__ void y1_rows(const Tiles& tiles, TilePlace at, const unsigned char* x, unsigned char* y1,
                                        const std::uint32_t* words, const float* bias, Lane lane, int row, int column) {
    constexpr int n8 = Tile::C / 8;
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
                *reinterpret_cast<std::uint32_t*>(y1 + n * Tile::y1_plane + (i * Tile::y1_w + j) * 16 + lane.t * 4) =
                    inside ? pair : 0u;
            }
        }
}

// m of 16 channels for `rows` rows, as fragments. `pixels`: this lane's ldmatrix row at the top left neighbour of row
// 0.
template <int rows>
__device__ __forceinline__ void magnitude_rows(std::uint32_t (&m)[rows][4], const unsigned char* pixels, int row_bytes,
                                               const float* wx, const float* wy, int C, int t) {
    float gx[rows][8] = {}, gy[rows][8] = {};
#pragma unroll
    for (int kx = 0; kx < 3; ++kx) {
        float fx[3][4], fy[3][4];  // taps of this column, of channels 2t, 2t + 1, 2t + 8, 2t + 9
#pragma unroll
        for (int ky = 0; ky < 3; ++ky)
#pragma unroll
            for (int c = 0; c < 4; ++c) {
                const int at = (ky * 3 + kx) * C + c / 2 * 8 + 2 * t + c % 2;
                fx[ky][c] = wx[at], fy[ky][c] = wy[at];
            }
#pragma unroll
        for (int q = 0; q < rows + 2; ++q) {
            std::uint32_t a[4];
            ldmatrix_x4(a, pixels + q * row_bytes + kx * 16);
#pragma unroll
            for (int i = 0; i < 8; ++i) {
                const float value = i % 2 ? high_of(a[i / 2]) : low_of(a[i / 2]);
                const int c = i / 4 * 2 + i % 2;
#pragma unroll
                for (int ky = 0; ky < 3; ++ky) {
                    const int r = q - ky;
                    if (r < 0 || r >= rows) continue;
                    gx[r][i] = fmaf(fx[ky][c], value, gx[r][i]), gy[r][i] = fmaf(fy[ky][c], value, gy[r][i]);
                }
            }
        }
    }
#pragma unroll
    for (int r = 0; r < rows; ++r)
#pragma unroll
        for (int i = 0; i < 4; ++i)
            m[r][i] =
                bf16_pair(fabsf(gx[r][2 * i]) + fabsf(gy[r][2 * i]), fabsf(gx[r][2 * i + 1]) + fabsf(gy[r][2 * i + 1]));
}

// grid: x any number of blocks, y the two branches.
template <class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks) grdb_kernel(GrdbArgs args) {
    constexpr int C = Tile::C, K = Tile::K, rows = Tile::rows, k16s = Tile::k16s, x_plane = Tile::x_plane,
                  y1_plane = Tile::y1_plane, x_w = Tile::x_w, y1_w = Tile::y1_w;
    FATHOM_DYNAMIC_SHARED(unsigned char, shared);
    auto* const words = reinterpret_cast<std::uint32_t*>(shared);                // as of the branch
    auto* const numbers = reinterpret_cast<float*>(shared + Tile::words * 4);    // as of the branch
    unsigned char* const xs = shared + (Tile::words + Tile::numbers) * 4;        // [buffers][planes][x_h, x_w][8]
    unsigned char* const y1 = xs + Tile::x_buffers * Tile::x_bytes;              // [planes][y1_h, y1_w][8]
    auto* const image = reinterpret_cast<float*>(y1 + Tile::planes * y1_plane);  // [image_h, image_w]
    // Not args.branch[blockIdx.y]: an index that is no constant would copy the array to local memory.
    const GrdbBranch branch = blockIdx.y == 0 ? args.branch[0] : args.branch[1];
    const int thread = static_cast<int>(threadIdx.x), warp = thread / 32;
    const Lane lane(thread % 32);
    const int column = warp % 2 * 16, group = warp / 2, row = group * rows;
    const int tiles = args.tiles.count<Tile>(), step = static_cast<int>(gridDim.x);

    const auto fetch = [&](int tile, int buffer) {
        const TilePlace at = args.tiles.place<Tile>(tile);
        fetch_planes<Tile::planes, Tile::x_h, x_w, Tile::threads>(xs + buffer * Tile::x_bytes, x_plane, branch.x,
                                                                  args.tiles, at.n, 0, at.h0 - 2, at.w0 - 2, thread);
    };
    fetch_words<Tile::words, Tile::threads>(words, branch.words, thread);
    fetch_words<Tile::numbers, Tile::threads>(numbers, branch.numbers, thread);
    if (thread < Tile::planes * 2)
        *reinterpret_cast<uint4*>(y1 + thread / 2 * y1_plane + (Tile::y1_h * y1_w + thread % 2) * 16) =
            make_uint4(0, 0, 0, 0);
    int tile = static_cast<int>(blockIdx.x), buffer = 0;
    StemPixels<Tile> next;
    if (tile < tiles) {
        if constexpr (Tile::stem)
            next.load(args.tiles, branch.image, args.tiles.place<Tile>(tile), thread);
        else
            fetch(tile, 0);
    }
    cp_async_commit();

    const float *bias1 = numbers, *bias2 = bias1 + C, *bias3 = bias2 + C, *wx = bias3 + K, *wy = wx + 9 * C;
    const std::uint32_t *conv1 = words, *conv2x = conv1 + Tile::conv_words, *conv2y = conv2x + Tile::conv_words,
                        *down = conv2y + Tile::conv_words, *up = down + 3 * Tile::mix_words;
    for (; tile < tiles; tile += step) {
        const TilePlace at = args.tiles.place<Tile>(tile);
        const unsigned char* const x = xs + buffer * Tile::x_bytes;
        if constexpr (Tile::stem) next.store(image, thread);
        cp_async_wait<0>();
        __syncthreads();  // what this tile reads is there, and nobody reads the one before any more
        if constexpr (Tile::stem) {
            stem_of<Tile>(args.tiles, at, image, wy + 9 * C, xs, thread);
            __syncthreads();
            if (tile + step < tiles) next.load(args.tiles, branch.image, args.tiles.place<Tile>(tile + step), thread);
        } else {
            if (tile + step < tiles) fetch(tile + step, buffer ^ 1);
            cp_async_commit();
            buffer ^= 1;
        }

        // y1 has two rows more than the tile: the first two groups take one each.
        if (group < 2)
            y1_rows<Tile, rows + 1>(args.tiles, at, x, y1, conv1, bias1, lane, row + group, column);
        else
            y1_rows<Tile, rows>(args.tiles, at, x, y1, conv1, bias1, lane, row + 2, column);
        __syncthreads();

        const unsigned char* const x_here = x + lane.row(x_plane) + ((row + 1) * x_w + column + 1) * 16;
        const unsigned char* const y1_here = y1 + lane.row(y1_plane) + (row * y1_w + column) * 16;
        std::uint32_t m[k16s][rows][4], y2[k16s][rows][4];
#pragma unroll
        for (int k = 0; k < k16s; ++k)
            magnitude_rows<rows>(m[k], x_here + k * 2 * x_plane, x_w * 16, wx + k * 16, wy + k * 16, C, lane.t);
        {
            float sum[rows][C / 8][4];
            start_with(bias2, sum, lane.t);
            convolve_rows<Bf16Products, 3, C / 8, C / 8, k16s>(sum, x_here, x_w * 16, x_plane, conv2x, lane.lane);
            convolve_rows<Bf16Products, 3, C / 8, C / 8, k16s>(sum, y1_here, y1_w * 16, y1_plane, conv2y, lane.lane);
            // The sums of two n8 are laid out as a fragment of 16 channels.
#pragma unroll
            for (int k = 0; k < k16s; ++k)
#pragma unroll
                for (int r = 0; r < rows; ++r)
#pragma unroll
                    for (int i = 0; i < 4; ++i) y2[k][r][i] = activated_pair(sum[r][2 * k + i / 2], i % 2, 0.2f);
        }
        float out[rows][K / 8][4];
        start_with(bias3, out, lane.t);
#pragma unroll
        for (int k = 0; k < k16s; ++k) {
            std::uint32_t a[rows][4];
#pragma unroll
            for (int r = 0; r < rows; ++r) ldmatrix_x4(a[r], x_here + k * 2 * x_plane + ((r + 1) * x_w + 1) * 16);
            multiply_rows(out, a, down + k * weight_words<K / 8>, lane.lane);
#pragma unroll
            for (int r = 0; r < rows; ++r) ldmatrix_x4(a[r], y1_here + k * 2 * y1_plane + ((r + 1) * y1_w + 1) * 16);
            multiply_rows(out, a, down + (k16s + k) * weight_words<K / 8>, lane.lane);
            multiply_rows(out, y2[k], down + (2 * k16s + k) * weight_words<K / 8>, lane.lane);
            multiply_rows(out, m[k], up + k * weight_words<K / 8>, lane.lane);
        }
#pragma unroll
        for (int r = 0; r < rows; ++r)
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                const int j = column + lane.g + 8 * half, h = at.h0 + row + r, w = at.w0 + j;
                if (j >= Tile::w || !args.tiles.inside(h, w)) continue;
                std::uint16_t* const to = branch.out.at(args.tiles.height, args.tiles.width, at.n, h, w);
#pragma unroll
                for (int n = 0; n < K / 8; ++n)
                    *reinterpret_cast<std::uint32_t*>(to + n * 8 + lane.t * 2) = activated_pair(out[r][n], half, 0.1f);
            }
    }
    cp_async_wait<0>();
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
