// Convolution with any window, stride and dilation as a product of matrices, in multiply-adds of the tensors' own
// dtype:
//   y[pixel, output] = sum over (tap, channel) of x[the pixel under the tap, channel] w[tap, channel, output]
// and the same backwards for the gradient with respect to x. With a stride its pixels fall into classes by their place
// modulo the stride, and each class has its own taps: none is multiplied that does not match.
//
// A block gathers pixels of the whole batch for a chunk of (tap, channel) into shared memory while it multiplies the
// chunk before; a thread sums 8 pixels for 8 outputs (of double 4 for 8): 16 loads of 16 bytes for 256 multiply-adds,
// so that the arithmetic bounds it. Where there are too few blocks for the device, several share the chunks, and a
// second kernel adds their sums in their order. The weights are first written in the order in which they are read:
// twice their bytes beside those of x and y.
#pragma once

#include <algorithm>
#include <numeric>

#include "cuda/kernels/conv.cuh"
#include "cuda/kernels/index.cuh"
#include "cuda/ptx.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// The taps of a class along one axis: tap first_tap + j tap_step of the window looks at i step + first + j delta.
struct AxisTaps {
    int count, first_tap, first;
};

// One axis of a convolution or its gradient. Results lie at c + classes * i, c < classes; what they gather lies at
//   (c + classes * i * step + padding - tap * dilation) / classes
// for those taps where this is a whole number. Forward: one class, padding and dilation with opposite signs.
struct Axis {
    int results, gathered, kernel, classes, step, padding, dilation, tap_step, delta;

    __device__ AxisTaps taps(int c) const {
        int t = 0;
        while (t < tap_step && (c + padding - t * dilation) % classes != 0) ++t;
        const bool any = t < tap_step && t < kernel;
        return {any ? (kernel - 1 - t) / tap_step + 1 : 0, t, (c + padding - t * dilation) / classes};
    }
    __host__ __device__ int size(int c) const { return (results - c + classes - 1) / classes; }
};

inline Axis forward_axis(int results, int gathered, int kernel, int stride, int padding, int dilation) {
    return {results, gathered, kernel, 1, stride, -padding, -dilation, 1, dilation};
}
inline Axis gradient_axis(int results, int gathered, int kernel, int stride, int padding, int dilation) {
    const int common = std::gcd(stride, dilation);
    return {results, gathered, kernel, stride, 1, padding, dilation, stride / common, -dilation / common};
}

// A place that is gathered from: the offset of its first channel, and where it is, far outside where there is none.
struct Place {
    std::int64_t offset;
    int h, w;
};
inline constexpr int nowhere = -0x40000000;

// A block of 128 threads: `across` of them side by side share their pixels, each has `outputs_` outputs of `pixels_`
// pixels.
template <class T, int pixels_, int outputs_, int across_>
struct GatherTile {
    static constexpr int thread_pixels = pixels_, thread_outputs = outputs_, across = across_, down = 128 / across;
    static constexpr int pixels = down * thread_pixels, outputs = across * thread_outputs;
    static constexpr int lanes = pack_lanes<T>, chunk = 4 * lanes;  // of (tap, channel)
    // A pack more than a chunk: neighbouring pixels lie in different banks.
    static constexpr int pitch = chunk + lanes;
    static constexpr int input_elements = pixels * pitch, elements = input_elements + chunk * outputs;
};

// What is gathered for a block's class of pixels.
template <class T>
struct Gather {
    Image<const T> x;  // [N, C, H, W]
    const T* w;        // [kernel_h, kernel_w, C, weight_pitch]
    int weight_pitch;  // the outputs, rounded up to whole fours
    Axis vertical, horizontal;
    Divisor channels;
    bool packs;  // x in packs
};

// A row of (tap, channel): how far from the pixel under the first tap it looks, and where its weights are.
struct GatherRow {
    std::int64_t shift;  // of x's offsets
    int h, w;            // `nowhere` behind the last row
    std::int64_t weight;
};

