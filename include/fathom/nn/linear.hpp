// Linear: y = x weight^T + bias.
#pragma once

#include "fathom/nn/init.hpp"
#include "fathom/nn/module.hpp"
#include "fathom/ops/matmul.hpp"

namespace fathom::inline v0 {

namespace detail {
void check_linear_sizes(std::int64_t in_features, std::int64_t out_features, Where site);
}

namespace nn {

// weight [out_features, in_features], bias [out_features].
template <FloatElement T>
class Linear : public Module {
public:
    Parameter<T> weight, bias;

    Linear(std::int64_t in_features, std::int64_t out_features, Generator& gen, bool with_bias = true,
           Where site = Where::here())
        : Linear(in_features, out_features, with_bias, site) {
        init::default_(weight, bias, gen, site);
    }
    // Without values: forward throws until weights are loaded.
    Linear(std::int64_t in_features, std::int64_t out_features, bool with_bias = true, Where site = Where::here()) {
        detail::check_linear_sizes(in_features, out_features, site);
        weight = Parameter<T>::uninitialised({out_features, in_features}, site);
        if (with_bias) bias = Parameter<T>::uninitialised({out_features}, site);
    }

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
    }
    const char* kind() const override { return "Linear"; }

    // x [..., in_features] -> [..., out_features].
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        require_initialised(site, weight, bias);
        const ModuleScope scope(path());
        return linear(x, weight, bias, site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return forward(x, site); }
};
// Linear(2, 3, gen) is one of float.
template <class... A>
Linear(std::int64_t, std::int64_t, A&&...) -> Linear<float>;

}  // namespace nn
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/linear.inl.hpp"
#endif
