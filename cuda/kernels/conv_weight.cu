// Gradients of convolution with respect to weight and bias: sums over all pixels, in chunks that a second kernel
// combines in a fixed order, so that the bits depend on the shape alone.
#include <algorithm>
#include <type_traits>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/conv_gather_weight.cuh"
#include "cuda/kernels/conv_weight_mma.cuh"
#include "cuda/ptx.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// A tile of the sum of products with a square window of 1 or 3, stride 1: `outputs` x `channels` of the weight, over
// `rows` x `columns` pixels at a time. A thread has 4 outputs, 4 channels and one row of the window, and walks along a
// row of pixels with the `window` pixels above which its taps stand in registers: two loads of 16 bytes from shared
// memory for 48 multiply-adds, so that the arithmetic bounds it. `splits` threads share these and take turns with the
// rows. The next tile is fetched meanwhile.
template <class T, int window_, int outputs_, int channels_>
struct WeightTile {
    static constexpr int window = window_, outputs = outputs_, channels = channels_;
    static constexpr int rows = 8, columns = 16, in_rows = rows + window - 1, in_columns = columns + window - 1;
    static constexpr int units = outputs / 4 * (channels / 4) * window;
    static constexpr int splits = units >= 384 ? 1 : 384 / units < rows ? 384 / units : rows;
    static constexpr int block_threads = units * splits, blocks = sizeof(T) == 4 ? 2 : 1;
    static constexpr int x_elements = in_rows * in_columns * channels, elements = x_elements + rows * columns * outputs;
    static constexpr int buffers = sizeof(T) == 4 ? 2 : 1;
    // What the splits leave to be added up lies in the same memory.
    static constexpr int left = units * (splits - 1) * 16 * window;
    static constexpr std::size_t shared_bytes = sizeof(T) * std::max(buffers * elements, left);
};

// `channels` channels from c0 on of rows x columns pixels from (h0, w0), zeros where there are none. With `packs` it is
// a group of cp.async.
template <int rows, int columns, int channels, int threads, class T>
__device__ void fetch(T* to,                        // [rows, columns, channels], shared
                      const Image<const T>& image,  // [N, C, H, W]
                      int n, int c0, int h0, int w0, bool packs, int thread) {
    constexpr int lanes = pack_lanes<T>, per_pixel = channels / lanes;
    const T* const from = image.data + n * image.image;
    const int row = static_cast<int>(image.row), pixel = static_cast<int>(image.pixel);
    for (int i = thread; i < rows * columns * per_pixel; i += threads) {
        const int c = c0 + i % per_pixel * lanes, h = h0 + i / per_pixel / columns, w = w0 + i / per_pixel % columns;
        const int there = image.inside(h, w) ? image.channels - c : 0;  // how many of the channels from c on there are
        const T* const at = from + (there > 0 ? h * row + w * pixel + c : 0);
        if (packs)
            cp_async_16(to + i * lanes, at, there > 0 ? 16 : 0);
        else
            for (int l = 0; l < lanes; ++l) to[i * lanes + l] = l < there ? at[l] : T{0};
    }
}

