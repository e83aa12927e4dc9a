// SeAFusion's segmentation net: ResNet-18, attention refinement of its three scales, a bilateral attention decoder with
// two heads: Peng et al., "Bilateral attention decoder: a lightweight decoder for real-time semantic segmentation",
// Neural Networks 137 (2021). 12.9 million parameters; the names are those of the released weights.
#pragma once

#include "fathom/nn/batch_norm.hpp"
#include "fathom/ops/fused.hpp"
#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/seafusion/prepared_segmentation.hpp"
#include "fathom/seafusion/resnet.hpp"

namespace fathom::inline v0::seafusion {

namespace detail {
// kernel x kernel convolution that keeps the size, batch norm, leaky ReLU with slope 0.01.
inline nn::ConvOptions block_options(std::int64_t kernel, Activation activation = Activation::leaky_relu) {
    return {.kernel_size = kernel, .padding = kernel / 2, .activation = activation, .slope = 0.01};
}
template <FloatElement T>
Tensor<T> upsample(const Tensor<T>& x, const Tensor<T>& like, Where site) {
    return interpolate(x, {like.shape()[2], like.shape()[3]}, {.mode = Interpolation::bilinear}, site);
}
}  // namespace detail

// Which channels matter in this image:
//   f = conv(x)
//   y = f sigmoid(batch norm(conv1x1(mean of f over the image)))
template <FloatElement T>
class AttentionRefinement : public nn::Module {
public:
    nn::ConvBatchNorm<T> conv, attention;

    AttentionRefinement(std::int64_t in, std::int64_t out)
        : conv(in, out, detail::block_options(3)), attention(out, out, {.kernel_size = 1}) {}
    void visit(nn::Visitor& v) override {
        v("conv", conv);
        v("conv_atten", attention.conv);
        v("bn_atten", attention.bn);
    }
    const char* kind() const override { return "AttentionRefinement"; }
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) {
        const Tensor<T> f = conv(x, site);
        return f * sigmoid(attention(adaptive_avg_pool2d(f, 1, site), site), site);
    }
};

// The context path: from an image to features at 1/8 of its size.
template <FloatElement T>
class ContextPath : public nn::Module {
public:
    ResNet18<T> resnet;
    AttentionRefinement<T> arm32{512, 128}, arm16{256, 128}, arm8{128, 128};
    nn::ConvBatchNorm<T> sp16{256, 128, detail::block_options(1)}, sp8{256, 128, detail::block_options(1)};
    nn::ConvBatchNorm<T> conv_head32{128, 128, detail::block_options(3)},
        conv_head16{128, 128, detail::block_options(3)};
    nn::ConvBatchNorm<T> conv_fuse1{128, 128, detail::block_options(1, Activation::none)},
        conv_fuse2{128, 128, detail::block_options(1, Activation::none)};  // a sigmoid follows
    nn::ConvBatchNorm<T> conv_fuse{128, 128, detail::block_options(1)};

    struct Features {
        Tensor<T> fused8, attended16;  // [N, 128, H/8, W/8], [N, 128, H/16, W/16]
    };

    void visit(nn::Visitor& v) override {
        v("resnet", resnet);
        v("arm32", arm32);
        v("arm16", arm16);
        v("arm8", arm8);
        v("sp16", sp16);
        v("sp8", sp8);
        v("conv_head32", conv_head32);
        v("conv_head16", conv_head16);
        v("conv_fuse1", conv_fuse1);
        v("conv_fuse2", conv_fuse2);
        v("conv_fuse", conv_fuse);
    }
    const char* kind() const override { return "ContextPath"; }

