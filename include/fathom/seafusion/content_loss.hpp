// SeAFusion's content loss: Tang, Yuan, Ma, Information Fusion 82 (2022), equations 1 to 5.
//   intensity = L1(F, max(Y, IR))
//   texture   = L1(|grad F|, max(|grad Y|, |grad IR|))
//   total     = intensity + alpha texture
// L1 is a mean over all pixels, |grad| the Sobel magnitude with zero padding. Where a source is overexposed its
// maximum is a flat white; IntensityTarget::larger_gradient takes the other source there.
#pragma once

#include "fathom/backend/cpu/fusion_loss.hpp"
#include "fathom/ops/fused.hpp"
#include "fathom/ops/loss.hpp"
#include "fathom/ops/pool.hpp"
#include "fathom/ops/views.hpp"

namespace fathom::inline v0::seafusion {

// What the intensity is held against, per pixel: the larger of both sources, or the source with the larger mean of
// |grad| in a window of 11x11 around it (zeros outside the image), and the larger one where the means are equal.
enum class IntensityTarget { maximum, larger_gradient };

// Both stay on the device: reading a part waits for it.
template <FloatElement T>
struct ContentLoss {
    Tensor<T> total;      // intensity + alpha * texture; differentiable
    Tensor<double> sums;  // [2]: intensity and texture (without alpha), each times the number of pixels
    std::int64_t pixels;

    double intensity(Where site = Where::here()) const { return part(0, site); }
    double texture(Where site = Where::here()) const { return part(1, site); }

private:
    double part(int i, Where site) const {
        return sums.to(Device::cpu(), site).data(site)[i] / static_cast<double>(pixels);
    }
};

namespace detail {

using namespace fused;

void check_content_loss(const AnyTensor& fused, const AnyTensor& visible, const AnyTensor& infrared, const char* name,
                        Where site);

inline constexpr std::int64_t gradient_window = 11;

// The target of IntensityTarget::larger_gradient.
template <FloatElement T>
Tensor<T> exposure_target(const Tensor<T>& visible, const Tensor<T>& infrared, Where site) {
    const NoGrad off;
    const auto activity = [&](const Tensor<T>& x) {
        return avg_pool2d(sobel_magnitude(x, site),
                          {.kernel_size = gradient_window, .stride = 1, .padding = gradient_window / 2}, site);
    };
    const Tensor<T> of_visible = activity(visible), of_infrared = activity(infrared);
    return where(of_visible > of_infrared, visible,
                 where(of_infrared > of_visible, infrared, maximum(visible, infrared, site), site), site);
}

template <FloatElement T>
Tensor<T> texture_loss(const Tensor<T>& f, const Tensor<T>& y, const Tensor<T>& ir, Where site) {
    const auto gradient = [&](const Tensor<T>& x) { return sobel_magnitude(x, site); };
    return l1_loss(gradient(f), maximum(gradient(y), gradient(ir), site), Reduction::mean, site);
}

template <FloatElement T>
struct ContentLossFunction final : autograd::Node {
    static ContentLoss<T> forward(const Tensor<T>& fused_in, const Tensor<T>& visible_in, const Tensor<T>& infrared_in,
                                  double alpha, Where site) {
        const char* name = "content_loss";
        check_content_loss(fused_in, visible_in, infrared_in, name, site);
        const auto rows = [&](const AnyTensor& x) {
            return with_pixel_stride(x, cpu::kernel<T, Elementwise::copy>, name, site);
        };
        const AnyTensor fused = rows(fused_in), visible = rows(visible_in), infrared = rows(infrared_in);
        const auto sums = new_tensor<double>({2}, {1}, fused.device(), name, site);
        const auto total = new_tensor<T>({}, {}, fused.device(), name, site);
        run(fused, name, site, operation::fusion_loss, &cpu::fusion_loss<T>,
            {.fused = array_of(fused),
             .visible = array_of(visible),
             .infrared = array_of(infrared),
             .sums = array_of(sums),
             .total = array_of(total),
             .alpha = alpha});
        finish<ContentLossFunction>(total, name, site, {fused}, [&](ContentLossFunction& f) {
            f.fused = Saved(fused), f.visible = Saved(visible), f.infrared = Saved(infrared), f.alpha = alpha;
        });
        return {total, sums, fused.numel()};
    }
    void backward(Gradients& g) override {
        const AnyTensor x = fused.get(*this);
        const Target dfused = g.target(0);
        run(x, name, site, operation::fusion_loss_backward, &cpu::fusion_loss_backward<T>,
            {.fused = array_of(x),
             .visible = array_of(visible.get(*this)),
             .infrared = array_of(infrared.get(*this)),
             .dfused = array_of(dfused),
             .dtotal = array_of(g.output()),
             .alpha = alpha});
    }
    void backward_recorded(Gradients& g) override {
        const auto x = fused.get_recorded<T>(*this);
        const Tensor<T> total = composite(x, visible.get<T>(*this), infrared.get<T>(*this), alpha, site);
        autograd::backward_by_composite(g, total, {x}, site);
    }
    void release_saved() override { fused.release(), visible.release(), infrared.release(); }

    static Tensor<T> composite(const Tensor<T>& f, const Tensor<T>& y, const Tensor<T>& ir, double alpha, Where site) {
        return l1_loss(f, maximum(y, ir, site), Reduction::mean, site) + alpha * texture_loss(f, y, ir, site);
    }

    Saved fused, visible, infrared;
    double alpha;
};

// By recorded operations: it is for comparison, and has no kernel of its own.
template <FloatElement T>
ContentLoss<T> exposure_loss(const Tensor<T>& fused, const Tensor<T>& visible, const Tensor<T>& infrared, double alpha,
                             Where site) {
    check_content_loss(fused, visible, infrared, "content_loss", site);
    const Tensor<T> intensity = l1_loss(fused, exposure_target(visible, infrared, site), Reduction::mean, site),
                    texture = texture_loss(fused, visible, infrared, site);
    const auto sum = [&](const Tensor<T>& mean) {
        return reshape(mean.detach().template to<double>(site), {1}, site) * static_cast<double>(fused.numel());
    };
    return {intensity + alpha * texture, cat<double>({sum(intensity), sum(texture)}, 0, site), fused.numel()};
}
}  // namespace detail

// All [N, 1, H, W], at least one pixel. The gradient flows to `fused` alone: the images are data.
template <FloatElement T>
ContentLoss<T> content_loss(const Tensor<T>& fused, const Tensor<T>& visible, const Tensor<T>& infrared,
                            double alpha = 10, Where site = Where::here()) {
    return detail::ContentLossFunction<T>::forward(fused, visible, infrared, alpha, site);
}
template <FloatElement T>
ContentLoss<T> content_loss(const Tensor<T>& fused, const Tensor<T>& visible, const Tensor<T>& infrared, double alpha,
                            IntensityTarget target, Where site = Where::here()) {
    if (target == IntensityTarget::larger_gradient) return detail::exposure_loss(fused, visible, infrared, alpha, site);
    return content_loss(fused, visible, infrared, alpha, site);
}

}  // namespace fathom::inline v0::seafusion

#ifndef FATHOM_COMPILED
#include "fathom/seafusion/content_loss.inl.hpp"
#endif
