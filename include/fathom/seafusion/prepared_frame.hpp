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
    // layers: in the order of fusion_layers.
    Ref<FusionFrame> of(Precision precision, const std::vector<LayerTensors>& layers, Where site) {
        std::vector<AnyTensor> sources;
        for (const LayerTensors& layer : layers)
            for (const Tensor<float>* x : {&layer.weight, &layer.bias, &layer.second, &layer.second_bias})
                if (x->defined()) sources.push_back(x->untyped());
        return kept_.of(
            sources, [&](const FusionFrame& frame) { return frame.is_for(precision); },
            [&] { return prepare(precision, layers, site); });
    }

private:
    static Ref<FusionFrame> prepare(Precision precision, const std::vector<LayerTensors>& layers, Where site) {
        const NoGrad off;
        std::vector<Tensor<float>> dense;  // alive until all are converted
        const auto values = [&](const Tensor<float>& x) -> const float* {
            if (!x.defined()) return nullptr;
            dense.push_back(contiguous(x, MemoryFormat::row_major, site));
            return dense.back().data();
        };
        std::vector<LayerWeights> weights;
        for (const LayerTensors& layer : layers) {
            const Shape& s = layer.weight.shape();
            weights.push_back({values(layer.weight), values(layer.bias), values(layer.second),
                               values(layer.second_bias), static_cast<int>(s[0]), static_cast<int>(s[1])});
        }
        return new FusionFrame(precision, weights);
    }

    Prepared<FusionFrame> kept_;
};

}  // namespace fathom::inline v0::seafusion::detail