    Features forward(const Tensor<T>& x, Where site = Where::here()) {
        const auto [f8, f16, f32] = resnet.forward(x, site);
        const Tensor<T> a32 = arm32.forward(f32, site), a16 = arm16.forward(f16, site);
        const Tensor<T> u32 = conv_head32(detail::upsample(a32, f16, site), site);
        const Tensor<T> c16 = detail::upsample(sp16(cat<T>({u32, a16}, 1, site), site), f8, site);
        const Tensor<T> u16 = conv_head16(detail::upsample(a16, f8, site), site);
        const Tensor<T> c8 = sp8(cat<T>({u16, arm8.forward(f8, site)}, 1, site), site);
        // Each scale decides where the next finer one is believed.
        const Tensor<T> gated16 = sigmoid(gate16(a32, f8, site), site) * c16;
        return {conv_fuse(c8 * sigmoid(conv_fuse2(gated16, site), site), site), a16};
    }

private:
    // conv_fuse1 of a32 in the size of f8. A 1x1 kernel may go before the interpolation, whose weights sum to one, and
    // then has a sixteenth of the pixels; but while training batch norm takes its statistics from the larger image.
    Tensor<T> gate16(const Tensor<T>& a32, const Tensor<T>& f8, Where site) {
        return conv_fuse1.bn.is_training() ? conv_fuse1(detail::upsample(a32, f8, site), site)
                                           : detail::upsample(conv_fuse1(a32, site), f8, site);
    }
};

// 3x3 convolution block, then 1x1 to the classes.
template <FloatElement T>
class SegmentationHead : public nn::Module {
public:
    nn::ConvBatchNorm<T> conv;
    nn::Conv2d<T> conv_out;

    SegmentationHead(std::int64_t in, std::int64_t middle, std::int64_t classes)
        : conv(in, middle, detail::block_options(3)), conv_out(middle, classes, {.kernel_size = 1, .bias = false}) {}
    void visit(nn::Visitor& v) override {
        v("conv", conv);
        v("conv_out", conv_out);
    }
    const char* kind() const override { return "SegmentationHead"; }
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) { return conv_out(conv(x, site), site); }
};

template <FloatElement T>
class SegmentationNet : public nn::Module {
public:
    ContextPath<T> cp;
    SegmentationHead<T> conv_out, conv_out16;

    struct Logits {
        Tensor<T> main, auxiliary;  // [N, classes, H, W]
    };

    // fast: float. bf16, for a net of float on the CPU: the weights stay what they are, products are of factors in
    // bfloat16 and summed in float; faster where the machine has AMX. In eval() under NoGrad what lies between layers
    // is bfloat16, too; otherwise it is float, and so are all gradients.
    Precision precision = Precision::fast;

    // Without values: forward throws until weights are loaded.
    explicit SegmentationNet(std::int64_t classes = 9) : conv_out(128, 128, classes), conv_out16(128, 64, classes) {}
    // Kaiming normal: with a = 1 (standard deviation 1 / sqrt(fan_in)) for the net's own convolutions, and as
    // torchvision's for the ResNet (sqrt(2 / fan_out)), whose ImageNet weights cp.resnet.load_imagenet() takes.
    explicit SegmentationNet(Generator& gen, std::int64_t classes = 9, Where site = Where::here())
        : SegmentationNet(classes) {
        for (const auto& [name, module] : this->named_modules()) {
            auto* conv = dynamic_cast<nn::Conv2d<T>*>(module);
            if (!conv) continue;
            if (name.rfind("cp.resnet.", 0) == 0)
                nn::init::kaiming_normal_(conv->weight, gen, {.mode = nn::init::FanMode::fan_out}, site);
            else
                nn::init::kaiming_normal_(conv->weight, gen, {.a = 1}, site);
        }
    }
    void visit(nn::Visitor& v) override {
        v("cp", cp);
        v("conv_out", conv_out);
        v("conv_out16", conv_out16);
    }
    const char* kind() const override { return "SegmentationNet"; }

    // x [N, 3, H, W], RGB in [0, 1]. Training needs a batch of two or more: the attention normalises one value per
    // image.
    Logits forward(const Tensor<T>& x, Where site = Where::here()) {
        this->check_initialised(site);
        if (in_one_piece(x, site)) return forward_in_one_piece(x, site);
        set_layers_precision();
        const auto features = cp.forward(x, site);
        return {full_size(conv_out.forward(features.fused8, site), x, site),
                full_size(conv_out16.forward(features.attended16, site), x, site)};
    }

private:
    static Tensor<T> full_size(const Tensor<T>& logits, const Tensor<T>& x, Where site) {
        return interpolate(logits, {x.shape()[2], x.shape()[3]},
                           {.mode = Interpolation::bilinear, .align_corners = true}, site);
    }

