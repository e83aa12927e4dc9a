// SeAFusion's fusion net: luminance and infrared in, fused luminance out. Tang, Yuan, Ma, Information Fusion 82 (2022),
// figure 2. 166,657 parameters with trainable Sobel filters, 164,929 with fixed ones. The names are those of the
// released weights. Next: grdb.hpp (its dense block), fusion_trainer.hpp; strips.hpp (little memory), depth_first.hpp
// (inference).
#pragma once

#include "fathom/nn/conv.hpp"
#include "fathom/seafusion/grdb.hpp"
#include "fathom/seafusion/prepared_frame.hpp"
#include "fathom/seafusion/strips.hpp"

namespace fathom::inline v0::seafusion {

// fixed: the filters start exact and are buffers (the paper's text). trainable: they are parameters (the released net,
// whose filters have drifted). none: they are buffers of zeros, which switches the gradient stream off (the paper's
// ablation): its convolutions learn nothing but their biases. In any case they are in the state dict, and forward uses
// the values that are there.
enum class Sobel { fixed, trainable, none };

// What the convolutions of a block see. dense: all that came before them in it. chain: the last of it alone (the
// paper's ablation): the weights for the rest are zeros, and stay so in training, so that other nets compute the same
// with them.
enum class Connections { dense, chain };

// A convolution named `conv`, as each is in the released net; kernel x kernel, padded to keep the size.
template <FloatElement T>
struct ConvLayer : nn::Module {
    nn::Conv2d<T> conv;

    ConvLayer(std::int64_t in, std::int64_t out, std::int64_t kernel, Generator* gen)
        : conv(in, out, {.kernel_size = kernel, .padding = kernel / 2}) {
        if (gen) nn::init::default_(conv.weight, conv.bias, *gen);
    }
    void visit(nn::Visitor& v) override { v("conv", conv); }
    Tensor<T> forward(const Tensor<T>& x, const Conv2dOptions& options, Where site) const {
        const ModuleScope scope(conv.path());
        return conv2d(x, conv.weight, conv.bias, options, site);
    }
};

// One 3x3 filter per channel, a parameter or a buffer.
template <FloatElement T>
class SobelFilter : public nn::Module {
public:
    SobelFilter(std::int64_t channels, bool transposed, Sobel kind) {
        const Tensor<T> exact = fathom::to<T>(fathom::detail::sobel_filter(channels, transposed, Where::here()));
        if (kind == Sobel::trainable)
            parameter_ = nn::Parameter<T>(exact);
        else
            buffer_ = nn::Buffer<T>(kind == Sobel::none ? zeros<T>(exact.shape()) : exact);
    }
    const Tensor<T>& weight() const {
        return parameter_.defined() ? static_cast<const Tensor<T>&>(parameter_) : buffer_;
    }                                      // [C, 1, 3, 3]
    void visit(nn::Visitor& v) override {  // the undefined one is left out
        v("weight", parameter_);
        v("weight", buffer_);
    }

private:
    nn::Parameter<T> parameter_;
    nn::Buffer<T> buffer_;
};

// The gradient residual dense block; grdb.hpp computes it.
template <FloatElement T>
struct Grdb : nn::Module {
    struct Dense : nn::Module {
        ConvLayer<T> conv1, conv2;
        Dense(std::int64_t c, Generator* gen) : conv1(c, c, 3, gen), conv2(2 * c, c, 3, gen) {}
        void visit(nn::Visitor& v) override {
            v("conv1", conv1);
            v("conv2", conv2);
        }
    };
    struct SobelPair : nn::Module {
        SobelFilter<T> convx, convy;
        SobelPair(std::int64_t c, Sobel kind) : convx(c, false, kind), convy(c, true, kind) {}
        void visit(nn::Visitor& v) override {
            v("convx", convx);
            v("convy", convy);
        }
    };
    Dense dense;
    ConvLayer<T> convdown;
    SobelPair sobelconv;
    ConvLayer<T> convup;
    Connections connections;

    Grdb(std::int64_t in, std::int64_t out, Sobel kind, Connections c, Generator* gen)
        : dense(in, gen), convdown(3 * in, out, 1, gen), sobelconv(in, kind), convup(in, out, 1, gen), connections(c) {
        if (!gen || c == Connections::dense) return;
        const NoGrad off;
        dense.conv2.conv.weight = nn::Parameter<T>(conv2_weight(Where::here()));
        convdown.conv.weight = nn::Parameter<T>(down_weight(Where::here()));
    }
    void visit(nn::Visitor& v) override {
        v("dense", dense);
        v("convdown", convdown);
        v("sobelconv", sobelconv);
        v("convup", convup);
    }

