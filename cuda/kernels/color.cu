// RGB to YCrCb and back, with their gradients (fathom/kernels/color.hpp), a thread a pixel. Bound by memory: three
// numbers of a pixel are read and three written; the formulas are the CPU's, so that what is 0 there stays 0.
#include "fathom/kernels/color.hpp"

#include "cuda/backend/host.hpp"
#include "cuda/kernels/index.cuh"
#include "fathom/core/luminance.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

using kernels::ColorTransform;

template <class T>
struct Color {
    T at[3];
};

template <class T>
__device__ Color<T> transformed(ColorTransform transform, const Color<T>& x) {
    constexpr T to_cr = T(cr_scale), to_cb = T(cb_scale);
    constexpr T red_cr = T(1.403), green_cr = T(-0.714), green_cb = T(-0.344), blue_cb = T(1.773);
    const auto [a, b, c] = x.at;
    const bool linear = transform == ColorTransform::to_ycrcb_linear || transform == ColorTransform::to_rgb_linear;
    const T half = linear ? T(0) : T(0.5);
    switch (transform) {
        case ColorTransform::to_ycrcb:
        case ColorTransform::to_ycrcb_linear: {
            const T luma = luminance(a, b, c);
            return {luma, to_cr * (a - luma) + half, to_cb * (c - luma) + half};
        }
        case ColorTransform::to_rgb:
        case ColorTransform::to_rgb_linear: {
            const T cr = b - half, cb = c - half;
            return {a + red_cr * cr, a + green_cr * cr + green_cb * cb, a + blue_cb * cb};
        }
        case ColorTransform::to_ycrcb_gradient: {
            const T luma = a - to_cr * b - to_cb * c;  // all that reaches Y
            return {T(red_share) * luma + to_cr * b, T(green_share) * luma, T(blue_share) * luma + to_cb * c};
        }
        case ColorTransform::to_rgb_gradient:
            break;
    }
    return {a + b + c, red_cr * a + green_cr * b, green_cb * b + blue_cb * c};
}

template <class T>
__global__ void __launch_bounds__(block_threads)
    color_kernel(Loop32<2> pixels, unsigned count, ColorTransform transform,
                 const T* x,  // [pixels, 3]
                 int x_channel,
                 T* y,  // [pixels, 3]
                 int y_channel, bool add) {
    for (unsigned i = first_of_32(); i < count; i += all_of_32()) {
        int at[2] = {0, 0};
        pixels.add_offsets(i, at);
        const T* const from = x + at[0];
        const Color<T> value = transformed<T>(transform, {from[0], from[x_channel], from[2 * x_channel]});
        T* const to = y + at[1];
        for (int c = 0; c < 3; ++c) to[c * y_channel] = add ? to[c * y_channel] + value.at[c] : value.at[c];
    }
}

abi::Outcome color(const abi::Call* call, const abi::ColorArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) -> Result {
        const abi::Array &x = args->x, &y = args->y;
        abi::Array pixels = y;
        pixels.shape[1] = 1;
        const std::int64_t* strides[] = {x.strides, y.strides};
        const auto transform = static_cast<ColorTransform>((args->inverse ? 1 : 0) + 2 * args->transposed);
        const std::int64_t count = numel(pixels);
        if (count == 0) return {};
        return launch(call->operation, color_kernel<T>, linear(count), stream_of(call),
                      Loop32<2>(kernels::make_loop(2, pixels.rank, pixels.shape, strides)),
                      static_cast<unsigned>(count), transform, data<const T>(x), static_cast<int>(x.strides[1]),
                      data<T>(y), static_cast<int>(y.strides[1]), adds(y));
    });
}

const char* accepts(const abi::ColorArgs* args) {
    return fits_31_bits(args->x) && fits_31_bits(args->y) ? nullptr
                                                          : "its color transforms take less than 2^31 elements";
}

constexpr abi::Row rows[] = {row<color, accepts>("color", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
