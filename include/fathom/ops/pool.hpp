// Pooling of images: maxima and averages over windows. One dimension: pool1d.hpp.
#pragma once

#include <limits>

#include "fathom/backend/cpu/window.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/linear_map.hpp"
#include "fathom/ops/pad.hpp"
#include "fathom/ops/parts.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments. padding: on each side, at most half of what the window spans.
// ceil_mode: the size of the result is rounded up, so that the last window may reach beyond the padding; it begins
// before the padding on that side.
struct MaxPoolOptions {
    Pair kernel_size;
    Pair stride = kernel_size;
    Pair padding = 0;
    Pair dilation = 1;
    bool ceil_mode = false;
};

struct AvgPoolOptions {
    Pair kernel_size;
    Pair stride = kernel_size;
    Pair padding = 0;
    bool ceil_mode = false;
    bool count_include_pad = true;      // false: a mean over the inputs alone
    std::int64_t divisor_override = 0;  // other than 0: what sums are divided by
};

// Maxima and where in their planes they stand: row * width + column.
template <FloatElement T>
struct Pooled {
    Tensor<T> values;
    Tensor<std::int64_t> indices;
};

namespace detail {

// What both kinds of pooling have, as the seam takes it.
abi::WindowArgs window_numbers(Pair kernel_size, Pair stride, Pair padding, Pair dilation = 1);
// The size of the result, everything checked.
Pair pooled_size(const AnyTensor& x, const abi::WindowArgs& numbers, bool ceil_mode, const char* name, Where site);

template <FloatElement T>
struct AverageMap {
    using Args = abi::WindowArgs;
    static void forward(const AnyTensor& x, const char* name, Where site, const Args& args) {
        run(x, name, site, operation::average_pool, &cpu::average_pool<T>, args);
    }
    static void backward(const AnyTensor& dy, const char* name, Where site, const Args& args) {
        run(dy, name, site, operation::average_pool_backward, &cpu::average_pool_backward<T>, args);
    }
};

// y = the elements of x that `index` names: what the gradient of max_pool2d's gradient takes.
template <FloatElement T>
struct Take;

template <FloatElement T>
struct MaxPool final : Function {
    // places: becomes the index, where it is wanted besides the gradient.
    static Tensor<T> forward(const AnyTensor& input, const abi::WindowArgs& numbers, Pair size, const char* name,
                             Where site, AnyTensor* places = nullptr) {
        // A float's index is an int32.
        if (sizeof(T) == 4 && input.shape()[2] > std::numeric_limits<std::int32_t>::max() / input.shape()[3])
            fail(name, site, {"input has shape ", input.shape(), ", expected fewer than 2^31 pixels"});
        const AnyTensor x = with_pixel_stride(input, cpu::kernel<T, Elementwise::copy>, name, site);
        const Shape shape{x.shape()[0], x.shape()[1], size.h, size.w};
        const auto y = new_images<T>(shape, x, name, site);
        const AnyTensor index = places || autograd::recording(input)
                                    ? new_tensor(shape, channels_last_strides(shape),
                                                 sizeof(T) == 8 ? DType::int64 : DType::int32, x.device(), name, site)
                                    : AnyTensor();
        if (places) *places = index;
        abi::WindowArgs args = numbers;
        args.x = image_array(x), args.y = image_array(y), args.index = image_array(index);
        run(x, name, site, operation::max_pool, &cpu::max_pool<T>, args);
        return finish<MaxPool>(y, name, site, {x},
                               [&](MaxPool& f) { f.numbers = numbers, f.index = Saved(index), f.shape = x.shape(); });
    }
    static Pooled<T> with_indices(const AnyTensor& input, const abi::WindowArgs& numbers, Pair size, const char* name,
                                  Where site) {
        AnyTensor places;
        const Tensor<T> y = forward(input, numbers, size, name, site, &places);
        // A copy: the gradient keeps the index, and the caller may write into what is theirs.
        const auto index = places.as<kernels::WindowIndex<T>>(site);
        if constexpr (sizeof(T) == 8)
            return {y, clone(index, site)};
        else
            return {y, to<std::int64_t>(index, site)};
    }
    void backward(Gradients& g) override { run_backward(g.output(), g.target(0)); }
    void backward_recorded(Gradients& g) override {
        const auto dx = new_images<T>(shape, g.output(), name, site);
        run_backward(g.output(), {dx});
        g.add(0, finish<Take<T>>(dx, name, site, {g.output()}, [&](Take<T>& f) {
                  f.numbers = numbers, f.index = Saved(index.get(*this)), f.shape = shape;
              }));
    }
    void release_saved() override { index.release(); }

