// A fusion net's weights as a depth-first frame wants them (frame.hpp). Next: fusion_net.hpp.
#pragma once

#include <vector>

#include "fathom/ops/copy.hpp"
#include "fathom/seafusion/frame.hpp"
#include "fathom/seafusion/prepared.hpp"

namespace fathom::inline v0::seafusion::detail {

// LayerWeights as tensors; what a layer has not is undefined.
struct LayerTensors {
    Tensor<float> weight, bias, second, second_bias;
};

class PreparedFrame {
public:
    // out = the fused image of y and ir, all dense and on one device. layers: in the order of fusion_layers.
    void run(Precision precision, const std::vector<LayerTensors>& layers, const Tensor<float>& y,
             const Tensor<float>& ir, const Tensor<float>& out, Where site) {
        using fathom::detail::array_of;
        const NoGrad off;
        std::vector<Tensor<float>> dense;  // alive until they have been read
        abi::FusionFrameArgs args{array_of(y), array_of(ir), array_of(out), nullptr, nullptr, precision};
        std::vector<abi::FrameLayer> list;
        Ref<FusionFrame> prepared;
        if (y.device().is_cpu()) {
            prepared = of(precision, layers, site);
            args.prepared = prepared.get();
        } else {
            list = arrays_of(layers, dense, site);
            args.layers = list.data();
        }
        fathom::detail::run(y, "FusionNet", site, operation::fusion_frame, &run_on_cpu, args);
    }

private:
    static void run_on_cpu(const abi::Call&, const abi::FusionFrameArgs& a) {
        static_cast<const FusionFrame*>(a.prepared)
            ->run({a.y.shape[0], a.y.shape[2], a.y.shape[3]}, cpu::data<const float>(a.y), cpu::data<const float>(a.ir),
                  cpu::data<float>(a.out));
    }

    Ref<FusionFrame> of(Precision precision, const std::vector<LayerTensors>& layers, Where site) {
        std::vector<AnyTensor> sources;
        for (const LayerTensors& layer : layers)
            for (const Tensor<float>* x : {&layer.weight, &layer.bias, &layer.second, &layer.second_bias})
                if (x->defined()) sources.push_back(x->untyped());
        return kept_.of(
            sources, [&](const FusionFrame& frame) { return frame.is_for(precision); },
            [&] { return prepare(precision, layers, site); });
    }

    // What a layer has not is absent.
    static std::vector<abi::FrameLayer> arrays_of(const std::vector<LayerTensors>& layers,
                                                  std::vector<Tensor<float>>& dense, Where site) {
        const auto array = [&](const Tensor<float>& x) {
            if (x.defined()) dense.push_back(contiguous(x, MemoryFormat::row_major, site));
            return fathom::detail::array_of(x.defined() ? dense.back().untyped() : AnyTensor());
        };
        std::vector<abi::FrameLayer> arrays;
        for (const LayerTensors& layer : layers)
            arrays.push_back({array(layer.weight), array(layer.bias), array(layer.second), array(layer.second_bias)});
        return arrays;
    }

    static Ref<FusionFrame> prepare(Precision precision, const std::vector<LayerTensors>& layers, Where site) {
        std::vector<Tensor<float>> dense;  // alive until all are converted
        const std::vector<abi::FrameLayer> arrays = arrays_of(layers, dense, site);
        std::vector<LayerWeights> weights;
        for (const abi::FrameLayer& layer : arrays) {
            using cpu::data;
            weights.push_back({data<const float>(layer.weight), data<const float>(layer.bias),
                               data<const float>(layer.second), data<const float>(layer.second_bias),
                               static_cast<int>(layer.weight.shape[0]), static_cast<int>(layer.weight.shape[1])});
        }
        return new FusionFrame(precision, weights);
    }

    Prepared<FusionFrame> kept_;
};

}  // namespace fathom::inline v0::seafusion::detail
