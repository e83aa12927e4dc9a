// Batch normalisation with the activation behind it, and its gradient (docs/batch_norm.md derives it). A thread has a
// few neighbouring channels and walks over pixels; a block's threads stand side by side along the channels first. Bound
// by memory: training reads x twice and writes y, the gradient reads x and dy twice and writes dx.
//
// Sums over pixels are in double, of x less the channel's first value, so that squares do not cancel; a block gives one
// partial sum, and a second kernel adds those up in their order, so the bits depend on the shape alone.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/pack.cuh"
#include "cuda/kernels/partials.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// Blocks of a sum: four for each of 132 multiprocessors. Pixels that a thread of it takes at least, and at most where
// nothing is summed.
constexpr std::int64_t sum_blocks = 528, sum_pixels = 4, map_pixels = 8;

// Pixels `step` elements apart, their channels side by side.
template <class T>
struct Pixels {
    T* data;  // [pixels, channels]
    std::int64_t step;

    template <int width>
    __device__ auto& pack(std::int64_t pixel, int channel) const {
        using Packed =
            std::conditional_t<std::is_const_v<T>, const Pack<std::remove_const_t<T>, width>, Pack<T, width>>;
        return *reinterpret_cast<Packed*>(data + pixel * step + channel);
    }
};

// Where a thread works: block (chunk of pixels, group of `columns` packs of channels).
struct Walk {
    std::int64_t pixels, chunk;
    int channels, columns;  // columns: a power of two, up to 32

    template <int width>
    __device__ int channel() const {
        return static_cast<int>((blockIdx.y * columns + threadIdx.x % columns) * width);
    }
    __device__ int rows() const { return block_threads / columns; }  // pixels that a block takes at a time
    __device__ std::int64_t first() const { return blockIdx.x * chunk + threadIdx.x / columns; }
    __device__ std::int64_t last() const {
        const std::int64_t end = (blockIdx.x + std::int64_t{1}) * chunk;
        return end < pixels ? end : pixels;
    }
    LaunchShape shape(std::int64_t packs) const {
        return {{ceil_div(pixels, chunk), ceil_div(packs, columns)}, block_threads};
    }
};

// What normalises `width` channels, of arrays per channel: z = (x - mean) scale + bias, scale = inverse_std weight.
template <class T>
struct Norm {
    const T *mean, *inverse_std, *weight, *bias;  // [channels]; weight and bias may be null
    Activation activation;
    T slope;
};
template <class T, int width>
struct NormOfChannels {
    T mean[width], scale[width], bias[width];
    Activation activation;
    T slope;

    __device__ NormOfChannels(const Norm<T>& norm, int c) : activation(norm.activation), slope(norm.slope) {
        for (int k = 0; k < width; ++k) {
            mean[k] = norm.mean[c + k];
            scale[k] = norm.weight ? norm.inverse_std[c + k] * norm.weight[c + k] : norm.inverse_std[c + k];
            bias[k] = norm.bias ? norm.bias[c + k] : T{0};
        }
    }
    __device__ T before(T centred, int k) const { return std::fma(centred, scale[k], bias[k]); }
    __device__ T activated(T z) const {
        if (activation == Activation::none || !(z < T{0})) return z;
        return activation == Activation::relu ? T{0} : z * slope;
    }
    // The gradient before the activation, whose side z tells.
    __device__ T gradient(T dy, T centred, int k) const {
        if (activation == Activation::none) return dy;
        const T z = before(centred, k);
        if (activation == Activation::relu) return z <= T{0} ? T{0} : dy;
        return z > T{0} ? dy : dy * slope;
    }
};

// The terms of sums over pixels, of `width` channels: x - shift and its square ...
template <class T, int channels_at_once>
struct Deviations {
    static constexpr int width = channels_at_once;
    Pixels<const T> x;

    struct OfChannels {
        Pixels<const T> x;
        int c;
        Pack<T, width> shift;
        __device__ void add(std::int64_t pixel, double (&sum)[2][width]) const {
            const Pack<T, width> value = x.template pack<width>(pixel, c);
            for (int k = 0; k < width; ++k) {
                const double d = static_cast<double>(value.at[k]) - static_cast<double>(shift.at[k]);
                sum[0][k] += d, sum[1][k] = std::fma(d, d, sum[1][k]);
            }
        }
    };
    __device__ OfChannels of(int c) const { return {x, c, x.template pack<width>(0, c)}; }
};
// ... and dz and dz (x - mean).
template <class T, int channels_at_once>
struct Gradients {
    static constexpr int width = channels_at_once;
    Pixels<const T> x, dy;
    Norm<T> norm;