    void run_backward(const AnyTensor& gradient, const Target& dx) const {
        const AnyTensor dy = with_pixel_stride(gradient, ops->copy, name, site);
        abi::WindowArgs args = numbers;
        args.index = image_array(index.get(*this)), args.dy = image_array(dy), args.dx = image_array(dx);
        run(dy, name, site, operation::max_pool_backward, &cpu::max_pool_backward<T>, args);
    }

    abi::WindowArgs numbers;
    Saved index;
    Shape shape;
};

template <FloatElement T>
struct Take final : Function {
    void backward(Gradients& g) override {
        const AnyTensor places = index.get(*this), ddx = with_pixel_stride(g.output(), ops->copy, name, site);
        const auto ddy = new_images<T>(places.shape(), ddx, name, site);
        abi::WindowArgs args = numbers;
        args.x = image_array(ddx), args.index = image_array(places), args.y = image_array(ddy);
        run(ddx, name, site, operation::take, &cpu::take<T>, args);
        g.add(0, finish<MaxPool<T>>(ddy, name, site, {ddx}, [&](MaxPool<T>& f) {
                  f.numbers = numbers, f.index = Saved(places), f.shape = shape;
              }));
    }
    void release_saved() override { index.release(); }

    abi::WindowArgs numbers;
    Saved index;
    Shape shape;  // of the images that were pooled
};

template <FloatElement T>
Pooled<T> without_batch(const Pooled<T>& y, Where site) {
    return {squeeze(y.values, 0, site), squeeze(y.indices, 0, site)};
}

// The functions below under another name, for messages of what is made from them.
template <FloatElement T>
Tensor<T> max_pool(const AnyTensor& x, const MaxPoolOptions& o, const char* name, Where site) {
    const abi::WindowArgs numbers = window_numbers(o.kernel_size, o.stride, o.padding, o.dilation);
    return MaxPool<T>::forward(x, numbers, pooled_size(x, numbers, o.ceil_mode, name, site), name, site);
}
template <FloatElement T>
Tensor<T> avg_pool(const AnyTensor& x, const AvgPoolOptions& o, const char* name, Where site) {
    abi::WindowArgs numbers = window_numbers(o.kernel_size, o.stride, o.padding);
    numbers.count_padding = o.count_include_pad, numbers.divisor = o.divisor_override;
    return LinearMap<T, AverageMap<T>>::forward(numbers, x, pooled_size(x, numbers, o.ceil_mode, name, site), name,
                                                site);
}

}  // namespace detail

// All take x [N, C, H, W], or one image [C, H, W], whose result has no batch either.

