// Convolution of float tensors with a square window of 1 or 3, stride 1, on the tensor cores: factors are rounded to
// bfloat16 or TF32 on their way into shared memory, sums stay float. Forward, and with the taps in opposite order and
// the channels' roles exchanged the gradient with respect to x. The gradient of the weight: conv_weight_mma.cuh.
//
// A block takes tiles of 16 x 32 pixels and up to 64 outputs, 16 input channels at a time. What it copies from memory
// lands, as float, in places that the copying thread alone reads: it rounds its share into planes (mma_tile.cuh), and
// while these are multiplied the next chunk's copies are under way. Bound by memory: 96 to 64 channels move 200 MB at
// 480x640, 0.066 ms at 3 TB/s, and their 34 GFLOP take 0.054 ms of the 640 TFLOP/s that bfloat16 reaches.
#pragma once

#include "cuda/kernels/conv_tile.cuh"
#include "cuda/kernels/mma_tile.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// `width` outputs of a block; `split` warps share the outputs of one strip of pixels.
template <class Products_, int window_, int width_, int split_>
struct MmaTile {
    using Products = Products_;
    static constexpr int window = window_, taps = window * window, width = width_, split = split_;
    static constexpr int h = 16, w = 32, rows = 4, threads = 256 * split;
    static constexpr int chunk = 16, planes = chunk / Products::lanes, steps = planes / 2, n8 = width / 8 / split;
    static constexpr int in_h = h + window - 1, in_w = w + window - 1, quads = chunk / 4;
    // Neighbouring threads write neighbouring planes of a pixel: they begin in other banks.
    static constexpr int plane = (in_h * in_w * 16 + 127) / 128 * 128 + 128 / planes;
    static constexpr int items = in_h * in_w * quads, staged = items * 16;
    static constexpr int chunk_words = taps * steps * weight_words<width / 8>;
    static constexpr int shared_bytes = staged + 2 * planes * plane + 2 * chunk_words * 4;
    static constexpr int blocks =
        split == 1 && 2 * (shared_bytes + reserved_shared_bytes) <= shared_bytes_of_multiprocessor ? 2 : 1;
};

// The weight in the order of fragments, zeros beyond its channels: [group][chunk][kx][step][ky][width / 16][lane][4].
// grid: a thread for each word.
template <class Tile>
__global__ void __launch_bounds__(block_threads)
    mma_weights_kernel(TileWeight<float> w,  // [K, C, taps]
                       int outputs, int channels, int chunks, std::uint32_t* words, int count) {
    constexpr int lanes = Tile::Products::lanes, pairs = Tile::width / 16;
    int i = static_cast<int>(first_element());
    if (i >= count) return;
    std::uint32_t& to = words[i];
    const int word = i % 4, lane = i / 4 % 32;
    i /= 128;
    const int pair = i % pairs;
    i /= pairs;
    const int ky = i % Tile::window, step = i / Tile::window % Tile::steps,
              kx = i / Tile::window / Tile::steps % Tile::window;
    i /= Tile::taps * Tile::steps;
    const int k = i / chunks * Tile::width + (2 * pair + word / 2) * 8 + lane / 4;
    const int c = i % chunks * Tile::chunk + (2 * step + word % 2) * lanes + lane % 4 * (lanes / 4);
    const auto value = [&](int channel) {
        return k < outputs && channel < channels ? w.at(k, channel, ky * Tile::window + kx, Tile::taps) : 0.0f;
    };
    to = lanes == 8 ? bf16_pair(value(c), value(c + 1)) : tf32(value(c));
}