    struct OfChannels {
        Pixels<const T> x, dy;
        int c;
        NormOfChannels<T, width> norm;
        __device__ void add(std::int64_t pixel, double (&sum)[2][width]) const {
            const Pack<T, width> value = x.template pack<width>(pixel, c), d = dy.template pack<width>(pixel, c);
            for (int k = 0; k < width; ++k) {
                const T centred = value.at[k] - norm.mean[k];
                const double dz = static_cast<double>(norm.gradient(d.at[k], centred, k));
                sum[0][k] += dz, sum[1][k] = std::fma(dz, static_cast<double>(centred), sum[1][k]);
            }
        }
    };
    __device__ OfChannels of(int c) const { return {x, dy, c, {norm, c}}; }
};

template <class Terms>
__global__ void __launch_bounds__(block_threads) sums_kernel(Terms terms, Walk walk,
                                                             double* partials) {  // [chunks, 2, channels]
    constexpr int width = Terms::width;
    FATHOM_SHARED(double, shared, 2 * width, block_threads);
    const int thread = static_cast<int>(threadIdx.x), c = walk.channel<width>();
    double sum[2][width] = {};
    if (c < walk.channels) {
        const auto of_channels = terms.of(c);
#pragma unroll 4
        for (std::int64_t i = walk.first(), last = walk.last(); i < last; i += walk.rows()) of_channels.add(i, sum);
    }
    for (int s = 0; s < 2; ++s)
        for (int k = 0; k < width; ++k) shared[s * width + k][thread] = sum[s][k];
    for (int half = block_threads / 2; half >= walk.columns; half /= 2) {
        __syncthreads();
        if (thread < half)
            for (int k = 0; k < 2 * width; ++k) shared[k][thread] += shared[k][thread + half];
    }
    if (thread >= walk.columns || c >= walk.channels) return;
    for (int s = 0; s < 2; ++s)
        for (int k = 0; k < width; ++k)
            partials[(blockIdx.x * std::int64_t{2} + s) * walk.channels + c + k] = shared[s * width + k][thread];
}

template <class T>
__global__ void __launch_bounds__(block_threads) statistics_kernel(const double* partials,  // [chunks, 2, channels]
                                                                   int chunks, int channels,
                                                                   const T* shift,  // [channels]
                                                                   double pixels, double eps, double momentum,
                                                                   T* mean,           // [channels]
                                                                   T* inverse_std,    // [channels]
                                                                   T* running_mean,   // [channels] or null
                                                                   T* running_var) {  // [channels] or null
    FATHOM_SHARED(double, shared, 2, block_threads);
    double sum[2];
    int c;
    if (!combined(partials, chunks, channels, shared, sum, c)) return;
    const double offset = sum[0] / pixels, m = static_cast<double>(shift[c]) + offset;
    double squares = sum[1] - sum[0] * offset;
    if (squares < 0) squares = 0;
    mean[c] = static_cast<T>(m);
    inverse_std[c] = static_cast<T>(1 / std::sqrt(squares / pixels + eps));
    const auto move = [&](T& running, double value) {
        running = static_cast<T>((1 - momentum) * static_cast<double>(running) + momentum * value);
    };
    if (running_mean) move(running_mean[c], m);
    if (running_var) move(running_var[c], squares / (pixels - 1));
}

// Outside training: mean and inverse_std from the running ones.
template <class T>
__global__ void running_kernel(const T* running_mean,  // [channels]
                               const T* running_var,   // [channels]
                               int channels, double eps,
                               T* mean,           // [channels]
                               T* inverse_std) {  // [channels]
    const std::int64_t c = first_element();
    if (c >= channels) return;
    mean[c] = running_mean[c];
    inverse_std[c] = static_cast<T>(1 / std::sqrt(static_cast<double>(running_var[c]) + eps));
}

template <class T, int width>
__global__ void __launch_bounds__(block_threads) normalise_kernel(Pixels<const T> x,  // [pixels, channels]
                                                                  Norm<T> norm, Walk walk,
                                                                  Pixels<T> y) {  // [pixels, channels]
    const int c = walk.channel<width>();
    if (c >= walk.channels) return;
    const NormOfChannels<T, width> of_channels(norm, c);
#pragma unroll 4
    for (std::int64_t i = walk.first(), last = walk.last(); i < last; i += walk.rows()) {
        Pack<T, width> value = x.template pack<width>(i, c);
        for (int k = 0; k < width; ++k)
            value.at[k] = of_channels.activated(of_channels.before(value.at[k] - of_channels.mean[k], k));
        y.template pack<width>(i, c) = value;
    }
}

