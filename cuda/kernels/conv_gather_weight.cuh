// The gradient of a convolution's weight with any window, stride and dilation as a product of matrices, in
// multiply-adds of the tensors' own dtype:
//   dw[output, (tap, channel)] = sum over pixels of dy[pixel, output] x[the pixel under the tap, channel]
//
// A block has 64 outputs x 64 (tap, channel), of double 64 x 32, and a share of the pixels: it gathers 16 of them into
// shared memory while it multiplies the 16 before. A thread sums 8 x 8 (8 x 4): 4 loads of 16 bytes for 64
// multiply-adds, so that the arithmetic bounds it. A second kernel adds the shares up in their order and puts the
// elements into the order of the weight.
#pragma once

#include "cuda/kernels/conv_gather.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

template <class T>
struct GatherWeightTile {
    static constexpr int lanes = pack_lanes<T>, chunk = 16, block_threads = 64;
    static constexpr int thread_outputs = 8, thread_columns = 2 * lanes;
    static constexpr int outputs = 8 * thread_outputs, columns = 8 * thread_columns;
    static constexpr int elements = chunk * (outputs + columns);
};

// grid: x pairs of (outputs, columns), columns innermost; y shares of `chunks_per_share` chunks of 16 pixels.
template <class T>
__global__ void __launch_bounds__(64, 8)
    gather_weight_kernel(Image<const T> x,   // [N, C, H, W]
                         Image<const T> dy,  // [N, K, OH, OW]
                         T* partials,        // [shares, K, pitch]
                         ConvWindow g, Divisor channels, Divisor out_width, Divisor out_height, int pitch,
                         int chunks_per_share, bool x_packs, bool dy_packs) {
    using Tile = GatherWeightTile<T>;
    constexpr int lanes = Tile::lanes, chunk = Tile::chunk;
    FATHOM_SHARED(Pack<T>, buffers, 2 * Tile::elements / lanes);  // [2] of dy [chunk, outputs] and x [chunk, columns]
    FATHOM_SHARED(Place, places, 2, chunk);
    const int thread = static_cast<int>(threadIdx.x), groups = (pitch + Tile::columns - 1) / Tile::columns;
    const int k0 = static_cast<int>(blockIdx.x) / groups * Tile::outputs,
              e0 = static_cast<int>(blockIdx.x) % groups * Tile::columns;
    const int pixels = dy.images * dy.height * dy.width;
    const int first = static_cast<int>(blockIdx.y) * chunks_per_share, chunks = (pixels + chunk - 1) / chunk;
    const int last = first + chunks_per_share < chunks ? first + chunks_per_share : chunks;
    T* const buffer = buffers[0].at;

    // The column of x that this thread fetches: its tap, and where that lies from the pixel under the first one.
    constexpr int x_packs_per_row = Tile::columns / lanes;
    const int column = x_packs ? thread % x_packs_per_row * lanes : thread % Tile::columns;
    const bool any = e0 + column < g.taps() * x.channels;
    unsigned tap = static_cast<unsigned>(any ? e0 + column : 0);
    const auto c = static_cast<int>(channels.split(tap));
    const int dh = static_cast<int>(tap) / g.kernel_w * g.dilation_h,
              dw = static_cast<int>(tap) % g.kernel_w * g.dilation_w;
    const std::int64_t shift = dh * x.row + dw * x.pixel + c;

    // Where the first tap looks for the pixels of a chunk.
    const auto place = [&](int at) {
        const int lane = thread - at % 2 * 32;  // one warp after the other
        if (at >= last || lane < 0 || lane >= chunk) return;
        auto i = static_cast<unsigned>(at * chunk + lane);
        const bool there = static_cast<int>(i) < pixels;
        const int w = static_cast<int>(out_width.split(i)) * g.stride_w - g.padding_w,
                  h = static_cast<int>(out_height.split(i)) * g.stride_h - g.padding_h;
        places[at % 2][lane] = there ? Place{i * x.image + h * x.row + w * x.pixel, h, w} : Place{0, nowhere, nowhere};
    };
    const auto fetch = [&](int at) {
        T* const gradient = buffer + at % 2 * Tile::elements;
        T* const input = gradient + chunk * Tile::outputs;
        const int p0 = at * chunk;
        if (dy_packs) {
            constexpr int per_row = Tile::outputs / lanes, at_once = Tile::block_threads / per_row;
            const int k = thread % per_row * lanes;
            const bool output = k0 + k < dy.channels;
            const T* const from = dy.data + (p0 * dy.pixel + k0 + k);
#pragma unroll
            for (int i = 0; i < chunk / at_once; ++i) {
                const int p = i * at_once + thread / per_row;
                const bool there = output && p0 + p < pixels;
                cp_async_16(gradient + p * Tile::outputs + k, there ? from + p * dy.pixel : dy.data, there ? 16 : 0);
            }
        } else {
            const bool output = k0 + thread < dy.channels;
#pragma unroll 4
            for (int p = 0; p < chunk; ++p)
                gradient[p * Tile::outputs + thread] =
                    output && p0 + p < pixels ? dy.data[(p0 + p) * dy.pixel + k0 + thread] : T{0};
        }
        const auto from = [&](int p) -> const T* {
            const Place there = places[at % 2][p];
            return any && x.inside(there.h + dh, there.w + dw) ? x.data + (there.offset + shift) : nullptr;
        };
        if (x_packs) {
            constexpr int at_once = Tile::block_threads / x_packs_per_row;
#pragma unroll
            for (int i = 0; i < chunk / at_once; ++i) {
                const int p = i * at_once + thread / x_packs_per_row;
                const T* const there = from(p);
                cp_async_16(input + p * Tile::columns + column, there ? there : x.data, there ? 16 : 0);
            }
        } else {
            constexpr int at_once = Tile::block_threads / Tile::columns;
#pragma unroll 4
            for (int i = 0; i < chunk / at_once; ++i) {
                const int p = i * at_once + thread / Tile::columns;
                const T* const there = from(p);
                input[p * Tile::columns + column] = there ? *there : T{0};
            }
        }
        cp_async_commit();
    };

    const int k = thread / 8 * lanes, e = thread % 8 * lanes;
    T sum[Tile::thread_outputs][Tile::thread_columns] = {};
    if (first < last) {
        place(first), place(first + 1);
        __syncthreads();
        fetch(first);
    }
    for (int at = first; at < last; ++at) {
        cp_async_wait<0>();
        __syncthreads();  // the chunk is there, and nobody reads the one before or its places any more
        if (at + 1 < last) fetch(at + 1);
        place(at + 2);
        const T* const gradient = buffer + at % 2 * Tile::elements + k;
        const T* const input = buffer + at % 2 * Tile::elements + chunk * Tile::outputs + e;
#pragma unroll 4
        for (int p = 0; p < chunk; ++p) {
            T out[Tile::thread_outputs], in[Tile::thread_columns];
#pragma unroll
            for (int i = 0; i < Tile::thread_outputs; i += lanes) {
                const Pack<T> pack = load_pack<lanes>(gradient + p * Tile::outputs + i * 8);
#pragma unroll
                for (int l = 0; l < lanes; ++l) out[i + l] = pack.at[l];
            }
#pragma unroll
            for (int j = 0; j < Tile::thread_columns; j += lanes) {
                const Pack<T> pack = load_pack<lanes>(input + p * Tile::columns + j * 8);
#pragma unroll
                for (int l = 0; l < lanes; ++l) in[j + l] = pack.at[l];
            }
#pragma unroll
            for (int i = 0; i < Tile::thread_outputs; ++i)
#pragma unroll
                for (int j = 0; j < Tile::thread_columns; ++j) sum[i][j] += out[i] * in[j];
        }
    }

    T* const to = partials + static_cast<std::int64_t>(blockIdx.y) * dy.channels * pitch;
#pragma unroll
    for (int i = 0; i < Tile::thread_outputs; ++i) {
        const int output = k0 + i / lanes * 8 * lanes + k + i % lanes;
        if (output >= dy.channels) continue;
#pragma unroll
        for (int j = 0; j < Tile::thread_columns; j += lanes) {
            if (e0 + j * 8 + e >= pitch) continue;
            Pack<T> value;
#pragma unroll
            for (int l = 0; l < lanes; ++l) value.at[l] = sum[i][j + l];
            store_pack<lanes>(to + static_cast<std::int64_t>(output) * pitch + e0 + j * 8 + e, value);
        }
    }
}

