// Convolution, forward and its gradient with respect to x. With stride 1 the gradient is the same convolution of dy
// with the taps in opposite order and the roles of the channels exchanged, so the tiled kernels serve both; other
// windows are gathered, and groups other than one for each channel take one thread per element. The gradient of the
// weight: conv_weight.cu.
#include <algorithm>
#include <type_traits>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/conv_gather.cuh"
#include "cuda/kernels/conv_mma.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// A tile of the depthwise kernel.
constexpr int tile_rows = 8, tile_columns = 16;

// One filter per channel. grid: x tiles of pixels, y groups of 8 channels, z images; block 8 channels x 16 columns,
// each thread a column of 8 pixels.
template <class T, int size>
__global__ void __launch_bounds__(tile_channels* tile_columns)
    depthwise_kernel(Image<const T> x,  // [N, C, H, W]
                     const T* w,        // [C, taps]
                     bool flipped,
                     Image<T> y,  // [N, C, H, W]
                     int padding_h, int padding_w, Ending<T> ending) {
    constexpr int taps = size * size;
    FATHOM_SHARED(T, tile, tile_rows + size - 1, tile_columns + size - 1, tile_channels);  // [rows, columns, 8]
    const int tiles_per_row = (y.width + tile_columns - 1) / tile_columns;
    const int h0 = static_cast<int>(blockIdx.x) / tiles_per_row * tile_rows,
              w0 = static_cast<int>(blockIdx.x) % tiles_per_row * tile_columns;
    const int c0 = static_cast<int>(blockIdx.y) * tile_channels, n = static_cast<int>(blockIdx.z);
    const int tc = static_cast<int>(threadIdx.x), tx = static_cast<int>(threadIdx.y);
    load_tile(x, n, c0, h0 - padding_h, w0 - padding_w, tx * tile_channels + tc, tile_channels * tile_columns, tile);
    __syncthreads();
    const int c = c0 + tc;
    if (c >= y.channels || w0 + tx >= y.width) return;
    T weights[taps];
    for (int t = 0; t < taps; ++t) weights[t] = w[c * taps + (flipped ? taps - 1 - t : t)];
    for (int h = 0; h < tile_rows && h0 + h < y.height; ++h) {
        T sum{0};
        for (int t = 0; t < taps; ++t) sum += tile[h + t / size][tx + t % size][tc] * weights[t];
        ending.store(y.at(n, c, h0 + h, w0 + tx), sum, c);
    }
}

template <class T>
__global__ void general_forward_kernel(Image<const T> x,  // [N, C, H, W]
                                       const T* w,        // [K, C / groups, taps]
                                       Image<T> y,        // [N, K, OH, OW]
                                       ConvWindow g, Ending<T> ending) {
    const int in = x.channels / g.groups, out = y.channels / g.groups;
    for (std::int64_t i = first_element(); i < y.numel(); i += all_threads()) {
        int n, k, oh, ow;
        y.place(i, n, k, oh, ow);
        T sum{0};
        for (int c = 0; c < in; ++c)
            for (int t = 0; t < g.taps(); ++t) {
                const int h = oh * g.stride_h - g.padding_h + t / g.kernel_w * g.dilation_h;
                const int ix = ow * g.stride_w - g.padding_w + t % g.kernel_w * g.dilation_w;
                if (x.inside(h, ix))
                    sum += x.at(n, k / out * in + c, h, ix) * w[(static_cast<std::int64_t>(k) * in + c) * g.taps() + t];
            }
        ending.store(y.at(n, k, oh, ow), sum, k);
    }
}

// dx[h, w] gathers dy at those outputs that read x[h, w].
template <class T>
__global__ void general_data_kernel(Image<T> dx,        // [N, C, H, W]
                                    const T* w,         // [K, C / groups, taps]
                                    Image<const T> dy,  // [N, K, OH, OW]
                                    ConvWindow g, bool add) {
    const int in = dx.channels / g.groups, out = dy.channels / g.groups;
    for (std::int64_t i = first_element(); i < dx.numel(); i += all_threads()) {
        int n, c, h, ix;
        dx.place(i, n, c, h, ix);
        T sum{0};
        for (int t = 0; t < g.taps(); ++t) {
            const int y = h + g.padding_h - t / g.kernel_w * g.dilation_h;
            const int x = ix + g.padding_w - t % g.kernel_w * g.dilation_w;
            if (y < 0 || x < 0 || y % g.stride_h != 0 || x % g.stride_w != 0) continue;
            if (!dy.inside(y / g.stride_h, x / g.stride_w)) continue;
            for (int k = c / in * out; k < (c / in + 1) * out; ++k)
                sum += dy.at(n, k, y / g.stride_h, x / g.stride_w) *
                       w[(static_cast<std::int64_t>(k) * in + c % in) * g.taps() + t];
        }
        T& to = dx.at(n, c, h, ix);
        to = add ? to + sum : sum;
    }
}

