// Conv1d: ops/conv1d.hpp with its weight and bias.
#pragma once

#include "fathom/nn/conv.hpp"
#include "fathom/ops/conv1d.hpp"

namespace fathom::inline v0::nn {

// The fields are in the order of PyTorch's arguments.
struct Conv1dOptions {
    std::int64_t kernel_size;
    std::int64_t stride = 1;
    ConvPadding padding = 0;
    std::int64_t dilation = 1;
    std::int64_t groups = 1;
    bool bias = true;
    Pad padding_mode = Pad::constant;  // what stands in the padding: zeros, or what pad() puts there
};

// weight [out_channels, in_channels / groups, kernel_size], bias [out_channels].
template <FloatElement T>
class Conv1d : public Module {
public:
    Parameter<T> weight, bias;
    Conv1dOptions options;

    Conv1d(std::int64_t in_channels, std::int64_t out_channels, const Conv1dOptions& o, Generator& gen,
           Where site = Where::here())
        : Conv1d(in_channels, out_channels, o, site) {
        init::default_(weight, bias, gen, site);
    }
    // Without values: forward throws until weights are loaded.
    Conv1d(std::int64_t in_channels, std::int64_t out_channels, const Conv1dOptions& o, Where site = Where::here())
        : options(o) {
        detail::check_conv_sizes(in_channels, out_channels, {1, o.kernel_size}, o.groups, "Conv1d", site);
        weight = Parameter<T>::uninitialised({out_channels, in_channels / o.groups, o.kernel_size}, site);
        if (o.bias) bias = Parameter<T>::uninitialised({out_channels}, site);
    }

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
    }
    const char* kind() const override { return "Conv1d"; }

    // x [N, in_channels, L] -> [N, out_channels, L'].
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        require_initialised(site, weight, bias);
        const ModuleScope scope(path());
        fathom::Conv1dOptions o{options.stride, options.padding, options.dilation, options.groups};
        if (options.padding_mode == Pad::constant) return conv1d(x, weight, bias, o, site);
        o.padding = 0;
        const ConvOptions row{.kernel_size = {1, options.kernel_size},
                              .stride = {1, options.stride},
                              .padding = options.padding,
                              .dilation = {1, options.dilation}};
        const Shape around = detail::conv_surroundings(row, site);
        return conv1d(pad(x, {around[0], around[1]}, options.padding_mode, 0, site), weight, bias, o, site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return forward(x, site); }
};
// Conv1d(1, 8, {.kernel_size = 3}, gen) is one of float.
Conv1d(std::int64_t, std::int64_t, const Conv1dOptions&, Generator&)->Conv1d<float>;
Conv1d(std::int64_t, std::int64_t, const Conv1dOptions&)->Conv1d<float>;

}  // namespace fathom::inline v0::nn