// dw from the shares' sums. `turns` threads of a block add up an element, each its part of the shares.
template <class T>
__global__ void __launch_bounds__(block_threads)
    gather_weight_combine_kernel(const T* partials,  // [shares, K, pitch]
                                 int shares, int turns, unsigned count, Divisor pitch, Divisor channels, int taps,
                                 T* dw,  // [K, C, taps]
                                 bool add) {
    FATHOM_SHARED(T, sums, block_threads);
    const unsigned lanes = block_threads / static_cast<unsigned>(turns), lane = threadIdx.x % lanes;
    const unsigned i = blockIdx.x * lanes + lane;
    T sum{0};
    if (i < count)
#pragma unroll 4
        for (int s = static_cast<int>(threadIdx.x / lanes); s < shares; s += turns)
            sum += partials[static_cast<std::int64_t>(s) * count + i];
    sums[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x >= lanes || i >= count) return;
    for (unsigned t = threadIdx.x + lanes; t < block_threads; t += lanes) sum += sums[t];
    unsigned output = i;
    unsigned tap = pitch.split(output);
    const unsigned c = channels.split(tap);
    if (tap >= static_cast<unsigned>(taps)) return;
    T& to = dw[(output * channels.divisor + c) * static_cast<unsigned>(taps) + tap];
    to = add ? to + sum : sum;
}

