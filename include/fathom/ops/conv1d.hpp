// conv1d: conv2d on images of one row.
#pragma once

#include "fathom/ops/conv.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments.
struct Conv1dOptions {
    std::int64_t stride = 1;
    ConvPadding padding = 0;
    std::int64_t dilation = 1;
    std::int64_t groups = 1;
};

// x [N, C, L], weight [K, C / groups, k], bias [K] or none -> [N, K, L'], with the size of conv2d's rows; of one line
// [C, L], [K, L'].
template <FloatElement T>
Tensor<T> conv1d(const Tensor<T>& x, const Tensor<T>& weight, const std::type_identity_t<Tensor<T>>& bias = {},
                 const Conv1dOptions& o = {}, Where site = Where::here()) {
    const char* name = "conv1d";
    if (x.defined() && x.rank() == 2) return squeeze(conv1d(unsqueeze(x, 0, site), weight, bias, o, site), 0, site);
    detail::require_defined(x, name, site);
    detail::require_defined(weight, name, site);
    if (x.rank() != 3 || weight.rank() != 3)
        fail(name, site,
             {"input and weight must have 3 dimensions [N,C,L] and [K,C,k] (input ", x.shape(), ", weight ",
              weight.shape(), ")"});
    Conv2dOptions options{
        .stride = {1, o.stride}, .padding = o.padding, .dilation = {1, o.dilation}, .groups = o.groups};
    options.padding.h = 0;
    const Tensor<T> rows = unsqueeze(weight, 2, site);
    const Tensor<T> y = detail::conv2d_into(unsqueeze(x, 2, site), rows, bias, options, {}, site, {}, name);
    return squeeze(Tensor<T>::adopt(detail::without_surplus(y, detail::conv_surplus(rows, options), site)), 2, site);
}

}  // namespace fathom::inline v0
