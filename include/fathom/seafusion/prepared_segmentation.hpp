// A segmentation net's weights as its frame in bfloat16 wants them (segmentation_frame.hpp). Next:
// segmentation_net.hpp.
#pragma once

#include <vector>

#include "fathom/ops/copy.hpp"
#include "fathom/seafusion/prepared.hpp"
#include "fathom/seafusion/segmentation_frame.hpp"

namespace fathom::inline v0::seafusion::detail {

// FoldableConv as tensors; without a norm those of it are undefined.
struct ConvTensors {
    Tensor<float> weight, gamma, beta, mean, variance;
    double eps;
};

class PreparedSegmentation {
public:
    // convs: as SegmentationFrame wants them.
    Ref<SegmentationFrame> of(const std::vector<ConvTensors>& convs, Where site) {
        std::vector<AnyTensor> sources;
        std::vector<double> eps;
        for (const ConvTensors& c : convs) {
            for (const Tensor<float>* x : {&c.weight, &c.gamma, &c.beta, &c.mean, &c.variance})
                if (x->defined()) sources.push_back(x->untyped());
            eps.push_back(c.eps);
        }
        return kept_.of(
            sources, [&](const SegmentationFrame& frame) { return frame.eps() == eps; },
            [&] { return prepare(convs, site); });
    }

private:
    static Ref<SegmentationFrame> prepare(const std::vector<ConvTensors>& convs, Where site) {
        const NoGrad off;
        std::vector<Tensor<float>> dense;  // alive until all are converted
        const auto values = [&](const Tensor<float>& x) -> const float* {
            if (!x.defined()) return nullptr;
            dense.push_back(contiguous(x, MemoryFormat::row_major, site));
            return dense.back().data();
        };
        std::vector<FoldableConv> all;
        for (const ConvTensors& c : convs) {
            const Shape& s = c.weight.shape();
            all.push_back({static_cast<int>(s[0]), static_cast<int>(s[1]), values(c.weight), values(c.gamma),
                           values(c.beta), values(c.mean), values(c.variance), c.eps});
        }
        return new SegmentationFrame(all);
    }

    Prepared<SegmentationFrame> kept_;
};

}  // namespace fathom::inline v0::seafusion::detail