template <class T>
__device__ GatherRow gather_row(const Gather<T>& g, AxisTaps vertical, AxisTaps horizontal, int row, int rows) {
    if (row >= rows) return {0, nowhere, nowhere, -1};
    auto tap = static_cast<unsigned>(row);
    const auto c = static_cast<int>(g.channels.split(tap));
    const int jh = static_cast<int>(tap / static_cast<unsigned>(horizontal.count)),
              jw = static_cast<int>(tap) - jh * horizontal.count;
    const int h = jh * g.vertical.delta, w = jw * g.horizontal.delta;
    const int window_tap = (vertical.first_tap + jh * g.vertical.tap_step) * g.horizontal.kernel +
                           horizontal.first_tap + jw * g.horizontal.tap_step;
    return {h * g.x.row + w * g.x.pixel + c, h, w,
            (static_cast<std::int64_t>(window_tap) * g.x.channels + c) * g.weight_pitch};
}

// Starts the copy of a chunk for all pixels and outputs of the block, a group of cp.async.
template <class Tile, class T>
__device__ void fetch_chunk(const Gather<T>& g,
                            const Place* places,    // [pixels], shared
                            const GatherRow* rows,  // [chunk], shared
                            int n0, int thread,
                            T* input) {  // [pixels, pitch] and weights [chunk, outputs], shared
    constexpr int lanes = Tile::lanes, chunk = Tile::chunk;
    const int column = g.packs ? thread % (chunk / lanes) * lanes : thread % chunk;
    const std::int64_t shift = rows[column].shift;
    const int dh = rows[column].h, dw = rows[column].w;
    const auto from = [&](int pixel) -> const T* {
        const Place place = places[pixel];
        return g.x.inside(place.h + dh, place.w + dw) ? g.x.data + (place.offset + shift) : nullptr;
    };
    if (g.packs) {
        constexpr int at_once = 128 / (chunk / lanes);
#pragma unroll
        for (int i = 0; i < Tile::pixels / at_once; ++i) {
            const int p = i * at_once + thread / (chunk / lanes);
            const T* const there = from(p);
            cp_async_16(input + p * Tile::pitch + column, there ? there : g.x.data, there ? 16 : 0);
        }
    } else {
        constexpr int at_once = 128 / chunk;
#pragma unroll 4
        for (int i = 0; i < Tile::pixels / at_once; ++i) {
            const int p = i * at_once + thread / chunk;
            const T* const there = from(p);
            input[p * Tile::pitch + column] = there ? *there : T{0};
        }
    }
    T* const weights = input + Tile::input_elements;
    constexpr int per_row = Tile::outputs / lanes, packs = chunk * per_row;
    const int n = n0 + thread % per_row * lanes;
#pragma unroll
    for (int i = 0; i < (packs + 127) / 128; ++i) {
        const int pack = i * 128 + thread;
        if (packs % 128 != 0 && pack >= packs) break;
        const std::int64_t row = rows[pack / per_row].weight;
        const bool there = row >= 0 && n < g.weight_pitch;
        cp_async_16(weights + pack * lanes, there ? g.w + (row + n) : g.w, there ? 16 : 0);
    }
    cp_async_commit();
}

