// layer_norm: normalisation of each position over its last dimensions.
#pragma once

#include "fathom/autograd/composite.hpp"
#include "fathom/backend/cpu/layer_norm.hpp"
#include "fathom/ops/images.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

namespace detail {

template <FloatElement T>
struct LayerNorm final : Function {
    static Tensor<T> forward(const Tensor<T>& x, const Shape& normalized, const AnyTensor& given_weight,
                             const AnyTensor& given_bias, double eps, Where site) {
        const char* name = "layer_norm";
        const Shape positions = checked(x, normalized, given_weight, given_bias, name, site);
        const int outer = x.rank() - normalized.rank();
        const auto dense = [&](const AnyTensor& p) {
            return p.defined() ? row_major(p, cpu::kernel<T, Elementwise::copy>, name, site) : p;
        };
        const auto make = [&](const Shape& shape, const Shape& strides) {
            return new_tensor<T>(shape, strides, x.device(), name, site);
        };
        const AnyTensor weight = dense(given_weight), bias = dense(given_bias);
        const Shape kept = row_major_strides(positions);
        const auto y = make(x.shape(), output_strides(x.shape(), {&x.untyped()})), mean = make(positions, kept),
                   inverse_std = make(positions, kept);
        if (x.numel() != 0)
            run(y, name, site, operation::layer_norm, &cpu::layer_norm<T>,
                {.x = array_of(x),
                 .y = array_of(y),
                 .weight = array_of(weight),
                 .bias = array_of(bias),
                 .mean = array_of(mean),
                 .inverse_std = array_of(inverse_std),
                 .eps = eps,
                 .dims = normalized.rank()});
        return finish<LayerNorm>(y, name, site, {x, weight, bias}, [&](LayerNorm& f) {
            f.x = Saved(x), f.weight = Saved(weight), f.bias = Saved(bias);
            f.mean = Saved(mean), f.inverse_std = Saved(inverse_std), f.outer = outer, f.eps = eps;
        });
    }
    // With r = 1 / sqrt(variance + eps), z = (x - mean) r and g = dy weight:
    //   dx      = r (g - mean(g) - z mean(g z))
    //   dweight = sum of dy z over the positions
    //   dbias   = sum of dy over the positions
    void backward(Gradients& g) override {
        const AnyTensor in = x.get(*this);
        const Target dx = g.target_if_needed(0), dweight = g.target_if_needed(1), dbias = g.target_if_needed(2);
        run(in, name, site, operation::layer_norm_backward, &cpu::layer_norm_backward<T>,
            {.x = array_of(in),
             .weight = array_of(weight.get(*this)),
             .mean = array_of(mean.get(*this)),
             .inverse_std = array_of(inverse_std.get(*this)),
             .dy = array_of(g.output()),
             .dx = array_of(dx),
             .dweight = array_of(dweight),
             .dbias = array_of(dbias),
             .dims = in.rank() - outer});
    }
    void backward_recorded(Gradients& g) override {
        const auto in = x.get_recorded<T>(*this), w = weight.get_recorded<T>(*this), b = bias.get_recorded<T>(*this);
        autograd::backward_by_composite(g, composite(in, w, b), {in, w, b}, site);
    }
    void release_saved() override {
        for (Saved* s : {&x, &weight, &bias, &mean, &inverse_std}) s->release();
    }

    // The same by plain operations.
    Tensor<T> composite(const Tensor<T>& in, const Tensor<T>& w, const Tensor<T>& b) const {
        Shape dims = Shape::filled(in.rank() - outer, 0);
        for (int d = 0; d < dims.rank(); ++d) dims[d] = outer + d;
        const Tensor<T> centred = in - fathom::mean(in, dims, true, site),
                        variance = fathom::mean(square(centred, site), dims, true, site);
        Tensor<T> y = centred / sqrt(variance + static_cast<T>(eps), site);
        if (w.defined()) y = y * w;
        return b.defined() ? y + b : y;
    }

    Saved x, weight, bias, mean, inverse_std;
    int outer;
    double eps;

private:
    // The shape of the positions: x's without the dimensions that are normalised.
    static Shape checked(const Tensor<T>& x, const Shape& normalized, const AnyTensor& weight, const AnyTensor& bias,
                         const char* name, Where site) {
        require_defined(x, name, site);
        const int outer = x.rank() - normalized.rank();
        bool ends_so = outer >= 0 && normalized.rank() > 0;
        for (int d = 0; ends_so && d < normalized.rank(); ++d) ends_so = x.shape()[outer + d] == normalized[d];
        if (!ends_so)
            fail(name, site,
                 {"input has shape ", x.shape(), ", expected one that ends in normalized_shape ", normalized});
        const auto check = [&](const AnyTensor& p, const char* what) {
            if (!p.defined()) return;
            if (!(p.shape() == normalized))
                fail(name, site, {what, " has shape ", p.shape(), ", expected normalized_shape ", normalized});
            check_device(x.untyped(), p, name, site);
        };
        check(weight, "weight");
        check(bias, "bias");
        Shape positions = Shape::filled(outer, 0);
        for (int d = 0; d < outer; ++d) positions[d] = x.shape()[d];
        return positions;
    }
};

}  // namespace detail

// (x - mean) / sqrt(variance + eps) * weight + bias, with mean and (biased) variance over the last dimensions of x,
// those of normalized_shape, at each position of the others. weight and bias have normalized_shape; undefined: 1 and 0.
template <FloatElement T>
Tensor<T> layer_norm(const Tensor<T>& x, const Shape& normalized_shape,
                     const std::type_identity_t<Tensor<T>>& weight = {},
                     const std::type_identity_t<Tensor<T>>& bias = {}, double eps = 1e-5, Where site = Where::here()) {
    return detail::LayerNorm<T>::forward(x, normalized_shape, weight, bias, eps, site);
}

}  // namespace fathom::inline v0
