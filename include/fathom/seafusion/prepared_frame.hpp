// A fusion net's weights as a depth-first frame wants them (frame.hpp), kept until something writes into what
// they were made from. Next: fusion_net.hpp.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "fathom/ops/copy.hpp"
#include "fathom/seafusion/frame.hpp"

namespace fathom::inline v0::seafusion::detail {

// LayerWeights as tensors; what a layer has not is undefined.
struct LayerTensors {
    Tensor<float> weight, bias, second, second_bias;

    template <class F>
    void each(F f) const {
        for (const Tensor<float>* x : {&weight, &bias, &second, &second_bias})
            if (x->defined()) f(x->untyped());
    }
};

// For a net whose forward runs on several threads: each may prepare once.
class PreparedFrame {
public:
    PreparedFrame() = default;
    PreparedFrame(const PreparedFrame& other) : kept_(other.get()) {}
    PreparedFrame& operator=(const PreparedFrame& other) {
        set(other.get());
        return *this;
    }

    // layers: in the order of fusion_layers.
    Ref<FusionFrame> of(Precision precision, const std::vector<LayerTensors>& layers, Where site) {
        std::vector<Source> sources;
        for (const LayerTensors& layer : layers)
            layer.each([&](const AnyTensor& x) {
                const Ref<Storage>& storage = x.impl().storage;
                sources.push_back({storage, storage->version()});
            });
        Ref<Kept> kept = get();
        if (!kept || kept->precision != precision || kept->sources != sources || !kept->frame->current()) {
            kept = new Kept(precision, prepare(precision, layers, site), std::move(sources));
            set(kept);
        }
        return kept->frame;
    }

private:
    struct Source {
        Ref<Storage> storage;
        std::uint32_t version;
        friend bool operator==(const Source&, const Source&) = default;
    };
    struct Kept final : Refcounted {
        const Precision precision;
        const Ref<FusionFrame> frame;
        const std::vector<Source> sources;
        Kept(Precision p, Ref<FusionFrame> f, std::vector<Source> s)
            : precision(p), frame(std::move(f)), sources(std::move(s)) {}
    };

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

    Ref<Kept> get() const {
        const std::lock_guard lock(mutex_);
        return kept_;
    }
    void set(Ref<Kept> kept) {
        const std::lock_guard lock(mutex_);
        std::swap(kept_, kept);
    }

    mutable std::mutex mutex_;
    Ref<Kept> kept_;
};

}  // namespace fathom::inline v0::seafusion::detail
