// Upsample: interpolate as a module, for Sequential.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/interpolate.hpp"

namespace fathom::inline v0::nn {

// nn::Upsample({.scale_factor = 2, .mode = Interpolation::bilinear}), or with a size before the options.
class Upsample : public Module {
public:
    Pair size = 0;  // 0: the options have a scale
    InterpolateOptions options;

    explicit Upsample(const InterpolateOptions& o) : options(o) {}
    explicit Upsample(Pair output_size, const InterpolateOptions& o = {}) : size(output_size), options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "Upsample"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        const bool scaled = size.h == 0 && size.w == 0;
        return scaled ? interpolate(x, options, site) : interpolate(x, size, options, site);
    }
};

}  // namespace fathom::inline v0::nn