// grid: x pairs of (outputs, channels), y chunks of `tiles_per_chunk` tiles.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::block_threads, Tile::blocks)
    tile_weight_kernel(Image<const T> x,   // [N, C, H, W]
                       Image<const T> dy,  // [N, K, OH, OW]
                       T* partials,        // [chunks][K, C, taps]
                       int padding_h, int padding_w, int tiles, int tiles_per_chunk, bool x_packs, bool dy_packs) {
    constexpr int window = Tile::window, columns = Tile::columns;
    FATHOM_DYNAMIC_SHARED(T, shared);  // [buffers] of x [in_rows, in_columns, channels] and dy [rows, columns, outputs]
    const int channel_groups = (x.channels + Tile::channels - 1) / Tile::channels;
    const int k0 = static_cast<int>(blockIdx.x) / channel_groups * Tile::outputs,
              c0 = static_cast<int>(blockIdx.x) % channel_groups * Tile::channels;
    const int thread = static_cast<int>(threadIdx.x), unit = thread % Tile::units, split = thread / Tile::units;
    const int k = unit % (Tile::outputs / 4) * 4, c = unit / (Tile::outputs / 4) % (Tile::channels / 4) * 4,
              ky = unit / (Tile::outputs / 4) / (Tile::channels / 4);
    const int tiles_w = (dy.width + columns - 1) / columns, tiles_h = (dy.height + Tile::rows - 1) / Tile::rows;
    const int first = static_cast<int>(blockIdx.y) * tiles_per_chunk;
    const int last = first + tiles_per_chunk < tiles ? first + tiles_per_chunk : tiles;

    const auto fetch_tile = [&](int tile, int buffer) {
        const int w0 = tile % tiles_w * columns, h0 = tile / tiles_w % tiles_h * Tile::rows,
                  n = tile / tiles_w / tiles_h;
        T* const to = shared + buffer * Tile::elements;
        fetch<Tile::in_rows, Tile::in_columns, Tile::channels, Tile::block_threads>(to, x, n, c0, h0 - padding_h,
                                                                                    w0 - padding_w, x_packs, thread);
        fetch<Tile::rows, columns, Tile::outputs, Tile::block_threads>(to + Tile::x_elements, dy, n, k0, h0, w0,
                                                                       dy_packs, thread);
        cp_async_commit();
    };
    T sum[4][4][window] = {};  // [k, c, kx]
    if (first < last) fetch_tile(first, 0);
    for (int tile = first, buffer = 0; tile < last; ++tile, buffer = (buffer + 1) % Tile::buffers) {
        cp_async_wait<0>();
        __syncthreads();  // the tile is there, and nobody reads the one before any more
        if (Tile::buffers > 1 && tile + 1 < last) fetch_tile(tile + 1, buffer ^ 1);
        const T* const inputs = shared + buffer * Tile::elements;
        const T* const gradients = inputs + Tile::x_elements;
#pragma unroll 1
        for (int row = split; row < Tile::rows; row += Tile::splits) {
            const T* const in_row = inputs + (row + ky) * Tile::in_columns * Tile::channels + c;
            const T* const gradient_row = gradients + row * columns * Tile::outputs + k;
            T in[window][4];
#pragma unroll
            for (int i = 0; i + 1 < window; ++i) load_packs(in[i], in_row + i * Tile::channels);
#pragma unroll
            for (int p = 0; p < columns; ++p) {
                T gradient[4];
                load_packs(in[(p + window - 1) % window], in_row + (p + window - 1) * Tile::channels);
                load_packs(gradient, gradient_row + p * Tile::outputs);
#pragma unroll
                for (int kx = 0; kx < window; ++kx)
#pragma unroll
                    for (int i = 0; i < 4; ++i)
#pragma unroll
                        for (int j = 0; j < 4; ++j) sum[i][j][kx] += gradient[i] * in[(p + kx) % window][j];
            }
        }
        if (Tile::buffers == 1 && tile + 1 < last) {
            __syncthreads();
            fetch_tile(tile + 1, 0);
        }
    }
    if constexpr (Tile::splits > 1) {
        // The first split adds what the others have, in their order.
        constexpr int sums = 16 * window;
        T* const mine = &sum[0][0][0];
        __syncthreads();
        if (split > 0)
            for (int i = 0; i < sums; ++i) shared[((split - 1) * sums + i) * Tile::units + unit] = mine[i];
        __syncthreads();
        if (split > 0) return;
        for (int s = 0; s + 1 < Tile::splits; ++s)
            for (int i = 0; i < sums; ++i) mine[i] += shared[(s * sums + i) * Tile::units + unit];
    }
    T* const out = partials + static_cast<std::int64_t>(blockIdx.y) * dy.channels * x.channels * (window * window);
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            if (k0 + k + i >= dy.channels || c0 + c + j >= x.channels) continue;
#pragma unroll
            for (int kx = 0; kx < window; ++kx)
                out[(((k0 + k + i) * x.channels + c0 + c + j) * window + ky) * window + kx] = sum[i][j][kx];
        }
}