// x [N, C, H, W] -> [N, C, H', W'] with channels-last strides, rounded down, or up with ceil_mode:
//   H' = (H + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1
// The padding never wins. A gradient goes to the first of equal maxima; NaN wins.
template <FloatElement T>
Tensor<T> max_pool2d(const Tensor<T>& x, const MaxPoolOptions& options, Where site = Where::here()) {
    return detail::with_batch(
        x, 3, site, [&](const Tensor<T>& images) { return detail::max_pool<T>(images, options, "max_pool2d", site); });
}
// Of integers: the maxima of the windows as views.
template <Element T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) Tensor<T> max_pool2d(const Tensor<T>& x,
                                                                                 const MaxPoolOptions& o,
                                                                                 Where site = Where::here()) {
    return detail::with_batch(x, 3, site, [&](const Tensor<T>& images) {
        const abi::WindowArgs numbers = detail::window_numbers(o.kernel_size, o.stride, o.padding, o.dilation);
        const Pair size = detail::pooled_size(images, numbers, o.ceil_mode, "max_pool2d", site);
        const Pair span{o.dilation.h * (o.kernel_size.h - 1) + 1, o.dilation.w * (o.kernel_size.w - 1) + 1};
        // As far as the windows reach: not to the end of the image, or beyond the padding.
        const std::int64_t bottom = (size.h - 1) * o.stride.h + span.h - o.padding.h - images.size(2),
                           right = (size.w - 1) * o.stride.w + span.w - o.padding.w - images.size(3);
        const Tensor<T> whole = pad(images, {o.padding.w, right, o.padding.h, bottom}, Pad::constant,
                                    static_cast<double>(std::numeric_limits<T>::lowest()), site);
        const Tensor<T> rows = slice(unfold(whole, 2, span.h, o.stride.h, site), 4, 0, span.h, o.dilation.h, site);
        return amax(slice(unfold(rows, 3, span.w, o.stride.w, site), 5, 0, span.w, o.dilation.w, site), {4, 5}, false,
                    site);
    });
}
// auto [values, indices] = max_pool2d_with_indices(x, {2}): and where the maxima stand.
template <FloatElement T>
Pooled<T> max_pool2d_with_indices(const Tensor<T>& x, const MaxPoolOptions& o, Where site = Where::here()) {
    if (x.defined() && x.rank() == 3)
        return detail::without_batch(max_pool2d_with_indices(unsqueeze(x, 0, site), o, site), site);
    const char* name = "max_pool2d_with_indices";
    const abi::WindowArgs numbers = detail::window_numbers(o.kernel_size, o.stride, o.padding, o.dilation);
    return detail::MaxPool<T>::with_indices(x, numbers, detail::pooled_size(x, numbers, o.ceil_mode, name, site), name,
                                            site);
}

// Sizes as for max_pool2d. The padding counts as zeros unless count_include_pad is false.
template <FloatElement T>
Tensor<T> avg_pool2d(const Tensor<T>& x, const AvgPoolOptions& options, Where site = Where::here()) {
    return detail::with_batch(
        x, 3, site, [&](const Tensor<T>& images) { return detail::avg_pool<T>(images, options, "avg_pool2d", site); });
}

// x [N, C, H, W] -> [N, C, output_size]: output i is the mean of inputs floor(i H / H') to ceil((i + 1) H / H') - 1, in
// both directions. output_size 1 is the mean of the whole image.
template <FloatElement T>
Tensor<T> adaptive_avg_pool2d(const Tensor<T>& x, Pair output_size, Where site = Where::here()) {
    return detail::with_batch(x, 3, site, [&](const Tensor<T>& images) {
        const char* name = "adaptive_avg_pool2d";
        detail::check_new_size(images, output_size, "output_size", name, site);
        return detail::LinearMap<T, detail::AverageMap<T>>::forward({.adaptive = 1}, images, output_size, name, site);
    });
}
// The maxima of the same windows.
template <FloatElement T>
Tensor<T> adaptive_max_pool2d(const Tensor<T>& x, Pair output_size, Where site = Where::here()) {
    return detail::with_batch(x, 3, site, [&](const Tensor<T>& images) {
        const char* name = "adaptive_max_pool2d";
        detail::check_new_size(images, output_size, "output_size", name, site);
        return detail::MaxPool<T>::forward(images, {.adaptive = 1}, output_size, name, site);
    });
}
template <FloatElement T>
Pooled<T> adaptive_max_pool2d_with_indices(const Tensor<T>& x, Pair output_size, Where site = Where::here()) {
    const char* name = "adaptive_max_pool2d_with_indices";
    if (x.defined() && x.rank() == 3)
        return detail::without_batch(adaptive_max_pool2d_with_indices(unsqueeze(x, 0, site), output_size, site), site);
    detail::check_new_size(x, output_size, "output_size", name, site);
    return detail::MaxPool<T>::with_indices(x, {.adaptive = 1}, output_size, name, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/pool.inl.hpp"
#endif
