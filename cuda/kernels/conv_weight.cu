// Gradients of convolution with respect to weight and bias: sums over all pixels, in chunks that a second kernel
// combines in their order, so that the bits depend on the shape alone.
#include <algorithm>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/conv.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

constexpr int side = 8;  // a tile is 8 x 8 pixels, 8 outputs, 8 channels

// grid: x pairs of (8 outputs, 8 channels), y chunks of `tiles_per_chunk` tiles; block: 64 threads, one for each output
// and channel of the pair.
template <class T, int size>
__global__ void __launch_bounds__(side* side)
    tile_weight_kernel(Image<const T> x,   // [N, C, H, W]
                       Image<const T> dy,  // [N, K, OH, OW]
                       T* partials,        // [chunks][K, C, taps]
                       int padding_h, int padding_w, std::int64_t tiles, std::int64_t tiles_per_chunk) {
    constexpr int taps = size * size;
    FATHOM_SHARED(T, inputs, side + size - 1, side + size - 1, tile_channels);  // [rows, columns, 8]
    FATHOM_SHARED(T, gradients, side, side, tile_channels);                     // [8, 8, 8]
    const int channel_groups = (x.channels + side - 1) / side;
    const int k0 = static_cast<int>(blockIdx.x) / channel_groups * side,
              c0 = static_cast<int>(blockIdx.x) % channel_groups * side;
    const int thread = static_cast<int>(threadIdx.x), k = thread % side, c = thread / side;
    const int tiles_w = (dy.width + side - 1) / side, tiles_h = (dy.height + side - 1) / side;

    T sum[taps] = {};
    const std::int64_t first = blockIdx.y * tiles_per_chunk;
    const std::int64_t last = first + tiles_per_chunk < tiles ? first + tiles_per_chunk : tiles;
    for (std::int64_t i = first; i < last; ++i) {
        const int w0 = static_cast<int>(i % tiles_w) * side, h0 = static_cast<int>(i / tiles_w % tiles_h) * side;
        const int n = static_cast<int>(i / tiles_w / tiles_h);
        load_tile(x, n, c0, h0 - padding_h, w0 - padding_w, thread, side * side, inputs);
        load_tile(dy, n, k0, h0, w0, thread, side * side, gradients);
        __syncthreads();
        for (int p = 0; p < side * side; ++p) {
            const T gradient = gradients[p / side][p % side][k];
            for (int t = 0; t < taps; ++t) sum[t] += gradient * inputs[p / side + t / size][p % side + t % size][c];
        }
        __syncthreads();
    }
    if (k0 + k >= dy.channels || c0 + c >= x.channels) return;
    T* out = partials + ((static_cast<std::int64_t>(blockIdx.y) * dy.channels + k0 + k) * x.channels + c0 + c) * taps;
    for (int t = 0; t < taps; ++t) out[t] = sum[t];
}

// Any window. grid: x elements of the weight, y chunks of `pixels_per_chunk` output pixels.
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

// out (+)= the sum of partials over the chunks.
template <class T>
__global__ void combine_kernel(const T* partials,  // [chunks][elements]
                               std::int64_t chunks, std::int64_t elements,
                               T* out,  // [elements]
                               bool add) {
    for (std::int64_t i = first_element(); i < elements; i += all_threads()) {
        T sum{0};
        for (std::int64_t c = 0; c < chunks; ++c) sum += partials[c * elements + i];
        out[i] = add ? out[i] + sum : sum;
    }
}

// A block per output.
template <class T>
__global__ void __launch_bounds__(block_threads) bias_kernel(Image<const T> dy,  // [N, K, OH, OW]
                                                             T* bias,            // [K]
                                                             bool add) {
    FATHOM_SHARED(T, shared, 32);
    const int k = static_cast<int>(blockIdx.x);
    const std::int64_t pixels = static_cast<std::int64_t>(dy.images) * dy.height * dy.width;
    T sum{0};
    for (std::int64_t i = threadIdx.x; i < pixels; i += blockDim.x)
        sum += dy.at(static_cast<int>(i / dy.width / dy.height), k, static_cast<int>(i / dy.width % dy.height),
                     static_cast<int>(i % dy.width));
    sum = block_sum(sum, shared);
    if (threadIdx.x == 0) bias[k] = add ? bias[k] + sum : sum;
}

template <class T, int size>
Result run_tiled(const abi::Call* call, const Image<const T>& x, const Image<const T>& dy,
                 T* partials,  // [chunks][K, C, taps]
                 int padding_h, int padding_w, std::int64_t tiles, std::int64_t chunks) {
    const std::int64_t pairs = ceil_div(dy.channels, side) * ceil_div(x.channels, side);
    return launch(call->operation, tile_weight_kernel<T, size>, {{pairs, chunks}, side * side}, stream_of(call), x, dy,
                  partials, padding_h, padding_w, tiles, ceil_div(tiles, chunks));
}

template <class T>
Result weight(const abi::Call* call, const abi::ConvArgs& args) {
    const auto x = x_of<const T>(args);
    const auto dy = y_of<const T>(args);
    if (args.bias.data && dy.channels > 0)
        if (const Result r = launch(call->operation, bias_kernel<T>, {dy.channels, block_threads}, stream_of(call), dy,
                                    data<T>(args.bias), adds(args.bias));
            !r.ok())
            return r;
    const ConvWindow g = window_of(args.shape);
    const std::int64_t elements = static_cast<std::int64_t>(dy.channels) * (x.channels / g.groups) * g.taps();
    if (!args.w.data || elements == 0) return {};
    const int size = g.groups == 1 ? tiled_size(g) : 0;
    const std::int64_t pixels = static_cast<std::int64_t>(dy.images) * dy.height * dy.width;
    const std::int64_t tiles = dy.images * ceil_div(dy.height, side) * ceil_div(dy.width, side);
    // Enough blocks for a large device, but no more partial sums than need be: at most 64 chunks, of at least 16 tiles.
    const std::int64_t chunks = std::clamp<std::int64_t>(ceil_div(pixels, 16 * side * side), 1, 64);
    const DeviceScratch partials(call, chunks * elements * static_cast<std::int64_t>(sizeof(T)));
    if (!partials.result().ok()) return partials.result();
    Result result;
    if (size == 3)
        result = run_tiled<T, 3>(call, x, dy, partials.as<T>(), g.padding_h, g.padding_w, tiles, chunks);
    else if (size == 1)
        result = run_tiled<T, 1>(call, x, dy, partials.as<T>(), g.padding_h, g.padding_w, tiles, chunks);
    else
        result = launch(call->operation, general_weight_kernel<T>, {{elements, chunks}, block_threads}, stream_of(call),
                        x, dy, partials.as<T>(), g, ceil_div(pixels, chunks));
    if (!result.ok()) return result;
    return launch(call->operation, combine_kernel<T>, linear(elements), stream_of(call), partials.as<T>(), chunks,
                  elements, data<T>(args.w), adds(args.w));
}

abi::Outcome conv_weight(const abi::Call* call, const abi::ConvArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return weight<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<conv_weight, accepts_convolution>("conv_weight", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