// Any window and groups. grid: x elements of the weight, y chunks of `pixels_per_chunk` output pixels.
template <class T>
__global__ void __launch_bounds__(block_threads) general_weight_kernel(Image<const T> x,   // [N, C, H, W]
                                                                       Image<const T> dy,  // [N, K, OH, OW]
                                                                       T* partials,  // [chunks][K, C / groups, taps]
                                                                       ConvWindow g, std::int64_t pixels_per_chunk) {
    FATHOM_SHARED(T, shared, 32);
    const int in = x.channels / g.groups, out = dy.channels / g.groups;
    const std::int64_t element = blockIdx.x;
    const int t = static_cast<int>(element % g.taps()), c = static_cast<int>(element / g.taps() % in),
              k = static_cast<int>(element / g.taps() / in);
    const std::int64_t pixels = static_cast<std::int64_t>(dy.images) * dy.height * dy.width;
    const std::int64_t begin = blockIdx.y * pixels_per_chunk;
    const std::int64_t end = begin + pixels_per_chunk < pixels ? begin + pixels_per_chunk : pixels;
    T sum{0};
    for (std::int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
        const int ow = static_cast<int>(i % dy.width), oh = static_cast<int>(i / dy.width % dy.height),
                  n = static_cast<int>(i / dy.width / dy.height);
        const int h = oh * g.stride_h - g.padding_h + t / g.kernel_w * g.dilation_h;
        const int w = ow * g.stride_w - g.padding_w + t % g.kernel_w * g.dilation_w;
        if (x.inside(h, w)) sum += dy.at(n, k, oh, ow) * x.at(n, k / out * in + c, h, w);
    }
    sum = block_sum(sum, shared);
    if (threadIdx.x == 0) partials[blockIdx.y * static_cast<std::int64_t>(gridDim.x) + element] = sum;
}

// out (+)= the sum of partials over the chunks: a warp's lanes are neighbouring elements, its 8 warps take turns with
// the chunks.
template <class T>
__global__ void __launch_bounds__(block_threads) combine_kernel(const T* partials,  // [chunks][elements]
                                                                int chunks, std::int64_t elements,
                                                                T* out,  // [elements]
                                                                bool add) {
    constexpr int warps = block_threads / 32;
    FATHOM_SHARED(T, sums, warps, 32);
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * 32 + lane;
    T sum{0};
    if (i < elements)
#pragma unroll 8
        for (int c = warp; c < chunks; c += warps) sum += partials[c * elements + i];
    sums[warp][lane] = sum;
    __syncthreads();
    if (warp > 0 || i >= elements) return;
    for (int w = 1; w < warps; ++w) sum += sums[w][lane];
    out[i] = add ? out[i] + sum : sum;
}

// Sums over chunks of `pixels_per_chunk` pixels: neighbouring threads take neighbouring channels, `size` at a time and
// `lanes` threads for a pixel, as many pixels at once as a block has threads left. grid: x groups of channels, y
// chunks. `dense`: pixel i lies at i * dy.pixel.
template <class T, int size>
__global__ void __launch_bounds__(block_threads) bias_kernel(Image<const T> dy,  // [N, K, OH, OW]
                                                             T* partials,        // [chunks][K]
                                                             int lanes, int pixels_per_chunk, bool dense) {
    FATHOM_SHARED(T, sums, size, block_threads);
    const int thread = static_cast<int>(threadIdx.x), lane = thread % lanes;
    const int k = (static_cast<int>(blockIdx.x) * lanes + lane) * size;
    const int pixels = dy.images * dy.height * dy.width, begin = static_cast<int>(blockIdx.y) * pixels_per_chunk;
    const int end = begin + pixels_per_chunk < pixels ? begin + pixels_per_chunk : pixels;
    T sum[size] = {};
    if (k < dy.channels)
#pragma unroll 4
        for (int i = begin + thread / lanes; i < end; i += block_threads / lanes) {
            const int row = dense ? 0 : i / dy.width;
            const T* const from =
                dense ? dy.data + i * dy.pixel + k : &dy.at(row / dy.height, k, row % dy.height, i % dy.width);
            const Pack<T, size> values = load_pack<size>(from);
#pragma unroll
            for (int j = 0; j < size; ++j) sum[j] += values.at[j];
        }
    for (int j = 0; j < size; ++j) sums[j][thread] = sum[j];
    __syncthreads();
    if (thread >= lanes || k >= dy.channels) return;
    for (int j = 0; j < size; ++j) {
        for (int i = thread + lanes; i < block_threads; i += lanes) sum[j] += sums[j][i];
        partials[blockIdx.y * static_cast<std::int64_t>(dy.channels) + k + j] = sum[j];
    }
}

