// The fusion net's inference, depth-first (depth_first.hpp): its weights, prepared once, and a run over images. In
// float by Winograd; or in bfloat16: activations and weights of two bytes, sums in float, the image itself and the
// first layer in float, the last layer's weights and some layers' inputs to 16 bits. Memory is a few megabytes for each
// thread. Next: frame.inl.hpp.
#pragma once

#include <array>
#include <span>

#include "fathom/abi/operations.hpp"
#include "fathom/core/allocator.hpp"
#include "fathom/core/refcount.hpp"
#include "fathom/kernels/isa.hpp"
#include "fathom/seafusion/fusion_layers.hpp"

namespace fathom::inline v0::seafusion::detail {

class FusionFrame : public Refcounted {
public:
    // precision: fast or bf16; layers: in the order of fusion_layers.
    FusionFrame(Precision precision, std::span<const LayerWeights> layers);

    // y, ir, out [N, height, width], row-major. On any thread.
    void run(const FrameShape& shape, const float* y, const float* ir, float* out) const;

    // Not after set_isa: float weights lie as the ISA's vectors want them.
    bool is_for(Precision precision) const {
        return precision_ == precision && (precision == Precision::bf16 || isa_ == isa());
    }

    // A layer's weights, packed; its input channels that exist; its bias [outputs].
    template <class T>
    const T* weights(int layer) const {
        return at<T>(packed_[static_cast<std::size_t>(layer)].weights);
    }
    int channels(int layer) const { return packed_[static_cast<std::size_t>(layer)].channels; }
    const float* bias(int layer) const { return at<float>(packed_[static_cast<std::size_t>(layer)].bias); }

private:
    struct Packed {
        std::int64_t weights = 0, bias = 0;  // offsets in bytes
        int channels = 0;
    };
    using Layout = std::array<Packed, fusion_layer_count>;
    static std::int64_t layout(Precision precision, Layout& packed);
    template <class T>
    T* at(std::int64_t offset) const {
        return reinterpret_cast<T*>(memory_.as<char>() + offset);
    }

    Precision precision_;
    Isa isa_;
    Layout packed_;
    Scratch memory_;
};

}  // namespace fathom::inline v0::seafusion::detail

#ifndef FATHOM_COMPILED
#include "fathom/seafusion/frame.inl.hpp"
#endif