// grid: x tiles of pixels, of every class in turn, y groups of outputs, z splits of the chunks. With `partials` sums go
// there, for gather_combine_kernel.
template <class T, class Tile>
__global__ void __launch_bounds__(128, sizeof(T) == 4 ? 4 : 3)
    gather_kernel(Gather<T> g,
                  Image<T> y,   // [N, K, OH, OW]
                  T* partials,  // [splits, pixels, weight_pitch] or null
                  bool packs, Ending<T> ending) {
    constexpr int lanes = Tile::lanes, across = Tile::across, outputs = Tile::thread_outputs;
    FATHOM_SHARED(Pack<T>, buffers, 2 * Tile::elements / lanes);  // [2] of x [pixels, pitch] and w [chunk, outputs]
    FATHOM_SHARED(Place, places, Tile::pixels);
    FATHOM_SHARED(GatherRow, rows, 2, Tile::chunk);
    FATHOM_SHARED(int, results, Tile::pixels);  // each one's pixel of y, or -1
    const int thread = static_cast<int>(threadIdx.x), n0 = static_cast<int>(blockIdx.y) * Tile::outputs;
    const int classes = g.vertical.classes * g.horizontal.classes;
    const int c = static_cast<int>(blockIdx.x) % classes, tile = static_cast<int>(blockIdx.x) / classes;
    const int class_h = c / g.horizontal.classes, class_w = c % g.horizontal.classes;
    const AxisTaps vertical = g.vertical.taps(class_h), horizontal = g.horizontal.taps(class_w);
    const int height = g.vertical.size(class_h), width = g.horizontal.size(class_w);
    const int left = y.images * height * width - tile * Tile::pixels;  // pixels from this tile on
    if (left <= 0) return;
    for (int r = thread; r < Tile::pixels; r += 128) {
        if (r >= left) {
            places[r] = {0, nowhere, nowhere}, results[r] = -1;
            continue;
        }
        const int i = tile * Tile::pixels + r, j = i / width, w = i % width, h = j % height, n = j / height;
        const int ih = h * g.vertical.step + vertical.first, iw = w * g.horizontal.step + horizontal.first;
        places[r] = {n * g.x.image + ih * g.x.row + iw * g.x.pixel, ih, iw};
        results[r] = (n * y.height + class_h + h * g.vertical.classes) * y.width + class_w + w * g.horizontal.classes;
    }

    const int row_count = vertical.count * horizontal.count * g.x.channels;
    const int chunks = (row_count + Tile::chunk - 1) / Tile::chunk, splits = static_cast<int>(gridDim.z);
    const int share = (chunks + splits - 1) / splits, first = static_cast<int>(blockIdx.z) * share;
    const int last = first + share < chunks ? first + share : chunks;
    T* const buffer = buffers[0].at;
    // One warp after the other finds out about the rows of a chunk, two chunks ahead.
    const auto find_rows = [&](int chunk) {
        const int lane = thread - chunk % 4 * 32;
        if (chunk >= last || lane < 0 || lane >= Tile::chunk) return;
        const GatherRow row = gather_row(g, vertical, horizontal, chunk * Tile::chunk + lane, row_count);
        rows[chunk % 2][lane] = row;
    };
    const auto fetch = [&](int chunk) {
        fetch_chunk<Tile>(g, places, rows[chunk % 2], n0, thread, buffer + chunk % 2 * Tile::elements);
    };
    find_rows(first), find_rows(first + 1);
    __syncthreads();
    if (first < last) fetch(first);
    const int across_at = thread % across, down_at = thread / across;
    T sum[Tile::thread_pixels][outputs] = {};
    for (int chunk = first; chunk < last; ++chunk) {
        cp_async_wait<0>();
        __syncthreads();  // the chunk is there, and nobody reads the one before or its rows any more
        if (chunk + 1 < last) fetch(chunk + 1);
        find_rows(chunk + 2);
        const T* const input = buffer + chunk % 2 * Tile::elements + down_at * Tile::pitch;
        const T* const weights = buffer + chunk % 2 * Tile::elements + Tile::input_elements + across_at * lanes;
#pragma unroll 2
        for (int k = 0; k < Tile::chunk; k += lanes) {
            Pack<T> in[Tile::thread_pixels];
#pragma unroll
            for (int p = 0; p < Tile::thread_pixels; ++p)
                in[p] = load_pack<lanes>(input + p * Tile::down * Tile::pitch + k);
#pragma unroll
            for (int l = 0; l < lanes; ++l)
#pragma unroll
                for (int o = 0; o < outputs; o += lanes) {
                    const Pack<T> weight = load_pack<lanes>(weights + (k + l) * Tile::outputs + o * across);
#pragma unroll
                    for (int p = 0; p < Tile::thread_pixels; ++p)
#pragma unroll
                        for (int m = 0; m < lanes; ++m) sum[p][o + m] += in[p].at[l] * weight.at[m];
                }
        }
    }

    const std::int64_t pixels = static_cast<std::int64_t>(y.images) * y.height * y.width;
#pragma unroll
    for (int p = 0; p < Tile::thread_pixels; ++p) {
        const int result = results[down_at + p * Tile::down];
        if (result < 0) break;
#pragma unroll
        for (int o = 0; o < outputs; o += lanes) {
            const int k = n0 + o * across + across_at * lanes;
            Pack<T> value;
#pragma unroll
            for (int l = 0; l < lanes; ++l) value.at[l] = sum[p][o + l];
            if (partials) {
                if (k < g.weight_pitch)
                    store_pack<lanes>(partials + (blockIdx.z * pixels + result) * g.weight_pitch + k, value);
            } else {
                ending.store(y.data + result * y.pixel + k, value, k, y.channels, packs);
            }
        }
    }
}

