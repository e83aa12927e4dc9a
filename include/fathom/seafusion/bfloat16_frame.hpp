// The fusion net's inference in bfloat16: activations and weights of two bytes, sums in float, the image itself and the
// first layer in float, and the last layer's weights to 16 bits. Depth-first (depth_first.hpp), so that memory is a few
// megabytes for each thread.
#pragma once

#include <span>

#include "fathom/core/allocator.hpp"
#include "fathom/core/refcount.hpp"
#include "fathom/seafusion/fusion_layers.hpp"

namespace fathom::inline v0::seafusion::detail {

// Weights, converted and packed once.
class Bfloat16Frame : public Refcounted {
public:
    explicit Bfloat16Frame(std::span<const LayerWeights> layers);  // in the order of fusion_layers

    // y, ir, out [N, height, width], row-major. On any thread.
    void run(const FrameShape& shape, const float* y, const float* ir, float* out) const;

private:
    friend struct Bfloat16Rows;
    struct Packed {
        std::int64_t weights = 0, bias = 0;  // offsets in bytes
    };
    static std::int64_t layout(std::array<Packed, fusion_layer_count>& packed);
    template <class T>
    T* at(std::int64_t offset) const {
        return reinterpret_cast<T*>(memory_.as<char>() + offset);
    }

    std::array<Packed, fusion_layer_count> packed_;
    Scratch memory_;
};

}  // namespace fathom::inline v0::seafusion::detail

#ifndef FATHOM_COMPILED
#include "fathom/seafusion/bfloat16_frame.inl.hpp"
#endif
