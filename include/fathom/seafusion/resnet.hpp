// ResNet-18 without its classifier, as an encoder: He et al., CVPR 2016. Parameter names and arithmetic are
// torchvision's, so that its ImageNet weights load. Next: segmentation_net.hpp.
#pragma once

#include <array>
#include <optional>

#include "fathom/nn/batch_norm.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/ops/pool.hpp"

namespace fathom::inline v0::seafusion {

// relu(bn2(conv2(relu(bn1(conv1(x))))) + x), or + downsample(x) where the size changes.
template <FloatElement T>
class BasicBlock : public nn::Module {
public:
    nn::ConvBatchNorm<T> first, second;        // 3x3
    std::optional<nn::ConvBatchNorm<T>> down;  // 1x1

    BasicBlock(std::int64_t in, std::int64_t out, std::int64_t stride)
        : first(in, out, {.kernel_size = 3, .stride = stride, .padding = 1, .activation = Activation::relu}),
          second(out, out, {.kernel_size = 3, .padding = 1, .activation = Activation::relu}) {
        if (stride != 1 || in != out) down.emplace(in, out, nn::ConvOptions{.kernel_size = 1, .stride = stride});
    }
    void visit(nn::Visitor& v) override {
        v("conv1", first.conv);
        v("bn1", first.bn);
        v("conv2", second.conv);
        v("bn2", second.bn);
        if (!down) return;
        v("downsample.0", down->conv);
        v("downsample.1", down->bn);
    }
    const char* kind() const override { return "BasicBlock"; }
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) {
        return second.forward(first(x, site), down ? down->forward(x, site) : x, site);
    }
};

template <FloatElement T>
class ResNet18 : public nn::Module {
public:
    nn::ConvBatchNorm<T> stem;  // 7x7, stride 2
    std::array<nn::ModuleList<BasicBlock<T>>, 4> layers;

    struct Features {
        Tensor<T> f8, f16, f32;  // [N, 128, H/8, W/8], [N, 256, H/16, W/16], [N, 512, H/32, W/32], sizes rounded up
    };

    // Without values: forward throws until weights are loaded or initialised.
    ResNet18() : stem(3, 64, {.kernel_size = 7, .stride = 2, .padding = 3, .activation = Activation::relu}) {
        std::int64_t in = 64;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::int64_t out = std::int64_t{64} << i;
            layers[i].emplace_back(in, out, i == 0 ? 1 : 2);
            layers[i].emplace_back(out, out, 1);
            in = out;
        }
    }
    void visit(nn::Visitor& v) override {
        v("conv1", stem.conv);
        v("bn1", stem.bn);
        constexpr const char* names[] = {"layer1", "layer2", "layer3", "layer4"};
        for (std::size_t i = 0; i < 4; ++i) v(names[i], layers[i]);
    }
    const char* kind() const override { return "ResNet18"; }

    // x [N, 3, H, W].
    Features forward(const Tensor<T>& x, Where site = Where::here()) {
        Tensor<T> y = max_pool2d(stem(x, site), {.kernel_size = 3, .stride = 2, .padding = 1}, site);
        Tensor<T> out[4];
        for (std::size_t i = 0; i < 4; ++i) {
            for (BasicBlock<T>& block : layers[i]) y = block.forward(y, site);
            out[i] = y;
        }
        return {out[1], out[2], out[3]};
    }

    // Values of torchvision's resnet18: its classifier (fc.*) is passed over; anything else that is missing or unknown
    // throws, and changes nothing.
    void load_imagenet(const StateDict& dict, Where site = Where::here()) {
        StateDict encoder;
        for (const auto& [name, tensor] : dict)
            if (!name.starts_with("fc.") && name.find(".fc.") == std::string::npos) encoder.add(name, tensor);
        this->load_state_dict(encoder, {}, site);
    }
};

}  // namespace fathom::inline v0::seafusion