// dweight and dbias, and what the gradient of x has beside dz scale in training:
//   (x - mean) linear[0] + linear[1]
template <class T>
__global__ void __launch_bounds__(block_threads) weights_kernel(const double* partials,  // [chunks, 2, channels]
                                                                int chunks, Norm<T> norm, int channels, double pixels,
                                                                T* dweight,  // [channels] or null
                                                                bool add_dweight,
                                                                T* dbias,  // [channels] or null
                                                                bool add_dbias,
                                                                T* linear) {  // [2, channels] or null
    FATHOM_SHARED(double, shared, 2, block_threads);
    double sum[2];
    int c;
    if (!combined(partials, chunks, channels, shared, sum, c)) return;
    const double r = static_cast<double>(norm.inverse_std[c]);
    const T dw = static_cast<T>(sum[1] * r), db = static_cast<T>(sum[0]);
    if (dweight) dweight[c] = add_dweight ? dweight[c] + dw : dw;
    if (dbias) dbias[c] = add_dbias ? dbias[c] + db : db;
    if (!linear) return;
    const double scale = norm.weight ? r * static_cast<double>(norm.weight[c]) : r;
    linear[c] = static_cast<T>(-scale * r * r * sum[1] / pixels);
    linear[channels + c] = static_cast<T>(-scale * sum[0] / pixels);
}

template <class T, int width>
__global__ void __launch_bounds__(block_threads) input_kernel(Pixels<const T> x,   // [pixels, channels]
                                                              Pixels<const T> dy,  // [pixels, channels]
                                                              Norm<T> norm, Walk walk,
                                                              const T* linear,  // [2, channels] or null
                                                              Pixels<T> dx,     // [pixels, channels]
                                                              bool add) {
    const int c = walk.channel<width>();
    if (c >= walk.channels) return;
    const NormOfChannels<T, width> of_channels(norm, c);
    T factor[width] = {}, offset[width] = {};
    for (int k = 0; linear && k < width; ++k) factor[k] = linear[c + k], offset[k] = linear[walk.channels + c + k];
#pragma unroll 4
    for (std::int64_t i = walk.first(), last = walk.last(); i < last; i += walk.rows()) {
        const Pack<T, width> value = x.template pack<width>(i, c), d = dy.template pack<width>(i, c);
        Pack<T, width> out;
        for (int k = 0; k < width; ++k) {
            const T centred = value.at[k] - of_channels.mean[k];
            out.at[k] = std::fma(of_channels.gradient(d.at[k], centred, k), of_channels.scale[k],
                                 std::fma(centred, factor[k], offset[k]));
        }
        if (add) {
            const Pack<T, width> before = dx.template pack<width>(i, c);
            for (int k = 0; k < width; ++k) out.at[k] += before.at[k];
        }
        dx.template pack<width>(i, c) = out;
    }
}

template <class T>
Pixels<T> pixels_of(const abi::Array& image) {
    return {data<T>(image), image.strides[3]};
}
template <class T>
Norm<T> norm_of(const abi::BatchNormArgs& args) {
    return {
        data<const T>(args.mean), data<const T>(args.inverse_std), data<const T>(args.weight), data<const T>(args.bias),
        args.activation,          static_cast<T>(args.slope)};
}

// Sizes of one call, and the walks that its kernels take.
struct Sizes {
    std::int64_t pixels, packs;
    int channels, columns;

    Sizes(const abi::Array& x, int width)
        : pixels(x.shape[0] * x.shape[2] * x.shape[3]),
          packs(x.shape[1] / width),
          channels(static_cast<int>(x.shape[1])),
          columns(1) {
        while (columns < packs && columns < 32) columns *= 2;
    }
    // At most `blocks` of them if a thread has `most` pixels or fewer, at least `least` for a thread.
    Walk walk(std::int64_t blocks, std::int64_t least, std::int64_t most) const {
        const std::int64_t rows = block_threads / columns, groups = ceil_div(packs, columns);
        const std::int64_t steps = ceil_div(ceil_div(pixels, rows) * groups, blocks);
        return {pixels, rows * std::clamp(steps, least, most), channels, columns};
    }
    std::int64_t chunks() const { return ceil_div(pixels, sum().chunk); }
    std::int64_t partials_bytes() const { return chunks() * 2 * channels * static_cast<std::int64_t>(sizeof(double)); }
    Walk sum() const { return walk(sum_blocks, sum_pixels, pixels + sum_pixels); }
    Walk map() const { return walk(2 * sum_blocks, 1, map_pixels); }
};

template <class Terms>
Result add_up(const abi::Call* call, const Sizes& sizes, const Terms& terms, double* partials) {
    if (sizes.pixels == 0) return {};
    return launch(call->operation, sums_kernel<Terms>, sizes.sum().shape(sizes.packs), stream_of(call), terms,
                  sizes.sum(), partials);
}