    // Whether forward_in_one_piece computes this.
    bool in_one_piece(const Tensor<T>& x, Where site) const {
        if (precision == Precision::fast) return false;
        if (precision != Precision::bf16) fail("SegmentationNet", site, {"precision is none of fast and bf16"});
        if (!std::is_same_v<T, float>) fail("SegmentationNet", site, {"precision bf16 needs a net of float"});
        if (!x.device().is_cpu())
            fail("SegmentationNet", site, {"precision bf16 needs x on the CPU, got ", x.device()});
        if (const Shape& s = x.shape(); s.rank() != 4 || s[1] != 3 || s.numel() == 0)
            fail("SegmentationNet", site, {"x has shape ", s, ", expected [N,3,H,W] with at least one pixel"});
        return !this->is_training() && !grad_enabled();
    }

    // `precision` may be set at any time; its layers' options follow.
    void set_layers_precision() {
        if (precision == layers_precision_) return;
        for (const auto& [name, module] : this->named_modules())
            if (auto* conv = dynamic_cast<nn::Conv2d<T>*>(module)) conv->options.precision = precision;
        layers_precision_ = precision;
    }

    // The net up to its logits at 1/8 and 1/16 of the size (segmentation_frame.hpp), then as in float.
    Logits forward_in_one_piece(const Tensor<T>& x, Where site) {
        if constexpr (std::is_same_v<T, float>) {
            const ModuleScope scope(this->path());
            const Ref<detail::SegmentationFrame> frame = prepared_.of(layers(), site);
            const Shape &s = x.shape(), &strides = x.strides();
            const detail::LevelSize size{s[2], s[3]};
            const auto logits = [&](int level) {
                const auto [height, width] = size.at(level);
                return fused::new_images<float>({s[0], frame->logits_step(), height, width}, x, "SegmentationNet",
                                                site);
            };
            Tensor<float> main = logits(3), auxiliary = logits(4);
            float* const out[] = {main.mutable_data(), auxiliary.mutable_data()};
            frame->run({x.data(), s[0], strides[0], strides[1], strides[2], strides[3], size}, out);
            const std::int64_t classes = conv_out.conv_out.weight.shape()[0];
            return {full_size(narrow(main, 1, 0, classes, site), x, site),
                    full_size(narrow(auxiliary, 1, 0, classes, site), x, site)};
        }
        return {};
    }

    // In the order of detail::segmentation_layers.
    std::vector<detail::ConvTensors> layers() const {
        std::vector<detail::ConvTensors> all;
        const auto add = [&](const nn::ConvBatchNorm<T>& c) {
            all.push_back(
                {c.conv.weight, c.bn.weight, c.bn.bias, c.bn.running_mean, c.bn.running_var, c.bn.settings.eps});
        };
        const auto add_classes = [&](const SegmentationHead<T>& head) {
            all.push_back({head.conv_out.weight, {}, {}, {}, {}, 0});
        };
        add(cp.resnet.stem);
        for (const auto& stage : cp.resnet.layers)
            for (const BasicBlock<T>& block : stage) {
                if (block.down) add(*block.down);
                add(block.first), add(block.second);
            }
        for (const auto* arm : {&cp.arm32, &cp.arm16, &cp.arm8}) add(arm->conv);
        for (const auto* arm : {&cp.arm32, &cp.arm16, &cp.arm8}) add(arm->attention);
        add(cp.conv_head32), add(cp.sp16), add(cp.conv_head16), add(cp.sp8), add(conv_out16.conv);
        add_classes(conv_out16);
        add(cp.conv_fuse1), add(cp.conv_fuse2), add(cp.conv_fuse), add(conv_out.conv);
        add_classes(conv_out);
        return all;
    }

    detail::PreparedSegmentation prepared_;
    Precision layers_precision_ = Precision::fast;
};

}  // namespace fathom::inline v0::seafusion