    // `buffer` [N, 3 in, H, W] holds x in its first channels; the result is written into `out` [N, out, H, W].
    Tensor<T> forward(const AnyTensor& buffer, const Tensor<T>& x, const AnyTensor& out, Precision precision,
                      Where site) const {
        const ModuleScope scope(this->path());
        const auto &c1 = dense.conv1.conv, &c2 = dense.conv2.conv, &down = convdown.conv, &up = convup.conv;
        return detail::Grdb<T>::forward(buffer, x,
                                        {c1.weight, c1.bias, conv2_weight(site), c2.bias, down_weight(site), down.bias,
                                         up.weight, up.bias, sobelconv.convx.weight(), sobelconv.convy.weight()},
                                        out.as<T>(site), precision, site);
    }

    // Of [x, y1] and of [x, y1, y2].
    Tensor<T> conv2_weight(Where site) const { return seen(dense.conv2.conv.weight, 2, site); }
    Tensor<T> down_weight(Where site) const { return seen(convdown.conv.weight, 3, site); }

private:
    // Where only the last of `parts` inputs is seen, no gradient flows to the weights of the others.
    Tensor<T> seen(const Tensor<T>& weight, std::int64_t parts, Where site) const {
        if (connections == Connections::dense) return weight;
        const Shape& s = weight.shape();
        const std::int64_t last = s[1] / parts, before = s[1] - last;
        return cat<T>(
            {zeros<T>({s[0], before, s[2], s[3]}, weight.device(), site), narrow(weight, 1, before, last, site)}, 1,
            site);
    }
};

template <FloatElement T>
class FusionNet : public nn::Module {
public:
    ConvLayer<T> vis_conv;
    Grdb<T> vis_rgbd1, vis_rgbd2;
    ConvLayer<T> inf_conv;
    Grdb<T> inf_rgbd1, inf_rgbd2;
    ConvLayer<T> decode4, decode3, decode2, decode1;
    // fast: convolutions by Winograd where that pays. strict: direct sums, several times closer to the exact result and
    // twice as slow. bf16, for a net of float: the weights stay what they are, products are of factors in bfloat16 and
    // summed in float; several times as fast on a GPU, and under NoGrad where a CPU has AMX, and the fused image
    // differs by 0.14 grey levels on average. tf32, on a GPU: factors with 11 significant bits instead of 8.
    Precision precision = Precision::fast;
    // Rows that training has in memory at once, and some around them; 0: all, which is the fastest. Gradients are the
    // whole image's but for the order of sums; backward computes the net once more.
    std::int64_t strip_rows = 0;

    // Uninitialised: forward throws until weights are loaded.
    explicit FusionNet(Sobel kind = Sobel::fixed, Connections connections = Connections::dense)
        : FusionNet(kind, connections, nullptr) {}
    // PyTorch's default initialisation.
    explicit FusionNet(Generator& gen, Sobel kind = Sobel::fixed, Connections connections = Connections::dense)
        : FusionNet(kind, connections, &gen) {}

    void visit(nn::Visitor& v) override {
        v("vis_conv", vis_conv);
        v("vis_rgbd1", vis_rgbd1);
        v("vis_rgbd2", vis_rgbd2);
        v("inf_conv", inf_conv);
        v("inf_rgbd1", inf_rgbd1);
        v("inf_rgbd2", inf_rgbd2);
        v("decode4", decode4);
        v("decode3", decode3);
        v("decode2", decode2);
        v("decode1", decode1);
    }
    const char* kind() const override { return "FusionNet"; }

    // Luminance y and infrared ir [N, 1, H, W], both in [0, 1] -> fused luminance [N, 1, H, W], in (0, 1). Under NoGrad
    // on the CPU the layers run a few rows at a time (depth_first.hpp), in megabytes of memory; on another device in
    // bf16 a block or two at a time; strict, and where an observer wants to see every layer, one by one, as in
    // training.
    Tensor<T> forward(const Tensor<T>& y, const Tensor<T>& ir, Where site = Where::here()) {
        const Shape& s = y.shape();
        if (s.rank() != 4 || s[1] != 1 || s.numel() == 0)
            fail("FusionNet", site, {"y has shape ", s, ", expected [N,1,H,W] with at least one pixel"});
        if (!(ir.shape() == s))
            fail("FusionNet", site, {"y has shape ", s, ", ir ", ir.shape(), "; expected the same"});
        fused::check_device(y, ir, "FusionNet", site);
        this->check_initialised(site);
        if (strip_rows < 0) fail("FusionNet", site, {"strip_rows is ", strip_rows, ", expected 0 or more"});
        if (in_one_piece(y, site)) return forward_in_one_piece(y, ir, site);
        if (strip_rows > 0 && grad_enabled()) return detail::FusionInStrips<T>::forward(*this, y, ir, site);
        const AnyTensor features = fused::new_images({s[0], 96, s[2], s[3]}, y, "FusionNet", site);  // visible first
        const Tensor<T> vis =
            encode(y, vis_conv, vis_rgbd1, vis_rgbd2, fused::channels_of(features, 0, 48), precision, site);
        const Tensor<T> inf =
            encode(ir, inf_conv, inf_rgbd1, inf_rgbd2, fused::channels_of(features, 48, 48), precision, site);
        const Conv2dOptions leaky{
            .padding = 1, .activation = Activation::leaky_relu, .slope = 0.2, .precision = precision};
        auto x = fused::join_channels(features, {vis, inf}, site).template as<T>(site);
        for (const ConvLayer<T>* layer : {&decode4, &decode3, &decode2}) x = layer->forward(x, leaky, site);
        return tanh(decode1.forward(x, {.padding = 1, .precision = precision}, site), site) * T{0.5} + T{0.5};
    }

private:
    FusionNet(Sobel kind, Connections c, Generator* gen)
        : vis_conv(1, 16, 3, gen),
          vis_rgbd1(16, 32, kind, c, gen),
          vis_rgbd2(32, 48, kind, c, gen),
          inf_conv(1, 16, 3, gen),
          inf_rgbd1(16, 32, kind, c, gen),
          inf_rgbd2(32, 48, kind, c, gen),
          decode4(96, 64, 3, gen),
          decode3(64, 32, 3, gen),
          decode2(32, 16, 3, gen),
          decode1(16, 1, 3, gen) {}

