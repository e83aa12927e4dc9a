// LayerNorm: ops/layer_norm.hpp with weight and bias.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/layer_norm.hpp"

namespace fathom::inline v0::nn {

// Normalises the last dimensions of its input, those of normalized_shape. Starts as the identity behind the
// normalisation: weight 1, bias 0.
template <FloatElement T>
class LayerNorm : public Module {
public:
    Parameter<T> weight, bias;  // normalized_shape
    double eps;

    explicit LayerNorm(const Shape& normalized_shape, double epsilon = 1e-5, Where site = Where::here())
        : eps(epsilon) {
        if (normalized_shape.rank() == 0) fail("LayerNorm", site, {"normalized_shape must have a dimension at least"});
        weight = Parameter<T>(ones<T>(normalized_shape), true, site);
        bias = Parameter<T>(zeros<T>(normalized_shape), true, site);
    }

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
    }
    const char* kind() const override { return "LayerNorm"; }

    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        const ModuleScope scope(path());
        return layer_norm(x, weight.shape(), weight, bias, eps, site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return forward(x, site); }
};

}  // namespace fathom::inline v0::nn