// grid: x any number of blocks, y groups of outputs.
template <class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks)
    mma_kernel(Image<const float> x,        // [N, C, H, W]
               const std::uint32_t* words,  // of mma_weights_kernel
               Image<float> y,              // [N, K, H, W]
               int padding_h, int padding_w, Ending<float> ending) {
    using Products = typename Tile::Products;
    constexpr int rows = Tile::rows, n8 = Tile::n8, planes = Tile::planes, plane_bytes = Tile::plane;
    FATHOM_DYNAMIC_SHARED(unsigned char, shared);
    unsigned char* const staging = shared;                // [items] of 16 bytes
    unsigned char* const inputs = shared + Tile::staged;  // [2][planes][in_h, in_w][16 bytes]
    auto* const weights = reinterpret_cast<std::uint32_t*>(inputs + 2 * planes * plane_bytes);  // [2][chunk_words]
    const int thread = static_cast<int>(threadIdx.x), warp = thread / 32;
    const Lane lane(thread % 32);
    const int column = warp % 2 * 16, row = warp / 2 % 4 * rows, part = warp / 8;
    const int k0 = static_cast<int>(blockIdx.y) * Tile::width;
    const int x_row = static_cast<int>(x.row), x_pixel = static_cast<int>(x.pixel);
    const Tiles all{y.images, y.height, y.width};
    const int tiles = all.count<Tile>(), step = static_cast<int>(gridDim.x);
    const int chunks = (x.channels + Tile::chunk - 1) / Tile::chunk;

    // Neighbouring threads take neighbouring fours of a pixel's channels. f(item, row, column) for this thread's.
    const int quad = thread % Tile::quads;
    const auto for_each_item = [&](auto f) {
        constexpr int stride = Tile::threads / Tile::quads;
        int h = thread / Tile::quads / Tile::in_w, w = thread / Tile::quads % Tile::in_w;
        for (int i = thread; i < Tile::items; i += Tile::threads) {
            f(i, h, w);
            h += stride / Tile::in_w, w += stride % Tile::in_w;
            if (w >= Tile::in_w) w -= Tile::in_w, ++h;
        }
    };
    const auto fetch = [&](int tile, int chunk, int buffer) {
        const TilePlace at = all.place<Tile>(tile);
        const int c = chunk * Tile::chunk + quad * 4;
        const float* const from = x.data + at.n * x.image;
        for_each_item([&](int item, int h, int w) {
            const int ih = at.h0 + h - padding_h, iw = at.w0 + w - padding_w;
            const bool there = x.inside(ih, iw) && c < x.channels;
            cp_async_16(staging + item * 16, from + (there ? ih * x_row + iw * x_pixel + c : 0), there ? 16 : 0);
        });
        fetch_words<Tile::chunk_words, Tile::threads>(
            weights + buffer * Tile::chunk_words,
            words + (static_cast<std::int64_t>(blockIdx.y) * chunks + chunk) * Tile::chunk_words, thread);
        cp_async_commit();
    };
    const auto round = [&](int buffer) {
        unsigned char* const to = inputs + buffer * planes * plane_bytes + Products::place(quad, plane_bytes);
        for_each_item([&](int item, int h, int w) {
            Products::store(to + (h * Tile::in_w + w) * 16, *reinterpret_cast<const float4*>(staging + item * 16));
        });
    };

    int tile = static_cast<int>(blockIdx.x), buffer = 0;
    if (tile < tiles) fetch(tile, 0, 0);
    for (; tile < tiles; tile += step) {
        float sum[rows][n8][4] = {};
#pragma unroll 1
        for (int chunk = 0; chunk < chunks; ++chunk, buffer ^= 1) {
            cp_async_wait<0>();
            round(buffer);
            __syncthreads();  // the chunk is there, and nobody reads the one before any more
            if (chunk + 1 < chunks)
                fetch(tile, chunk + 1, buffer ^ 1);
            else if (tile + step < tiles)
                fetch(tile + step, 0, buffer ^ 1);
            convolve_rows<Products, Tile::window, n8, Tile::width / 8, Tile::steps>(
                sum, inputs + buffer * planes * plane_bytes + lane.row(plane_bytes) + (row * Tile::in_w + column) * 16,
                Tile::in_w * 16, plane_bytes, weights + buffer * Tile::chunk_words + part * weight_words<n8>,
                lane.lane);
        }
        const TilePlace at = all.place<Tile>(tile);
#pragma unroll
        for (int r = 0; r < rows; ++r)
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                const int h = at.h0 + row + r, w = at.w0 + column + lane.g + 8 * half;
                if (!all.inside(h, w)) continue;
                float* const to = &y.at(at.n, 0, h, w);
#pragma unroll
                for (int n = 0; n < n8; ++n) {
                    const int k = k0 + (part * n8 + n) * 8 + lane.t * 2;
                    if (k >= y.channels) continue;
                    auto* const place = reinterpret_cast<float2*>(to + k);
                    const float2 before = ending.add ? *place : make_float2(0, 0);
                    *place = make_float2(ending.value(sum[r][n][2 * half], before.x, k),
                                         ending.value(sum[r][n][2 * half + 1], before.y, k + 1));
                }
            }
    }
}

template <class Tile>
Result run_mma_tile(const abi::Call* call, const Image<const float>& x, const TileWeight<float>& w,
                    const Image<float>& y, int padding_h, int padding_w, const Ending<float>& ending) {
    const std::int64_t groups = ceil_div(y.channels, Tile::width), chunks = ceil_div(x.channels, Tile::chunk);
    const std::int64_t words = groups * chunks * Tile::chunk_words;
    const DeviceScratch prepared(call, words * 4);
    if (!prepared.result().ok()) return prepared.result();
    const Result r = launch(call->operation, mma_weights_kernel<Tile>, {ceil_div(words, block_threads), block_threads},
                            stream_of(call), w, y.channels, x.channels, static_cast<int>(chunks),
                            prepared.as<std::uint32_t>(), static_cast<int>(words));
    if (!r.ok()) return r;
    const std::int64_t tiles = Tiles{y.images, y.height, y.width}.count<Tile>();
    const std::int64_t blocks =
        std::min<std::int64_t>(tiles, std::max<std::int64_t>(typical_multiprocessors * Tile::blocks / groups, 1));
    return launch(call->operation, mma_kernel<Tile>, {{blocks, groups}, Tile::threads, Tile::shared_bytes},
                  stream_of(call), x, prepared.as<const std::uint32_t>(), y, padding_h, padding_w, ending);
}

template <class Products, int window>
Result run_mma(const abi::Call* call, const Image<const float>& x, const TileWeight<float>& w, const Image<float>& y,
               int padding_h, int padding_w, const Ending<float>& ending) {
    const auto run = [&]<class Tile>(Tile) { return run_mma_tile<Tile>(call, x, w, y, padding_h, padding_w, ending); };
    if (y.channels <= 16) return run(MmaTile<Products, window, 16, 1>{});
    if (y.channels <= 32) return run(MmaTile<Products, window, 32, 1>{});
    return run(MmaTile<Products, window, 64, 2>{});
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
