// What the convolution kernels share: the window, what becomes of a sum, what they refuse, and a tile of channels-last
// input in shared memory.
#pragma once

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"
#include "cuda/kernels/pack.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// What a ConvShape says of the window that moves over the images, in the 32 bits that threads count with. The sizes
// stand with the images: x [N, C, H, W] and y [N, K, OH, OW] channels-last, w [K, C / groups, kh, kw] row-major.
struct ConvWindow {
    int kernel_h, kernel_w, stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w, groups;

    __host__ __device__ int taps() const { return kernel_h * kernel_w; }
};

inline ConvWindow window_of(const ConvShape& s) {
    const auto i = [](std::int64_t v) { return static_cast<int>(v); };
    return {i(s.kernel_h),  i(s.kernel_w),   i(s.stride_h),   i(s.stride_w), i(s.padding_h),
            i(s.padding_w), i(s.dilation_h), i(s.dilation_w), i(s.groups)};
}

// The images of a convolution, as its shape says that they lie.
template <class T>
Image<T> image_of(const abi::Array& a, std::int64_t images, std::int64_t channels, std::int64_t height,
                  std::int64_t width, std::int64_t pixel) {
    const auto i = [](std::int64_t v) { return static_cast<int>(v); };
    return {data<T>(a), pixel * width * height, 1, pixel * width, pixel, i(images), i(channels), i(height), i(width)};
}
template <class T>
Image<T> x_of(const abi::ConvArgs& a) {
    const ConvShape& s = a.shape;
    return image_of<T>(a.x, s.n, s.in_channels, s.height, s.width, s.x_step());
}
template <class T>
Image<T> y_of(const abi::ConvArgs& a) {
    const ConvShape& s = a.shape;
    return image_of<T>(a.y, s.n, s.out_channels, s.out_height(), s.out_width(), s.y_step());
}

// What becomes of a sum, alone and added to what is there:
//   y = activation(sum + bias)
//   y = activation(y + sum + bias)
// and for a gradient, where `gate` is the output of the activation before:
//   y = (y +) sum, times the slope where gate < 0
template <class T>
struct Ending {
    const T* bias;  // [K] or null
    bool add;
    Activation activation;
    T slope;

    __device__ T value(T sum, T before, int k) const {
        if (bias) sum += bias[k];
        if (add) sum += before;
        if (activation != Activation::none && sum < T{0}) sum = activation == Activation::relu ? T{0} : sum * slope;
        return sum;
    }
    __device__ void store(T& y, T sum, int k) const { y = value(sum, add ? y : T{0}, k); }
    // Of neighbouring outputs from k on those that there are, at once where `packs`.
    template <int lanes>
    __device__ void store(T* y, Pack<T, lanes> sum, int k, int outputs, bool packs) const {
        if (packs && k + lanes <= outputs) {
            const Pack<T, lanes> before = add ? load_pack<lanes>(y) : Pack<T, lanes>{};
#pragma unroll
            for (int l = 0; l < lanes; ++l) sum.at[l] = value(sum.at[l], before.at[l], k + l);
            store_pack<lanes>(y, sum);
        } else {
#pragma unroll
            for (int l = 0; l < lanes; ++l)
                if (k + l < outputs) store(y[l], sum.at[l], k + l);
        }
    }
};

inline bool rounds(Precision precision) { return precision == Precision::tf32 || precision == Precision::bf16; }

// Why these kernels cannot do what is asked for; null where they can.
inline const char* accepts_convolution(const abi::ConvArgs* a) {
    if (a->residual.data) return "its convolutions take no residual";
    if (a->gate.data) return "its convolutions take no gate";
    if (a->statistics.data) return "its convolutions give no statistics";
    if (a->prepared) return "its convolutions take no prepared weights";
    if (rounds(a->precision) && static_cast<DType>(a->x.dtype) != DType::float32)
        return "precision tf32 and bf16 are for float";
    const ConvShape& s = a->shape;
    if (s.n * s.height * s.width > 0x7fffffff || s.n * s.out_height() * s.out_width() > 0x7fffffff)
        return "its convolutions take fewer than 2^31 pixels";
    return nullptr;
}

// The side of the square kernel that the tiled kernels take (1 or 3), or 0: the general ones serve. They want stride
// and dilation 1 and, unless `depthwise`, one group.
inline int tiled_size(const ConvWindow& g) {
    if (g.kernel_h != g.kernel_w || (g.kernel_h != 1 && g.kernel_h != 3)) return 0;
    return g.stride_h == 1 && g.stride_w == 1 && g.dilation_h == 1 && g.dilation_w == 1 ? g.kernel_h : 0;
}

// to = the elements from `from` on, which is a multiple of 16 bytes where there are a pack's or more.
template <int count, class T>
__device__ void load_packs(T (&to)[count], const T* from) {
    constexpr int lanes = pack_lanes<T>;
    if constexpr (count % lanes == 0) {
#pragma unroll
        for (int i = 0; i < count; i += lanes) {
            const auto pack = load_pack<lanes>(from + i);
#pragma unroll
            for (int l = 0; l < lanes; ++l) to[i + l] = pack.at[l];
        }
    } else {
        for (int i = 0; i < count; ++i) to[i] = from[i];
    }
}

// Whether every pixel's channels begin at a multiple of 16 bytes and are whole fours.
template <class T>
bool in_packs(const Image<T>& x) {
    constexpr int lanes = pack_lanes<T>;
    return x.channels % 4 == 0 && x.channel == 1 && x.pixel % lanes == 0 && x.row % lanes == 0 &&
           x.image % lanes == 0 && pack_aligned<lanes>(x.data);
}

// Whether the tensor cores are of use: fewer channels are computed in float, which loses nothing.
template <class X, class Y>
bool fits_mma(const Image<X>& x, const Image<Y>& y) {
    return x.channels >= 16 && y.channels >= 16 && in_packs(x) && in_packs(y);
}

// Whether offsets within one image fit in an int.
template <class T>
bool small(const Image<T>& x) {
    return x.row * (x.height + 8) <= 0x7fffffff;
}

inline constexpr int tile_channels = 8;

// Channels [c0, c0 + 8) of rows [h0, h0 + rows) and columns [w0, w0 + columns) of image n, zeros outside: all threads
// of the block (`threads` of them, this one is `thread`) together, neighbouring threads neighbouring channels.
template <int rows, int columns, class T>
__device__ void load_tile(const Image<const T>& x,  // [N, C, H, W]
                          int n, int c0, int h0, int w0, int thread, int threads,
                          T (&tile)[rows][columns][tile_channels]) {
    for (int i = thread; i < rows * columns * tile_channels; i += threads) {
        const int c = i % tile_channels, w = i / tile_channels % columns, h = i / tile_channels / columns;
        const bool there = x.inside(h0 + h, w0 + w) && c0 + c < x.channels;
        tile[h][w][c] = there ? x.at(n, c0 + c, h0 + h, w0 + w) : T{0};
    }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