// y from the sums of the splits: a thread has a pack of outputs.
template <class T>
__global__ void __launch_bounds__(block_threads) gather_combine_kernel(const T* partials,  // [splits, pixels, pitch]
                                                                       int splits, unsigned count, Divisor pitch_packs,
                                                                       Image<T> y,  // [N, K, OH, OW]
                                                                       bool packs, Ending<T> ending) {
    constexpr int lanes = pack_lanes<T>;
    for (unsigned i = first_of_32(); i < count; i += all_of_32()) {
        Pack<T> sum = load_pack<lanes>(partials + static_cast<std::int64_t>(i) * lanes);
        for (int s = 1; s < splits; ++s) {
            const Pack<T> more = load_pack<lanes>(partials + (static_cast<std::int64_t>(s) * count + i) * lanes);
#pragma unroll
            for (int l = 0; l < lanes; ++l) sum.at[l] += more.at[l];
        }
        unsigned pixel = i;
        const int k = static_cast<int>(pitch_packs.split(pixel)) * lanes;
        ending.store(y.data + pixel * y.pixel + k, sum, k, y.channels, packs);
    }
}

// The weights in the order of the gather: neighbouring threads take neighbouring outputs, 8 channels of each are read
// by a block. The element for output n, channel c and tap t lies at n * output + c * channel + t.
template <class T>
__global__ void __launch_bounds__(block_threads)
    gather_weights_kernel(const T* w, std::int64_t output, std::int64_t channel, int taps, int channels, int outputs,
                          int pitch,
                          T* to) {  // [taps, channels, pitch]
    const int groups = (pitch + 31) / 32;
    const int n = static_cast<int>(blockIdx.x) % groups * 32 + static_cast<int>(threadIdx.x) % 32,
              c = static_cast<int>(blockIdx.x) / groups * 8 + static_cast<int>(threadIdx.x) / 32;
    if (n >= pitch || c >= channels) return;
    const T* const from = w + n * output + c * channel;
#pragma unroll 4
    for (int t = 0; t < taps; ++t)
        to[(static_cast<std::int64_t>(t) * channels + c) * pitch + n] = n < outputs ? from[t] : T{0};
}

// Whether these kernels count far enough for what is gathered from x to y.
template <class X, class Y>
bool gathers(const ConvWindow& g, const Image<X>& x, const Image<Y>& y) {
    const std::int64_t pixels = static_cast<std::int64_t>(y.images) * (y.height + g.stride_h) * (y.width + g.stride_w);
    const std::int64_t reach_h = static_cast<std::int64_t>(g.dilation_h) * g.kernel_h + g.padding_h,
                       reach_w = static_cast<std::int64_t>(g.dilation_w) * g.kernel_w + g.padding_w;
    return g.groups == 1 && fits_31_bits(pixels + 1024) &&
           fits_31_bits(static_cast<std::int64_t>(g.taps()) * x.channels) &&
           std::max({reach_h, reach_w, std::int64_t{x.height}, std::int64_t{x.width}}) < -nowhere / 2;
}

// So many blocks are worth having: 4 for each multiprocessor.
inline constexpr std::int64_t gather_blocks = 4 * typical_multiprocessors;