// Whether these kernels count far enough.
template <class T>
bool gathers_weight(const ConvWindow& g, const Image<const T>& x, const Image<const T>& dy) {
    const std::int64_t columns = ceil_div(static_cast<std::int64_t>(g.taps()) * x.channels, 4) * 4;
    return gathers(g, x, dy) && columns <= 0x7fffffff / std::max(dy.channels, 1);
}

template <class T>
Result run_gather_weight(const abi::Call* call, const ConvWindow& g, const Image<const T>& x, const Image<const T>& dy,
                         const abi::Array& dw) {
    using Tile = GatherWeightTile<T>;
    const int columns = g.taps() * x.channels, pitch = (columns + 3) / 4 * 4;
    const std::int64_t pixels = static_cast<std::int64_t>(dy.images) * dy.height * dy.width;
    const std::int64_t count = static_cast<std::int64_t>(dy.channels) * pitch, chunks = ceil_div(pixels, Tile::chunk);
    const std::int64_t pairs = ceil_div(dy.channels, Tile::outputs) * ceil_div(pitch, Tile::columns);
    // Twice as many blocks as of 128 threads, and at least 8 chunks for each.
    const std::int64_t wanted = std::max<std::int64_t>(std::min(2 * gather_blocks / pairs, chunks / 8), 1);
    const std::int64_t per_share = std::max<std::int64_t>(ceil_div(chunks, wanted), 1),
                       shares = std::max<std::int64_t>(ceil_div(chunks, per_share), 1);
    const DeviceScratch partials(call, shares * count * static_cast<std::int64_t>(sizeof(T)));
    if (!partials.result().ok()) return partials.result();
    const Result r = launch(call->operation, gather_weight_kernel<T>, {{pairs, shares}, Tile::block_threads},
                            stream_of(call), x, dy, partials.as<T>(), g, Divisor(x.channels), Divisor(dy.width),
                            Divisor(dy.height), pitch, static_cast<int>(per_share), in_packs(x), in_packs(dy));
    if (!r.ok()) return r;
    const int turns = shares >= 8 ? 8 : 1;
    return launch(call->operation, gather_weight_combine_kernel<T>,
                  {ceil_div(count * turns, block_threads), block_threads}, stream_of(call), partials.as<const T>(),
                  static_cast<int>(shares), turns, static_cast<unsigned>(count), Divisor(pitch), Divisor(x.channels),
                  g.taps(), data<T>(dw), adds(dw));
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
