// SeAFusion's content loss:
//   intensity = sum |F - max(Y, IR)|
//   texture   = sum |grad F - max(grad Y, grad IR)|
//   grad      = |gx| + |gy|
// with gx and gy by exact Sobel filters and zero padding 1. Sums are in double: one number per block, then one block
// adds those up in their order. Nothing goes back to the host.
#include <algorithm>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T>
struct FusionImages {
    Image<const T> fused, visible, infrared;  // [N, 1, H, W]
};

// The larger one; NaN if either is.
template <class T>
__device__ T larger(T a, T b) {
    return a != a || a > b ? a : b;
}

template <class T>
__device__ SobelResponse<T> response_at(const Image<const T>& x, int n, int h, int w) {
    const auto at = [&](int dh, int dw) { return x.inside(h + dh, w + dw) ? x.at(n, 0, h + dh, w + dw) : T{0}; };
    const T nw = at(-1, -1), no = at(-1, 0), ne = at(-1, 1), we = at(0, -1), ea = at(0, 1), sw = at(1, -1),
            so = at(1, 0), se = at(1, 1);
    return {(nw - ne) + T{2} * (we - ea) + (sw - se), (nw - sw) + T{2} * (no - so) + (ne - se)};
}

template <class T>
__device__ T texture_difference(const FusionImages<T>& s, const SobelResponse<T>& fused, int n, int h, int w) {
    return fused.magnitude() -
           larger(response_at(s.visible, n, h, w).magnitude(), response_at(s.infrared, n, h, w).magnitude());
}

template <class T>
__device__ T intensity_difference(const FusionImages<T>& s, int n, int h, int w) {
    return s.fused.at(n, 0, h, w) - larger(s.visible.at(n, 0, h, w), s.infrared.at(n, 0, h, w));
}

template <class T>
__global__ void __launch_bounds__(block_threads) sums_kernel(FusionImages<T> s,
                                                             double* partials) {  // [2, blocks]
    FATHOM_SHARED(double, shared, 32);
    double intensity = 0, texture = 0;
    for (std::int64_t i = first_element(); i < s.fused.numel(); i += all_threads()) {
        int n, c, h, w;
        s.fused.place(i, n, c, h, w);
        intensity += static_cast<double>(absolute(intensity_difference(s, n, h, w)));
        texture += static_cast<double>(absolute(texture_difference(s, response_at(s.fused, n, h, w), n, h, w)));
    }
    intensity = block_sum(intensity, shared);
    __syncthreads();
    texture = block_sum(texture, shared);
    if (threadIdx.x == 0) partials[blockIdx.x] = intensity, partials[gridDim.x + blockIdx.x] = texture;
}

template <class T>
__global__ void __launch_bounds__(block_threads) total_kernel(const double* partials,  // [2, blocks]
                                                              int blocks, double alpha, double pixels,
                                                              double* sums,  // [2]
                                                              T* total) {    // []
    FATHOM_SHARED(double, shared, 32);
    double sum[2] = {0, 0};
    for (int part = 0; part < 2; ++part) {
        for (int i = static_cast<int>(threadIdx.x); i < blocks; i += static_cast<int>(blockDim.x))
            sum[part] += partials[part * blocks + i];
        sum[part] = block_sum(sum[part], shared);
        __syncthreads();
    }
    if (threadIdx.x != 0) return;
    sums[0] = sum[0], sums[1] = sum[1];
    *total = static_cast<T>((sum[0] + alpha * sum[1]) / pixels);
}

// ax, ay: sign of the texture's difference times the sign of gx and gy of the fused image, dense.
template <class T>
__global__ void signs_kernel(FusionImages<T> s,
                             T* ax,    // [N, H, W]
                             T* ay) {  // [N, H, W]
    for (std::int64_t i = first_element(); i < s.fused.numel(); i += all_threads()) {
        int n, c, h, w;
        s.fused.place(i, n, c, h, w);
        const SobelResponse<T> g = response_at(s.fused, n, h, w);
        const T t = sign(texture_difference(s, g, n, h, w));
        ax[i] = t * sign(g.x), ay[i] = t * sign(g.y);
    }
}

// The filters are odd, so the gradient through them is the filters themselves with the opposite sign.
template <class T>
__global__ void gradient_kernel(FusionImages<T> s,
                                Image<const T> ax,  // [N, 1, H, W]
                                Image<const T> ay,  // [N, 1, H, W]
                                const T* dtotal,    // []
                                double pixels, double alpha,
                                Image<T> dfused,  // [N, 1, H, W]
                                bool add) {
    const double scale = static_cast<double>(*dtotal) / pixels;
    const T intensity = static_cast<T>(scale), texture = static_cast<T>(alpha * scale);
    for (std::int64_t i = first_element(); i < dfused.numel(); i += all_threads()) {
        int n, c, h, w;
        dfused.place(i, n, c, h, w);
        const T through = response_at(ax, n, h, w).x + response_at(ay, n, h, w).y;
        const T value = intensity * sign(intensity_difference(s, n, h, w)) - texture * through;
        T& to = dfused.at(n, c, h, w);
        to = add ? to + value : value;
    }
}

template <class T>
FusionImages<T> images_of(const abi::FusionLossArgs& a) {
    return {image_of<const T>(a.fused), image_of<const T>(a.visible), image_of<const T>(a.infrared)};
}

template <class T>
Result forward(const abi::Call* call, const abi::FusionLossArgs& args) {
    const FusionImages<T> images = images_of<T>(args);
    const std::int64_t n = images.fused.numel(), blocks = std::min<std::int64_t>(ceil_div(n, block_threads), 1024);
    const DeviceScratch partials(call, 2 * blocks * static_cast<std::int64_t>(sizeof(double)));
    if (!partials.result().ok()) return partials.result();
    const Result r = launch(call->operation, sums_kernel<T>, {blocks, block_threads}, stream_of(call), images,
                            partials.as<double>());
    if (!r.ok()) return r;
    return launch(call->operation, total_kernel<T>, {1, block_threads}, stream_of(call), partials.as<double>(),
                  static_cast<int>(blocks), args.alpha, static_cast<double>(n), data<double>(args.sums),
                  data<T>(args.total));
}

template <class T>
Result backward(const abi::Call* call, const abi::FusionLossArgs& args) {
    const FusionImages<T> images = images_of<T>(args);
    const std::int64_t n = images.fused.numel();
    const DeviceScratch signs(call, 2 * n * static_cast<std::int64_t>(sizeof(T)));
    if (!signs.result().ok()) return signs.result();
    const Result r =
        launch(call->operation, signs_kernel<T>, linear(n), stream_of(call), images, signs.as<T>(), signs.as<T>() + n);
    if (!r.ok()) return r;
    Image<const T> ax = images.fused;
    ax.data = signs.as<const T>();
    ax.channel = ax.pixel = 1, ax.row = ax.width, ax.image = ax.row * ax.height;
    Image<const T> ay = ax;
    ay.data += n;
    return launch(call->operation, gradient_kernel<T>, linear(n), stream_of(call), images, ax, ay,
                  data<const T>(args.dtotal), static_cast<double>(n), args.alpha, image_of<T>(args.dfused),
                  adds(args.dfused));
}

abi::Outcome fusion_loss(const abi::Call* call, const abi::FusionLossArgs* args) {
    return with_floating(call, args->fused, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome fusion_loss_backward(const abi::Call* call, const abi::FusionLossArgs* args) {
    return with_floating(call, args->fused, [&]<class T>(T) { return backward<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<fusion_loss>("fusion_loss", abi::floating),
                             row<fusion_loss_backward>("fusion_loss_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
