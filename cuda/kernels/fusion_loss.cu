// SeAFusion's content loss:
//   intensity = sum |F - max(Y, IR)|
//   texture   = sum |grad F - max(grad Y, grad IR)|
//   grad      = |gx| + |gy|
// with gx and gy by exact Sobel filters and zero padding 1. Sums are in double: one number per block, then one block
// adds those up in their order. Nothing goes back to the host.
//
// A thread has one column and walks down a strip of rows with the windows of the three images in registers. Memory
// bounds it, three reads of a pixel and backward a write; small images are bounded by what a launch takes.
#include "cuda/backend/host.hpp"
#include "cuda/kernels/stencil.cuh"

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

// Small blocks, so that a small image has some for each multiprocessor.
constexpr int fusion_threads = 128, resident_blocks = 4 * typical_multiprocessors;

template <class T>
struct FusionWindow {
    Window<T, 1, 1> fused, visible, infrared;

    __device__ void next() { fused.next(), visible.next(), infrared.next(); }
    __device__ T intensity_difference() const { return centre(fused) - larger(centre(visible), centre(infrared)); }
    __device__ T texture_difference(const SobelResponse<T>& of_fused) const {
        return of_fused.magnitude() - larger(response(visible).magnitude(), response(infrared).magnitude());
    }

    __device__ static T centre(const Window<T, 1, 1>& w) { return w.rows[1][1].at[0]; }
    // In the CPU's order: a difference that is 0 there is 0 here.
    __device__ static SobelResponse<T> response(const Window<T, 1, 1>& w) {
        const auto at = [&](int row, int column) { return w.rows[row][column].at[0]; };
        return {((at(0, 0) - at(0, 2)) + (at(2, 0) - at(2, 2))) + T{2} * (at(1, 0) - at(1, 2)),
                ((at(0, 0) - at(2, 0)) + (at(0, 2) - at(2, 2))) + T{2} * (at(0, 1) - at(2, 1))};
    }
};

template <class T>
struct FusionColumns {
    Column<T, 1> fused, visible, infrared;

    __device__ FusionColumns(const FusionImages<T>& s, const Place& p, int first_row, int end_row)
        : fused(s.fused, p, first_row, end_row),
          visible(s.visible, p, first_row, end_row),
          infrared(s.infrared, p, first_row, end_row) {}
    __device__ FusionWindow<T> window() {
        return {Window<T, 1, 1>(fused), Window<T, 1, 1>(visible), Window<T, 1, 1>(infrared)};
    }
    __device__ void fetch(FusionWindow<T>& window) {
        window.fused.fetch(fused);
        window.visible.fetch(visible);
        window.infrared.fetch(infrared);
    }
};

