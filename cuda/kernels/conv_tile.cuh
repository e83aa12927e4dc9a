// Convolution with a square window of 1 or 3, stride 1, as multiply-adds of the tensors' own dtype: forward, and with
// the taps in opposite order and the channels' roles exchanged its gradient with respect to x.
//
// A block takes a tile of pixels and up to 64 outputs; a thread sums 8 pixels of a row for 8 outputs. For each input
// channel and row of the window it reads 12 pixels and 3 x 8 weights from shared memory, 9 loads of 16 bytes for 192
// multiply-adds: a warp's loads take 12 cycles of the memory's pipe beside 48 of arithmetic, so that the arithmetic
// bounds it, 62 TFLOP/s of float on an H100. Channels come in chunks; the blocks that share a multiprocessor load while
// others compute.
#pragma once

#include "cuda/kernels/conv.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// The element of the weight for output k, input c and tap t lies at k * output + c * input + t, or with `flipped` at
// the opposite tap.
template <class T>
struct TileWeight {
    const T* data;  // [K, C, taps] or [C, K, taps]
    int output, input;
    bool flipped;

    __device__ T at(int k, int c, int t, int taps) const {
        return data[k * output + c * input + (flipped ? taps - 1 - t : t)];
    }
};

// A block of `block_threads` takes `groups * outputs` outputs: `groups` threads side by side share their pixels.
template <class T, int window_, int groups_, int outputs_, int block_threads_>
struct ConvTile {
    static constexpr int window = window_, taps = window * window, groups = groups_, outputs = outputs_;
    static constexpr int block_threads = block_threads_;
    static constexpr int pixels = 8, strips = 4, columns = strips * pixels, rows = block_threads / groups / strips;
    static constexpr int channels = 32 / static_cast<int>(sizeof(T)), width = groups * outputs;
    static constexpr int in_rows = rows + window - 1, in_columns = columns + window - 1;
    // 4 more than 32: a row of pixels begins 16 bytes further on in the banks than the one before. Planes 4 more than a
    // multiple of 8, weights 4 more than their number, for the same reason when they are stored.
    static constexpr int pitch = columns + 4, plane = (in_rows * pitch + 7) / 8 * 8 + 4;
    static constexpr int weight_pitch = width % 4 == 0 ? width + 4 : width;
    // So many that 128 registers are left to a thread of floats.
    static constexpr int blocks = 512 * 4 / static_cast<int>(sizeof(T)) / block_threads;
};