template <class T, class Tile>
Result run_gather_tile(const abi::Call* call, Gather<T> g, const Image<T>& y, const Ending<T>& ending) {
    const std::int64_t classes = static_cast<std::int64_t>(g.vertical.classes) * g.horizontal.classes;
    const std::int64_t class_pixels = static_cast<std::int64_t>(y.images) * g.vertical.size(0) * g.horizontal.size(0);
    const std::int64_t tiles = ceil_div(class_pixels, Tile::pixels) * classes,
                       groups = ceil_div(y.channels, Tile::outputs);
    const std::int64_t taps = static_cast<std::int64_t>(g.vertical.kernel) * g.horizontal.kernel;
    const std::int64_t chunks = ceil_div(ceil_div(taps, classes) * g.x.channels, Tile::chunk);
    const std::int64_t splits = std::max<std::int64_t>(std::min(gather_blocks / (tiles * groups), chunks / 8), 1);
    const std::int64_t pixels = static_cast<std::int64_t>(y.images) * y.height * y.width;
    const DeviceScratch partials(
        call, splits > 1 ? splits * pixels * g.weight_pitch * static_cast<std::int64_t>(sizeof(T)) : 0);
    if (!partials.result().ok()) return partials.result();
    const bool packs = in_packs(y);
    const Result r = launch(call->operation, gather_kernel<T, Tile>, {{tiles, groups, splits}, 128}, stream_of(call), g,
                            y, partials.template as<T>(), packs, ending);
    if (!r.ok() || splits == 1) return r;
    const std::int64_t row = g.weight_pitch / pack_lanes<T>;
    return launch(call->operation, gather_combine_kernel<T>, linear(pixels * row), stream_of(call),
                  partials.template as<const T>(), static_cast<int>(splits), static_cast<unsigned>(pixels * row),
                  Divisor(row), y, packs, ending);
}

// y gathers from x. w [K, C, taps]; `backwards`: the gradient, x is dy and y is dx, w [C, K, taps].
template <class T>
Result run_gather(const abi::Call* call, const ConvWindow& window, const Image<const T>& x,
                  const T* w,  // [K, C, taps] or [C, K, taps]
                  const Image<T>& y, bool backwards, const Ending<T>& ending) {
    const int pitch = (y.channels + 3) / 4 * 4, taps = window.taps();
    const std::int64_t elements = static_cast<std::int64_t>(taps) * x.channels * pitch;
    const DeviceScratch weights(call, elements * static_cast<std::int64_t>(sizeof(T)));
    if (!weights.result().ok()) return weights.result();
    const std::int64_t inner = taps, outer = static_cast<std::int64_t>(backwards ? y.channels : x.channels) * taps;
    if (elements > 0)
        if (const Result r = launch(call->operation, gather_weights_kernel<T>,
                                    {ceil_div(pitch, 32) * ceil_div(x.channels, 8), block_threads}, stream_of(call), w,
                                    backwards ? inner : outer, backwards ? outer : inner, taps, x.channels, y.channels,
                                    pitch, weights.template as<T>());
            !r.ok())
            return r;
    const auto axis = backwards ? gradient_axis : forward_axis;
    const Gather<T> g{x,
                      weights.template as<const T>(),
                      pitch,
                      axis(y.height, x.height, window.kernel_h, window.stride_h, window.padding_h, window.dilation_h),
                      axis(y.width, x.width, window.kernel_w, window.stride_w, window.padding_w, window.dilation_w),
                      Divisor(x.channels),
                      in_packs(x)};
    constexpr int pixels = 32 / static_cast<int>(sizeof(T));
    if (y.channels <= 8) return run_gather_tile<T, GatherTile<T, pixels / 2, 4, 2>>(call, g, y, ending);
    if (y.channels <= 32) return run_gather_tile<T, GatherTile<T, pixels, 4, 8>>(call, g, y, ending);
    return run_gather_tile<T, GatherTile<T, pixels, 8, 8>>(call, g, y, ending);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
