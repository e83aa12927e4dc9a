// Pooling along one dimension: pool.hpp's on images of one row.
#pragma once

#include "fathom/ops/pool.hpp"

namespace fathom::inline v0 {

// As MaxPoolOptions and AvgPoolOptions.
struct MaxPool1dOptions {
    std::int64_t kernel_size;
    std::int64_t stride = kernel_size;
    std::int64_t padding = 0;
    std::int64_t dilation = 1;
    bool ceil_mode = false;
};

struct AvgPool1dOptions {
    std::int64_t kernel_size;
    std::int64_t stride = kernel_size;
    std::int64_t padding = 0;
    bool ceil_mode = false;
    bool count_include_pad = true;
};

namespace detail {
// [N, C, L] as images [N, C, 1, L].
template <FloatElement T>
Tensor<T> one_row(const Tensor<T>& x, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() != 3) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,L] or [C,L]"});
    return unsqueeze(x, 2, site);
}
}  // namespace detail

// x [N, C, L] or [C, L] -> [N, C, L'] or [C, L'], with the size and the maxima of max_pool2d.
template <FloatElement T>
Tensor<T> max_pool1d(const Tensor<T>& x, const MaxPool1dOptions& o, Where site = Where::here()) {
    const char* name = "max_pool1d";
    const MaxPoolOptions options{{1, o.kernel_size}, {1, o.stride}, {0, o.padding}, {1, o.dilation}, o.ceil_mode};
    return detail::with_batch(x, 2, site, [&](const Tensor<T>& rows) {
        return squeeze(detail::max_pool<T>(detail::one_row(rows, name, site), options, name, site), 2, site);
    });
}
template <FloatElement T>
Tensor<T> avg_pool1d(const Tensor<T>& x, const AvgPool1dOptions& o, Where site = Where::here()) {
    const char* name = "avg_pool1d";
    const AvgPoolOptions options{{1, o.kernel_size}, {1, o.stride}, {0, o.padding}, o.ceil_mode, o.count_include_pad};
    return detail::with_batch(x, 2, site, [&](const Tensor<T>& rows) {
        return squeeze(detail::avg_pool<T>(detail::one_row(rows, name, site), options, name, site), 2, site);
    });
}

// auto [values, indices] = max_pool1d_with_indices(x, {2}): and where in their rows the maxima stand.
template <FloatElement T>
Pooled<T> max_pool1d_with_indices(const Tensor<T>& x, const MaxPool1dOptions& o, Where site = Where::here()) {
    if (x.defined() && x.rank() == 2)
        return detail::without_batch(max_pool1d_with_indices(unsqueeze(x, 0, site), o, site), site);
    const MaxPoolOptions options{{1, o.kernel_size}, {1, o.stride}, {0, o.padding}, {1, o.dilation}, o.ceil_mode};
    const Pooled<T> y = max_pool2d_with_indices(detail::one_row(x, "max_pool1d_with_indices", site), options, site);
    return {squeeze(y.values, 2, site), squeeze(y.indices, 2, site)};
}

// x [N, C, L] or [C, L] -> [N, C, output_size] by the windows of adaptive_avg_pool2d; and their maxima.
template <FloatElement T>
Tensor<T> adaptive_avg_pool1d(const Tensor<T>& x, std::int64_t output_size, Where site = Where::here()) {
    return detail::with_batch(x, 2, site, [&](const Tensor<T>& rows) {
        return squeeze(adaptive_avg_pool2d(detail::one_row(rows, "adaptive_avg_pool1d", site), {1, output_size}, site),
                       2, site);
    });
}
template <FloatElement T>
Tensor<T> adaptive_max_pool1d(const Tensor<T>& x, std::int64_t output_size, Where site = Where::here()) {
    return detail::with_batch(x, 2, site, [&](const Tensor<T>& rows) {
        return squeeze(adaptive_max_pool2d(detail::one_row(rows, "adaptive_max_pool1d", site), {1, output_size}, site),
                       2, site);
    });
}
template <FloatElement T>
Pooled<T> adaptive_max_pool1d_with_indices(const Tensor<T>& x, std::int64_t output_size, Where site = Where::here()) {
    if (x.defined() && x.rank() == 2)
        return detail::without_batch(adaptive_max_pool1d_with_indices(unsqueeze(x, 0, site), output_size, site), site);
    const Pooled<T> y = adaptive_max_pool2d_with_indices(detail::one_row(x, "adaptive_max_pool1d_with_indices", site),
                                                         {1, output_size}, site);
    return {squeeze(y.values, 2, site), squeeze(y.indices, 2, site)};
}

}  // namespace fathom::inline v0