template <class T, int width>
Result forward(const abi::Call* call, const abi::BatchNormArgs& args) {
    const Sizes sizes(args.x, width);
    const auto x = pixels_of<const T>(args.x);
    const Stream stream = stream_of(call);
    if (sizes.channels == 0) return {};
    if (args.training) {
        const DeviceScratch partials(call, sizes.partials_bytes());
        if (!partials.result().ok()) return partials.result();
        if (const Result r = add_up(call, sizes, Deviations<T, width>{x}, partials.as<double>()); !r.ok()) return r;
        const Result r = launch(call->operation, statistics_kernel<T>, combine_shape(sizes.channels), stream,
                                partials.as<double>(), static_cast<int>(sizes.chunks()), sizes.channels, x.data,
                                static_cast<double>(sizes.pixels), args.eps, args.momentum, data<T>(args.mean),
                                data<T>(args.inverse_std), data<T>(args.running_mean), data<T>(args.running_var));
        if (!r.ok()) return r;
    } else {
        const Result r = launch(call->operation, running_kernel<T>, linear(sizes.channels), stream,
                                data<const T>(args.running_mean), data<const T>(args.running_var), sizes.channels,
                                args.eps, data<T>(args.mean), data<T>(args.inverse_std));
        if (!r.ok() || sizes.pixels == 0) return r;
    }
    return launch(call->operation, normalise_kernel<T, width>, sizes.map().shape(sizes.packs), stream, x,
                  norm_of<T>(args), sizes.map(), pixels_of<T>(args.y));
}

template <class T, int width>
Result backward(const abi::Call* call, const abi::BatchNormArgs& args) {
    const Sizes sizes(args.x, width);
    const auto x = pixels_of<const T>(args.x), dy = pixels_of<const T>(args.dy);
    const Norm<T> norm = norm_of<T>(args);
    const Stream stream = stream_of(call);
    if (sizes.channels == 0) return {};
    const bool training = args.training != 0 && args.dx.data, sums = args.dweight.data || args.dbias.data || training;
    const DeviceScratch partials(call, sums ? sizes.partials_bytes() : 0),
        linear(call, training ? 2 * sizes.channels * static_cast<std::int64_t>(sizeof(T)) : 0);
    for (const DeviceScratch* s : {&partials, &linear})
        if (!s->result().ok()) return s->result();
    if (sums) {
        if (const Result r = add_up(call, sizes, Gradients<T, width>{x, dy, norm}, partials.as<double>()); !r.ok())
            return r;
        const Result r =
            launch(call->operation, weights_kernel<T>, combine_shape(sizes.channels), stream, partials.as<double>(),
                   static_cast<int>(sizes.chunks()), norm, sizes.channels, static_cast<double>(sizes.pixels),
                   data<T>(args.dweight), adds(args.dweight), data<T>(args.dbias), adds(args.dbias), linear.as<T>());
        if (!r.ok()) return r;
    }
    if (!args.dx.data || sizes.pixels == 0) return {};
    return launch(call->operation, input_kernel<T, width>, sizes.map().shape(sizes.packs), stream, x, dy, norm,
                  sizes.map(), linear.as<const T>(), pixels_of<T>(args.dx), adds(args.dx));
}

// Channels that every image of the call lets be read at once: 16 bytes of them, or one.
template <class T>
int width_of(const abi::BatchNormArgs& args) {
    constexpr int width = 16 / sizeof(T);
    for (const abi::Array* image : {&args.x, &args.y, &args.dy, &args.dx})
        if (image->data && (image->shape[1] % width != 0 || image->strides[3] % width != 0 ||
                            reinterpret_cast<std::uintptr_t>(image->data) % 16 != 0))
            return 1;
    return width;
}

abi::Outcome batch_norm(const abi::Call* call, const abi::BatchNormArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) {
        return width_of<T>(*args) == 1 ? forward<T, 1>(call, *args) : forward<T, 16 / sizeof(T)>(call, *args);
    });
}

abi::Outcome batch_norm_backward(const abi::Call* call, const abi::BatchNormArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) {
        return width_of<T>(*args) == 1 ? backward<T, 1>(call, *args) : backward<T, 16 / sizeof(T)>(call, *args);
    });
}

const char* accepts(const abi::BatchNormArgs* args) {
    for (const abi::Array* image : {&args->x, &args->y, &args->dy, &args->dx})
        if (image->data && image->shape[1] > 1 && image->strides[1] != 1)
            return "its batch normalisation takes images whose channels lie side by side";
    return args->x.shape[1] > 1 << 20 ? "its batch normalisation takes up to 2^20 channels" : nullptr;
}

constexpr abi::Row rows[] = {row<batch_norm, accepts>("batch_norm", abi::floating),
                             row<batch_norm_backward, accepts>("batch_norm_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