template <class T>
__global__ void __launch_bounds__(fusion_threads, 4) sums_kernel(FusionImages<T> s, Tiling tiling,
                                                                 double* partials) {  // [2, blocks]
    FATHOM_SHARED(double, shared, 32);
    const Place p = place_of<1, 0>(tiling, 1, s.fused.height, s.fused.width);
    FusionColumns<T> columns(s, p, p.first - 1, p.last + 1);
    FusionWindow<T> window = columns.window();
    double intensity = 0, texture = 0;
#pragma unroll 4
    for (int h = p.first; h < p.last; ++h, window.next()) {
        columns.fetch(window);
        intensity += static_cast<double>(absolute(window.intensity_difference()));
        texture += static_cast<double>(absolute(window.texture_difference(window.response(window.fused))));
    }
    intensity = block_sum(p.owner ? intensity : 0, shared);
    __syncthreads();
    texture = block_sum(p.owner ? texture : 0, shared);
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

// ax, ay: the sign of the texture's difference times those of gx and gy of the fused image, 0 outside of it. Threads
// show each other a row of them; the filters are odd, so the gradient through them is the filters themselves with the
// opposite sign, of which row r completes row r - 1 of dfused.
template <class T>
__global__ void __launch_bounds__(fusion_threads, 4) gradient_kernel(FusionImages<T> s,
                                                                     const T* dtotal,  // []
                                                                     double pixels, double alpha,
                                                                     Image<T> dfused,  // [N, 1, H, W]
                                                                     Tiling tiling, bool add) {
    FATHOM_SHARED(T, shown, 2, 2, fusion_threads);  // even and odd rows, ax, ay
    const double scale = static_cast<double>(*dtotal) / pixels;
    const T intensity = static_cast<T>(scale), texture = static_cast<T>(alpha * scale);
    const Place p = place_of<1, 1>(tiling, 1, s.fused.height, s.fused.width);
    const int thread = static_cast<int>(threadIdx.x), left = thread > 0 ? thread - 1 : 0,
              right = thread + 1 < fusion_threads ? thread + 1 : thread;
    FusionColumns<T> columns(s, p, p.first - 2, p.last + 2);
    FusionWindow<T> window = columns.window();
    T through{0}, next_through{0}, difference{0};  // of rows r - 1, r; of row r - 1
    T* to = &dfused.at(p.image, 0, p.first, p.column);
#pragma unroll 4
    for (int r = p.first - 1; r <= p.last; ++r, window.next()) {
        columns.fetch(window);
        const SobelResponse<T> g = window.response(window.fused);
        const bool inside = p.inside && r >= 0 && r < s.fused.height;
        const T t = inside ? sign(window.texture_difference(g)) : T{0};
        const T ax = with_sign(t, g.x), ay = with_sign(t, g.y);
        T(&row_x)[fusion_threads] = shown[r & 1][0], (&row_y)[fusion_threads] = shown[r & 1][1];
        row_x[thread] = ax, row_y[thread] = ay;
        __syncthreads();
        const T across = row_x[left] - row_x[right], along = row_y[left] + T{2} * ay + row_y[right];
        through += across - along;
        if (p.owner && r > p.first) {
            const T value = intensity * sign(difference) - texture * through;
            *to = add ? *to + value : value;
            to += dfused.row;
        }
        through = next_through + T{2} * across, next_through = across + along;
        difference = window.intensity_difference();
    }
}

template <class T>
FusionImages<T> images_of(const abi::FusionLossArgs& a) {
    return {image_of<const T>(a.fused), image_of<const T>(a.visible), image_of<const T>(a.infrared)};
}

template <class T>
Result forward(const abi::Call* call, const abi::FusionLossArgs& args) {
    const FusionImages<T> images = images_of<T>(args);
    const Tiling tiling = tiling_of(images.fused, images.fused.height, 1, fusion_threads, 0, resident_blocks);
    const std::int64_t blocks = tiling.blocks();
    const DeviceScratch partials(call, 2 * blocks * static_cast<std::int64_t>(sizeof(double)));
    if (!partials.result().ok()) return partials.result();
    if (blocks > 0)
        if (const Result r = launch(call->operation, sums_kernel<T>, {blocks, fusion_threads}, stream_of(call), images,
                                    tiling, partials.as<double>());
            !r.ok())
            return r;
    return launch(call->operation, total_kernel<T>, {1, block_threads}, stream_of(call), partials.as<double>(),
                  static_cast<int>(blocks), args.alpha, static_cast<double>(images.fused.numel()),
                  data<double>(args.sums), data<T>(args.total));
}

template <class T>
Result backward(const abi::Call* call, const abi::FusionLossArgs& args) {
    const FusionImages<T> images = images_of<T>(args);
    const Tiling tiling = tiling_of(images.fused, images.fused.height, 1, fusion_threads, 1, resident_blocks);
    if (tiling.blocks() == 0) return {};
    return launch(call->operation, gradient_kernel<T>, {tiling.blocks(), fusion_threads}, stream_of(call), images,
                  data<const T>(args.dtotal), static_cast<double>(images.fused.numel()), args.alpha,
                  image_of<T>(args.dfused), tiling, adds(args.dfused));
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
