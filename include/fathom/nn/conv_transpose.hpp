// ConvTranspose2d: ops/conv_transpose.hpp with its weight and bias.
#pragma once

#include "fathom/nn/conv.hpp"
#include "fathom/ops/conv_transpose.hpp"

namespace fathom::inline v0::nn {

// The fields are in the order of PyTorch's arguments.
struct ConvTransposeOptions {
    Pair kernel_size;
    Pair stride = 1;
    Pair padding = 0;         // taken away from each side of the result
    Pair output_padding = 0;  // added at the bottom and on the right; less than stride
    std::int64_t groups = 1;
    bool bias = true;
    Pair dilation = 1;
};

// weight [in_channels, out_channels / groups, kh, kw], bias [out_channels].
template <FloatElement T>
class ConvTranspose2d : public Module {
public:
    Parameter<T> weight, bias;
    ConvTranspose2dOptions options;

    ConvTranspose2d(std::int64_t in_channels, std::int64_t out_channels, const ConvTransposeOptions& o, Generator& gen,
                    Where site = Where::here())
        : ConvTranspose2d(in_channels, out_channels, o, site) {
        init::default_(weight, bias, gen, site);
    }
    // Without values: forward throws until weights are loaded.
    ConvTranspose2d(std::int64_t in_channels, std::int64_t out_channels, const ConvTransposeOptions& o,
                    Where site = Where::here())
        : options{o.stride, o.padding, o.output_padding, o.groups, o.dilation} {
        detail::check_conv_sizes(in_channels, out_channels, o.kernel_size, o.groups, "ConvTranspose2d", site);
        weight =
            Parameter<T>::uninitialised({in_channels, out_channels / o.groups, o.kernel_size.h, o.kernel_size.w}, site);
        if (o.bias) bias = Parameter<T>::uninitialised({out_channels}, site);
    }

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
    }
    const char* kind() const override { return "ConvTranspose2d"; }

    // x [N, in_channels, H, W] -> [N, out_channels, H', W'].
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        require_initialised(site, weight, bias);
        const ModuleScope scope(path());
        return conv_transpose2d(x, weight, bias, options, site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return forward(x, site); }
};
// ConvTranspose2d(8, 1, {.kernel_size = 2, .stride = 2}, gen) is one of float.
ConvTranspose2d(std::int64_t, std::int64_t, const ConvTransposeOptions&, Generator&)->ConvTranspose2d<float>;
ConvTranspose2d(std::int64_t, std::int64_t, const ConvTransposeOptions&)->ConvTranspose2d<float>;

}  // namespace fathom::inline v0::nn