    // Whether forward_in_one_piece computes this.
    bool in_one_piece(const Tensor<T>& y, Where site) const {
        const bool cpu = y.device().is_cpu();
        if (precision == Precision::fast || precision == Precision::strict)
            return std::is_same_v<T, float> && precision == Precision::fast && !grad_enabled() && cpu &&
                   !ObserveScope::any();
        if (precision != Precision::tf32 && precision != Precision::bf16)
            fail("FusionNet", site, {"precision is none of fast, strict, tf32 and bf16"});
        const char* const name = precision == Precision::bf16 ? "bf16" : "tf32";
        if (!std::is_same_v<T, float>) fail("FusionNet", site, {"precision ", name, " needs a net of float"});
        if (cpu && precision == Precision::tf32)
            fail("FusionNet", site, {"precision tf32 is a GPU's, but y and ir are on the CPU"});
        return precision == Precision::bf16 && !grad_enabled();
    }

    Tensor<T> forward_in_one_piece(const Tensor<T>& y, const Tensor<T>& ir, Where site) {
        Tensor<T> out = empty<T>(y.shape(), y.device(), site);
        if constexpr (std::is_same_v<T, float>) {
            const ModuleScope scope(this->path());
            prepared_.run(precision, layers(site), contiguous(y, MemoryFormat::row_major, site),
                          contiguous(ir, MemoryFormat::row_major, site), out, site);
            fathom::detail::observe(out, "FusionNet", site, {y, ir});
        }
        return out;
    }

    // In the order of detail::fusion_layers.
    std::vector<detail::LayerTensors> layers(Where site) const {
        std::vector<detail::LayerTensors> all;
        const auto add = [&](const ConvLayer<T>& layer) {
            all.push_back({layer.conv.weight, layer.conv.bias, {}, {}});
        };
        const auto add_block = [&](const Grdb<T>& block) {
            add(block.dense.conv1);
            all.push_back({block.conv2_weight(site), block.dense.conv2.conv.bias, {}, {}});
            all.push_back({block.sobelconv.convx.weight(), {}, block.sobelconv.convy.weight(), {}});
            const auto &down = block.convdown.conv, &up = block.convup.conv;
            all.push_back({block.down_weight(site), down.bias, up.weight, up.bias});
        };
        add(vis_conv), add_block(vis_rgbd1), add_block(vis_rgbd2);
        add(inf_conv), add_block(inf_rgbd1), add_block(inf_rgbd2);
        for (const ConvLayer<T>* layer : {&decode4, &decode3, &decode2, &decode1}) add(*layer);
        return all;
    }

    // Stem and two blocks; each writes into the buffer of the next, the last one into `out`.
    static Tensor<T> encode(const Tensor<T>& image, const ConvLayer<T>& stem, const Grdb<T>& block1,
                            const Grdb<T>& block2, const AnyTensor& out, Precision precision, Where site) {
        const Shape& s = image.shape();
        const auto buffer = [&](std::int64_t channels) {
            return fused::new_images({s[0], channels, s[2], s[3]}, image, "FusionNet", site);
        };
        const AnyTensor buffer1 = buffer(48);
        const ModuleScope scope(stem.conv.path());
        const Tensor<T> x1 = fused::conv2d_into<T>(
            image, stem.conv.weight, stem.conv.bias,
            {.padding = 1, .activation = Activation::leaky_relu, .slope = 0.2, .precision = precision},
            fused::channels_of(buffer1, 0, 16), site);
        const AnyTensor buffer2 = buffer(96);
        const Tensor<T> x2 = block1.forward(buffer1, x1, fused::channels_of(buffer2, 0, 32), precision, site);
        return block2.forward(buffer2, x2, out, precision, site);
    }

    detail::PreparedFrame prepared_;
};

}  // namespace fathom::inline v0::seafusion