// grid: x tiles of pixels, y groups of outputs, z images.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::block_threads, Tile::blocks)
    tile_kernel(Image<const T> x,  // [N, C, H, W]
                TileWeight<T> w,   // [K, C, taps]
                Image<T> y,        // [N, K, H, W]
                int padding_h, int padding_w, bool x_packs, bool y_packs, Ending<T> ending) {
    constexpr int lanes = pack_lanes<T>, taps = Tile::taps, outputs = Tile::outputs, pixels = Tile::pixels;
    FATHOM_SHARED(Pack<T>, tile_packs, Tile::channels * Tile::plane / lanes);  // [channels, in_rows, pitch]
    FATHOM_SHARED(Pack<T>, weight_packs,
                  Tile::channels * taps * Tile::weight_pitch / lanes + 1);  // [channels, taps, width]
    T* const tile = tile_packs[0].at;
    T* const weights = weight_packs[0].at;
    const int tiles_per_row = (y.width + Tile::columns - 1) / Tile::columns;
    const int h0 = static_cast<int>(blockIdx.x) / tiles_per_row * Tile::rows,
              w0 = static_cast<int>(blockIdx.x) % tiles_per_row * Tile::columns;
    const int k0 = static_cast<int>(blockIdx.y) * Tile::width, n = static_cast<int>(blockIdx.z);
    const int thread = static_cast<int>(threadIdx.x);
    const int group = thread % Tile::groups, column = thread / Tile::groups % Tile::strips * pixels,
              row = thread / Tile::groups / Tile::strips;
    const T* const from = x.data + n * x.image;
    const int x_row = static_cast<int>(x.row), x_pixel = static_cast<int>(x.pixel);

    // What is read beyond the tile's columns in whole packs, and not used.
    if constexpr (Tile::window > 1)
        for (int i = thread; i < Tile::channels * Tile::in_rows * (Tile::pitch - Tile::in_columns);
             i += Tile::block_threads) {
            const int beyond = i % (Tile::pitch - Tile::in_columns), r = i / (Tile::pitch - Tile::in_columns);
            tile[r / Tile::in_rows * Tile::plane + r % Tile::in_rows * Tile::pitch + Tile::in_columns + beyond] = T{0};
        }
    T sum[pixels][outputs] = {};
    for (int c0 = 0; c0 < x.channels; c0 += Tile::channels) {
        // Neighbouring threads take neighbouring channels of a pixel, four at once.
        constexpr int quads = Tile::channels / 4;
        for (int i = thread; i < Tile::in_rows * Tile::in_columns * quads; i += Tile::block_threads) {
            const int q = i % quads * 4, h = i / quads / Tile::in_columns, wi = i / quads % Tile::in_columns;
            const int ih = h0 + h - padding_h, iw = w0 + wi - padding_w;
            const bool inside = x.inside(ih, iw);
            T value[4] = {};
            const T* const at = from + (ih * x_row + iw * x_pixel + c0 + q);
            if (x_packs) {
                if (inside && c0 + q < x.channels) {
#pragma unroll
                    for (int j = 0; j < 4; j += lanes) {
                        const auto pack = load_pack<lanes>(at + j);
#pragma unroll
                        for (int l = 0; l < lanes; ++l) value[j + l] = pack.at[l];
                    }
                }
            } else {
#pragma unroll
                for (int j = 0; j < 4; ++j)
                    if (inside && c0 + q + j < x.channels) value[j] = at[j];
            }
#pragma unroll
            for (int j = 0; j < 4; ++j) tile[(q + j) * Tile::plane + h * Tile::pitch + wi] = value[j];
        }
        // A warp takes `channels` neighbours in memory for each of its outputs.
        constexpr int low = Tile::channels, spread = Tile::width < 32 / low ? Tile::width : 32 / low;
        for (int i = thread; i < Tile::channels * taps * Tile::width; i += Tile::block_threads) {
            const int e = i % low + i / (low * spread) % taps * low;  // c * taps + t
            const int k = i / low % spread + i / (low * spread * taps) * spread, c = e / taps;
            const bool there = k0 + k < y.channels && c0 + c < x.channels;
            weights[e * Tile::weight_pitch + k] = there ? w.at(k0 + k, c0 + c, e % taps, taps) : T{0};
        }
        __syncthreads();
        const int count = x.channels - c0 < Tile::channels ? x.channels - c0 : Tile::channels;
#pragma unroll 1
        for (int c = 0; c < count; ++c) {
            const T* const pixels_of_c = tile + c * Tile::plane + row * Tile::pitch + column;
            const T* const weights_of_c = weights + c * taps * Tile::weight_pitch + group * outputs;
#pragma unroll
            for (int ky = 0; ky < Tile::window; ++ky) {
                T in[pixels + (Tile::window > 1 ? 4 : 0)];
                load_packs(in, pixels_of_c + ky * Tile::pitch);
#pragma unroll
                for (int kx = 0; kx < Tile::window; ++kx) {
                    T weight[outputs];
                    load_packs(weight, weights_of_c + (ky * Tile::window + kx) * Tile::weight_pitch);
#pragma unroll
                    for (int p = 0; p < pixels; ++p)
#pragma unroll
                        for (int k = 0; k < outputs; ++k) sum[p][k] += in[p + kx] * weight[k];
                }
            }
        }
        __syncthreads();
    }

    const int h = h0 + row, k1 = k0 + group * outputs;
    if (h >= y.height || k1 >= y.channels) return;
#pragma unroll
    for (int p = 0; p < pixels; ++p) {
        if (w0 + column + p >= y.width) break;
        T* const to = &y.at(n, k1, h, w0 + column + p);
        if (y_packs && outputs % lanes == 0 && k1 + outputs <= y.channels) {
#pragma unroll
            for (int k = 0; k < outputs; k += lanes) {
                auto* const place = reinterpret_cast<Pack<T>*>(to + k);
                Pack<T> pack = ending.add ? *place : Pack<T>{};
#pragma unroll
                for (int l = 0; l < lanes && k + l < outputs; ++l)
                    pack.at[l] = ending.value(sum[p][k + l], pack.at[l], k1 + k + l);
                *place = pack;
            }
        } else {
#pragma unroll
            for (int k = 0; k < outputs; ++k)
                if (k1 + k < y.channels) ending.store(to[k], sum[p][k], k1 + k);
        }
    }
}

template <class T, class Tile>
Result run_tile(const abi::Call* call, const Image<const T>& x, const TileWeight<T>& w, const Image<T>& y,
                int padding_h, int padding_w, const Ending<T>& ending) {
    const LaunchShape shape{{ceil_div(y.height, Tile::rows) * ceil_div(y.width, Tile::columns),
                             ceil_div(y.channels, Tile::width), y.images},
                            Tile::block_threads};
    return launch(call->operation, tile_kernel<T, Tile>, shape, stream_of(call), x, w, y, padding_h, padding_w,
                  in_packs(x), in_packs(y), ending);
}

// Few outputs take small blocks, so that their number fills the device more evenly.
template <class T, int window>
Result run_tiles(const abi::Call* call, const Image<const T>& x, const TileWeight<T>& w, const Image<T>& y,
                 int padding_h, int padding_w, const Ending<T>& ending) {
    const auto run = [&]<class Tile>(Tile) { return run_tile<T, Tile>(call, x, w, y, padding_h, padding_w, ending); };
    if (y.channels == 1) return run(ConvTile<T, window, 1, 1, 64>{});
    if (y.channels <= 16) return run(ConvTile<T, window, 2, 8, 128>{});
    if (y.channels <= 32) return run(ConvTile<T, window, 4, 8, 128>{});
    return run(ConvTile<T, window, 8, 8, 256>{});
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