// Both directions: `flipped` for the gradient.
template <class T, int size>
Result run_tiled(const abi::Call* call, const Image<const T>& x,
                 const T* w,  // [K, C / groups, taps]
                 const Image<T>& y, bool depthwise, bool flipped, int padding_h, int padding_w, const Ending<T>& ending,
                 Precision precision) {
    constexpr int taps = size * size;
    if (depthwise) {
        const LaunchShape shape{{ceil_div(y.height, tile_rows) * ceil_div(y.width, tile_columns),
                                 ceil_div(y.channels, tile_channels), y.images},
                                {tile_channels, tile_columns}};
        return launch(call->operation, depthwise_kernel<T, size>, shape, stream_of(call), x, w, flipped, y, padding_h,
                      padding_w, ending);
    }
    const TileWeight<T> weight{w, flipped ? taps : x.channels * taps, flipped ? y.channels * taps : taps, flipped};
    if constexpr (std::is_same_v<T, float>)
        if (fits_mma(x, y)) {
            if (precision == Precision::bf16)
                return run_mma<Bf16Products, size>(call, x, weight, y, padding_h, padding_w, ending);
            if (precision == Precision::tf32)
                return run_mma<Tf32Products, size>(call, x, weight, y, padding_h, padding_w, ending);
        }
    return run_tiles<T, size>(call, x, weight, y, padding_h, padding_w, ending);
}

// The size of the tiled kernel for these channels, 0 for none.
template <class X, class Y>
int tiled(const ConvWindow& g, const Image<X>& x, const Image<Y>& y) {
    const bool depthwise = g.groups > 1 && g.groups == x.channels && x.channels == y.channels;
    return (g.groups == 1 || depthwise) && small(x) && small(y) ? tiled_size(g) : 0;
}

// Whether the tiles would leave more than 4 tenths of the device idle: too few of them, or partly empty ones. Rounded
// factors are multiplied by tiles alone.
template <class X, class Y>
bool small_map(const abi::ConvArgs& args, const ConvWindow& g, const Image<X>& x, const Image<Y>& y) {
    if (rounds(args.precision) && fits_mma(x, y)) return false;
    if (g.groups > 1 || y.channels <= 32 || x.channels * g.taps() < 128) return false;
    const std::int64_t blocks = ceil_div(y.height, 8) * ceil_div(y.width, 32) * ceil_div(y.channels, 64) * y.images;
    const std::int64_t time = ceil_div(blocks, typical_multiprocessors) * typical_multiprocessors * 8 * 32 * 64;
    return y.numel() < time * 6 / 10;
}

template <class T>
Result forward(const abi::Call* call, const abi::ConvArgs& args) {
    const auto x = x_of<const T>(args);
    const auto y = y_of<T>(args);
    if (y.numel() == 0) return {};
    const ConvWindow g = window_of(args.shape);
    const Ending<T> ending{data<const T>(args.bias), adds(args.y), args.activation, static_cast<T>(args.slope)};
    const T* w = data<const T>(args.w);
    const int size = tiled(g, x, y);
    if (gathers(g, x, y) && (size == 0 || small_map(args, g, x, y))) return run_gather(call, g, x, w, y, false, ending);
    if (size == 3)
        return run_tiled<T, 3>(call, x, w, y, g.groups > 1, false, g.padding_h, g.padding_w, ending, args.precision);
    if (size == 1)
        return run_tiled<T, 1>(call, x, w, y, g.groups > 1, false, g.padding_h, g.padding_w, ending, args.precision);
    return launch(call->operation, general_forward_kernel<T>, linear(y.numel()), stream_of(call), x, w, y, g, ending);
}

template <class T>
Result gradient(const abi::Call* call, const abi::ConvArgs& args) {
    const auto dx = x_of<T>(args);
    const auto dy = y_of<const T>(args);
    if (dx.numel() == 0) return {};
    const ConvWindow g = window_of(args.shape);
    const T* w = data<const T>(args.w);
    const int size = tiled(g, dx, dy), ph = size - 1 - g.padding_h, pw = size - 1 - g.padding_w;
    const Ending<T> ending{nullptr, adds(args.x), Activation::none, T{0}};
    if (gathers(g, dy, dx) && (size == 0 || small_map(args, g, dy, dx)))
        return run_gather(call, g, dy, w, dx, true, ending);
    if (size == 3) return run_tiled<T, 3>(call, dy, w, dx, g.groups > 1, true, ph, pw, ending, args.precision);
    if (size == 1) return run_tiled<T, 1>(call, dy, w, dx, g.groups > 1, true, ph, pw, ending, args.precision);
    return launch(call->operation, general_data_kernel<T>, linear(dx.numel()), stream_of(call), dx, w, dy, g,
                  adds(args.x));
}

abi::Outcome conv_forward(const abi::Call* call, const abi::ConvArgs* args) {
    return with_floating(call, args->y, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome conv_data(const abi::Call* call, const abi::ConvArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return gradient<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<conv_forward, accepts_convolution>("conv_forward", abi::floating),
                             row<conv_data, accepts_convolution>("conv_data", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