template <class T>
Result combine(const abi::Call* call, const T* partials, std::int64_t chunks, std::int64_t elements,
               const abi::Array& out) {
    return launch(call->operation, combine_kernel<T>, {ceil_div(elements, 32), block_threads}, stream_of(call),
                  partials, static_cast<int>(chunks), elements, data<T>(out), adds(out));
}

template <class T, int size>
Result bias_gradient(const abi::Call* call, const Image<const T>& dy, std::int64_t pixels, const abi::Array& out) {
    int lanes = 1;
    while (lanes * size < dy.channels && lanes < block_threads) lanes *= 2;
    const std::int64_t chunks =
        std::clamp<std::int64_t>(ceil_div(pixels * lanes, 8 * block_threads), 1, 4 * typical_multiprocessors);
    const DeviceScratch partials(call, chunks * dy.channels * static_cast<std::int64_t>(sizeof(T)));
    if (!partials.result().ok()) return partials.result();
    const bool dense = dy.row == dy.pixel * dy.width && dy.image == dy.row * dy.height;
    const Result r =
        launch(call->operation, bias_kernel<T, size>, {{ceil_div(dy.channels, lanes * size), chunks}, block_threads},
               stream_of(call), dy, partials.as<T>(), lanes, static_cast<int>(ceil_div(pixels, chunks)), dense);
    return r.ok() ? combine(call, partials.as<const T>(), chunks, dy.channels, out) : r;
}

// Chunks follow from the shape alone, and so do the bits: enough for the multiprocessors of a large device. `kernel`
// takes x, dy, partials, padding, tiles, tiles of a chunk, `more`.
template <class Tile, class T, class Kernel, class... More>
Result run_tiles(const abi::Call* call, Kernel kernel, const Image<const T>& x, const Image<const T>& dy,
                 const ConvWindow& g, const abi::Array& out, More... more) {
    const std::int64_t elements = static_cast<std::int64_t>(dy.channels) * x.channels * g.taps();
    const std::int64_t tiles = dy.images * ceil_div(dy.height, Tile::rows) * ceil_div(dy.width, Tile::columns);
    const std::int64_t pairs = ceil_div(dy.channels, Tile::outputs) * ceil_div(x.channels, Tile::channels);
    const std::int64_t chunks =
        std::max<std::int64_t>(1, std::min(typical_multiprocessors * Tile::blocks / pairs, ceil_div(tiles, 4)));
    const DeviceScratch partials(call, chunks * elements * static_cast<std::int64_t>(sizeof(T)));
    if (!partials.result().ok()) return partials.result();
    const Result r = launch(call->operation, kernel, {{pairs, chunks}, Tile::block_threads, Tile::shared_bytes},
                            stream_of(call), x, dy, partials.as<T>(), g.padding_h, g.padding_w, static_cast<int>(tiles),
                            static_cast<int>(ceil_div(tiles, chunks)), more...);
    return r.ok() ? combine(call, partials.as<const T>(), chunks, elements, out) : r;
}

