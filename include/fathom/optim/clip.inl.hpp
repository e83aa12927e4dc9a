// Definitions of clip.hpp.
#include <cmath>

#include "fathom/core/float_bits.hpp"
#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0::optim {

// Sum of squares in double, row by row in logical order: four sums side by side where elements are neighbours.
template <class T>
double sum_of_squares(const T* p, const Shape& shape, const Shape& strides) {
    if (shape.rank() == 0) return static_cast<double>(*p) * static_cast<double>(*p);
    Shape rows, row_strides;
    for (int d = 0; d + 1 < shape.rank(); ++d) rows.push_back(shape[d]), row_strides.push_back(strides[d]);
    const std::int64_t size = shape[shape.rank() - 1], step = strides[shape.rank() - 1];
    double total = 0;
    const auto add_row = [&](const T* row) {
        double sums[4] = {};
        std::int64_t i = 0;
        for (; i + 4 <= size; i += 4)
            for (int k = 0; k < 4; ++k) {
                const auto v = static_cast<double>(row[(i + k) * step]);
                sums[k] += v * v;
            }
        for (; i < size; ++i) {
            const auto v = static_cast<double>(row[i * step]);
            sums[0] += v * v;
        }
        total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    };
    detail::for_each_run<1>(rows, {&row_strides}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
        for (std::int64_t r = 0; r < n; ++r) add_row(p + offsets[0] + r * steps[0]);
    });
    return total;
}

FATHOM_INLINE double clip_grad_norm_(const std::vector<AnyTensor>& parameters, double max_norm, bool error_if_nonfinite,
                                     Where site) {
    constexpr const char* name = "clip_grad_norm_";
    if (is_nan(max_norm) || max_norm < 0) fail(name, site, {"max_norm must be at least 0, got ", max_norm});
    double sum = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const AnyTensor gradient = autograd::accumulated_grad(parameters[i]);
        if (!gradient.defined()) continue;
        const void* p = detail::host_data(gradient, site);
        double part = 0;
        with_floating(gradient.dtype(), [&]<class T>(Type<T>) {
            part = sum_of_squares(static_cast<const T*>(p), gradient.shape(), gradient.strides());
        });
        if (error_if_nonfinite && !is_finite(part))
            fail(name, site, {"the gradient of parameter ", i, " (shape ", gradient.shape(), ") is not finite"});
        sum += part;
    }
    const double norm = std::sqrt(sum), factor = max_norm / (norm + 1e-6);
    if (!is_finite(norm) || !(factor < 1)) return norm;
    for (const AnyTensor& parameter : parameters) {
        const AnyTensor gradient = autograd::accumulated_grad(parameter);
        if (!gradient.defined()) continue;
        gradient.impl().storage->bump_version();
        detail::run_elementwise(autograd::node_of(parameter)->ops->affine, {gradient}, {&gradient}, name, site, factor,
                                detail::no_constant);
    }
    return norm;
}

FATHOM_INLINE void clamp_gradients(const std::vector<AnyTensor>& parameters, double clip_value,
                                   const detail::ElementwiseKernel& clamp_float,
                                   const detail::ElementwiseKernel& clamp_double, Where site) {
    constexpr const char* name = "clip_grad_value_";
    if (is_nan(clip_value) || clip_value < 0) fail(name, site, {"clip_value must be at least 0, got ", clip_value});
    for (const AnyTensor& parameter : parameters) {
        const AnyTensor gradient = autograd::accumulated_grad(parameter);
        if (!gradient.defined()) continue;
        gradient.impl().storage->bump_version();
        detail::run_elementwise(gradient.dtype() == DType::float32 ? clamp_float : clamp_double, {gradient},
                                {&gradient}, name, site, -clip_value, clip_value);
    }
}

}  // namespace fathom::inline v0::optim
