// The Sobel magnitude, depthwise 3x3 with zero padding 1, and its gradients:
//   y = |wx * x| + |wy * x|
// Backward runs in two steps, for every pixel first
//   ax = dy sign(wx * x)
//   ay = dy sign(wy * x)
// then dx gathers these through the filters, and dwx and dwy are their products with x.
#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T>
__device__ SobelResponse<T> response_at(const Image<const T>& x,  // [N, C, H, W]
                                        const T* wx,              // [C, 9]
                                        const T* wy,              // [C, 9]
                                        int n, int c, int h, int w) {
    SobelResponse<T> g{T{0}, T{0}};
    for (int t = 0; t < 9; ++t) {
        const int ih = h + t / 3 - 1, iw = w + t % 3 - 1;
        if (!x.inside(ih, iw)) continue;
        const T value = x.at(n, c, ih, iw);
        g.x += wx[c * 9 + t] * value, g.y += wy[c * 9 + t] * value;
    }
    return g;
}

template <class T>
__global__ void forward_kernel(Image<const T> x,  // [N, C, H, W]
                               const T* wx,       // [C, 9]
                               const T* wy,       // [C, 9]
                               Image<T> y,        // [N, C, rows, W]
                               int first_row, bool add) {
    for (std::int64_t i = first_element(); i < y.numel(); i += all_threads()) {
        int n, c, h, w;
        y.place(i, n, c, h, w);
        const SobelResponse<T> g = response_at(x, wx, wy, n, c, first_row + h, w);
        T& to = y.at(n, c, h, w);
        const T value = g.magnitude();
        to = add ? to + value : value;
    }
}

template <class T>
__global__ void signs_kernel(Image<const T> x,   // [N, C, H, W]
                             const T* wx,        // [C, 9]
                             const T* wy,        // [C, 9]
                             Image<const T> dy,  // [N, C, H, W]
                             T* ax,              // [N, H, W, C]
                             T* ay) {            // [N, H, W, C]
    for (std::int64_t i = first_element(); i < x.numel(); i += all_threads()) {
        int n, c, h, w;
        x.place(i, n, c, h, w);
        const SobelResponse<T> g = response_at(x, wx, wy, n, c, h, w);
        const T gradient = dy.at(n, c, h, w);
        ax[i] = gradient * sign(g.x), ay[i] = gradient * sign(g.y);
    }
}

template <class T>
__global__ void data_kernel(Image<const T> ax,  // [N, C, H, W]
                            Image<const T> ay,  // [N, C, H, W]
                            const T* wx,        // [C, 9]
                            const T* wy,        // [C, 9]
                            Image<T> dx,        // [N, C, H, W]
                            bool add) {
    for (std::int64_t i = first_element(); i < dx.numel(); i += all_threads()) {
        int n, c, h, w;
        dx.place(i, n, c, h, w);
        T sum{0};
        for (int t = 0; t < 9; ++t) {
            const int oh = h - t / 3 + 1, ow = w - t % 3 + 1;
            if (ax.inside(oh, ow)) sum += wx[c * 9 + t] * ax.at(n, c, oh, ow) + wy[c * 9 + t] * ay.at(n, c, oh, ow);
        }
        T& to = dx.at(n, c, h, w);
        to = add ? to + sum : sum;
    }
}

// A block per element; the sum is over all pixels:
//   dw[c, t] (+)= sum a[h, w] x[h + t / 3 - 1, w + t % 3 - 1]
template <class T>
__global__ void __launch_bounds__(block_threads) filter_kernel(Image<const T> x,  // [N, C, H, W]
                                                               Image<const T> a,  // [N, C, H, W]
                                                               T* dw,             // [C, 9]
                                                               bool add) {
    FATHOM_SHARED(T, shared, 32);
    const int c = static_cast<int>(blockIdx.x) / 9, t = static_cast<int>(blockIdx.x) % 9;
    const std::int64_t pixels = static_cast<std::int64_t>(x.images) * x.height * x.width;
    T sum{0};
    for (std::int64_t i = threadIdx.x; i < pixels; i += blockDim.x) {
        const int w = static_cast<int>(i % x.width), h = static_cast<int>(i / x.width % x.height),
                  n = static_cast<int>(i / x.width / x.height);
        const int ih = h + t / 3 - 1, iw = w + t % 3 - 1;
        if (x.inside(ih, iw)) sum += a.at(n, c, h, w) * x.at(n, c, ih, iw);
    }
    sum = block_sum(sum, shared);
    if (threadIdx.x == 0) dw[blockIdx.x] = add ? dw[blockIdx.x] + sum : sum;
}

template <class T>
Result forward(const abi::Call* call, const abi::SobelArgs& args) {
    const auto y = image_of<T>(args.y);
    if (y.numel() == 0) return {};
    return launch(call->operation, forward_kernel<T>, linear(y.numel()), stream_of(call), image_of<const T>(args.x),
                  data<const T>(args.wx), data<const T>(args.wy), y, static_cast<int>(args.first_row), adds(args.y));
}

template <class T>
Result backward(const abi::Call* call, const abi::SobelArgs& args) {
    const auto x = image_of<const T>(args.x);
    const std::int64_t n = x.numel();
    const T *wx = data<const T>(args.wx), *wy = data<const T>(args.wy);
    const DeviceScratch signs(call, 2 * n * static_cast<std::int64_t>(sizeof(T)));
    if (!signs.result().ok()) return signs.result();
    Image<const T> a[2] = {x, x};
    for (int i = 0; i < 2; ++i) {
        a[i].data = signs.as<const T>() + i * n;
        a[i].channel = 1, a[i].pixel = x.channels, a[i].row = a[i].pixel * x.width, a[i].image = a[i].row * x.height;
    }
    if (n > 0) {
        const Result r = launch(call->operation, signs_kernel<T>, linear(n), stream_of(call), x, wx, wy,
                                image_of<const T>(args.dy), signs.as<T>(), signs.as<T>() + n);
        if (!r.ok()) return r;
    }
    if (args.dx.data && n > 0)
        if (const Result r = launch(call->operation, data_kernel<T>, linear(n), stream_of(call), a[0], a[1], wx, wy,
                                    image_of<T>(args.dx), adds(args.dx));
            !r.ok())
            return r;
    for (int i = 0; i < 2; ++i) {
        const abi::Array& to = i == 0 ? args.dwx : args.dwy;
        T* dw = data<T>(to);
        if (!dw || x.channels == 0) continue;
        const Result r = launch(call->operation, filter_kernel<T>, {x.channels * std::int64_t{9}, block_threads},
                                stream_of(call), x, a[i], dw, adds(to));
        if (!r.ok()) return r;
    }
    return {};
}

abi::Outcome sobel(const abi::Call* call, const abi::SobelArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome sobel_backward(const abi::Call* call, const abi::SobelArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return backward<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<sobel>("sobel", abi::floating), row<sobel_backward>("sobel_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