template <class T, int window>
Result run_tiled(const abi::Call* call, const Image<const T>& x, const Image<const T>& dy, const ConvWindow& g,
                 const abi::Array& out, Precision precision) {
    if constexpr (std::is_same_v<T, float>)
        if (precision == Precision::bf16 && fits_mma(x, dy)) {
            const auto run = [&]<class Tile>(Tile) {
                return run_tiles<Tile>(call, mma_weight_kernel<Tile>, x, dy, g, out);
            };
            if (dy.channels > 32) return run(MmaWeightTile<window, 64, 32>{});
            if (x.channels <= 16)
                return dy.channels <= 16 ? run(MmaWeightTile<window, 16, 16>{}) : run(MmaWeightTile<window, 32, 16>{});
            return dy.channels <= 16 ? run(MmaWeightTile<window, 16, 32>{}) : run(MmaWeightTile<window, 32, 32>{});
        }
    const auto run = [&]<class Tile>(Tile) {
        return run_tiles<Tile>(call, tile_weight_kernel<T, Tile>, x, dy, g, out, in_packs(x), in_packs(dy));
    };
    if (x.channels <= 16)
        return dy.channels <= 16 ? run(WeightTile<T, window, 16, 16>{}) : run(WeightTile<T, window, 32, 16>{});
    if (dy.channels <= 16) return run(WeightTile<T, window, 16, 32>{});
    return dy.channels <= 32 ? run(WeightTile<T, window, 32, 32>{}) : run(WeightTile<T, window, 64, 32>{});
}

// Whether more than 3 tenths of the tiles' pixels would be beyond the map, or its tiles too few.
template <class T>
bool small_map(const abi::ConvArgs& args, const Image<const T>& x, const Image<const T>& dy) {
    if (args.precision == Precision::bf16 && fits_mma(x, dy)) return false;
    if (x.channels * dy.channels < 64 * 64) return false;
    const std::int64_t tiles = ceil_div(dy.height, 8) * ceil_div(dy.width, 16);
    return dy.height * dy.width < tiles * (8 * 16) * 7 / 10;
}

template <class T>
Result weight(const abi::Call* call, const abi::ConvArgs& args) {
    const auto x = x_of<const T>(args);
    const auto dy = y_of<const T>(args);
    const std::int64_t pixels = static_cast<std::int64_t>(dy.images) * dy.height * dy.width;
    if (args.bias.data && dy.channels > 0) {
        const Result r = in_packs(dy) ? bias_gradient<T, pack_lanes<T>>(call, dy, pixels, args.bias)
                                      : bias_gradient<T, 1>(call, dy, pixels, args.bias);
        if (!r.ok()) return r;
    }
    const ConvWindow g = window_of(args.shape);
    const std::int64_t elements = static_cast<std::int64_t>(dy.channels) * (x.channels / g.groups) * g.taps();
    if (!args.w.data || elements == 0) return {};
    const int size = g.groups == 1 && small(x) && small(dy) ? tiled_size(g) : 0;
    if (gathers_weight(g, x, dy) && (size == 0 || small_map(args, x, dy)))
        return run_gather_weight(call, g, x, dy, args.w);
    if (size == 3) return run_tiled<T, 3>(call, x, dy, g, args.w, args.precision);
    if (size == 1) return run_tiled<T, 1>(call, x, dy, g, args.w, args.precision);
    const std::int64_t chunks = std::clamp<std::int64_t>(ceil_div(pixels, 1024), 1, 64);
    const DeviceScratch partials(call, chunks * elements * static_cast<std::int64_t>(sizeof(T)));
    if (!partials.result().ok()) return partials.result();
    const Result r = launch(call->operation, general_weight_kernel<T>, {{elements, chunks}, block_threads},
                            stream_of(call), x, dy, partials.as<T>(), g, ceil_div(pixels, chunks));
    return r.ok() ? combine(call, partials.as<const T>(), chunks, elements, args.w) : r;
}

abi::Outcome conv_weight(const abi::Call* call, const abi::ConvArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return weight<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<conv_weight, accepts_convolution>("conv_weight", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
