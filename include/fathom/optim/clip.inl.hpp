// Definitions of clip.hpp.
#include <cmath>

namespace fathom::inline v0::optim {

// Sum of squares in double, in logical order: four sums side by side where elements are neighbours.
template <class T>
double sum_of_squares(const T* p, const Shape& shape, const Shape& strides) {
    const int last = shape.rank() - 1;
    const std::int64_t row = last >= 0 ? shape[last] : 1, step = last >= 0 ? strides[last] : 1;
    if (row == 0) return 0;
    const std::int64_t rows = shape.numel() / row;
    Shape index = Shape::filled(shape.rank(), 0);
    double total = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
        double sums[4] = {};
        std::int64_t i = 0;
        for (; i + 4 <= row; i += 4)
            for (int k = 0; k < 4; ++k) {
                const auto v = static_cast<double>(p[(i + k) * step]);
                sums[k] += v * v;
            }
        for (; i < row; ++i) {
            const auto v = static_cast<double>(p[i * step]);
            sums[0] += v * v;
        }
        total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
        for (int d = last - 1; d >= 0; --d) {
            p += strides[d];
            if (++index[d] < shape[d]) break;
            p -= strides[d] * shape[d];
            index[d] = 0;
        }
    }
    return total;
}

FATHOM_INLINE double clip_grad_norm_(const std::vector<AnyTensor>& parameters, double max_norm, bool error_if_nonfinite,
                                     Where site) {
    constexpr const char* name = "clip_grad_norm_";
    if (!(max_norm >= 0)) fail(name, site, {"max_norm must be at least 0, got ", max_norm});
    double sum = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const AnyTensor gradient = autograd::accumulated_grad(parameters[i]);
        if (!gradient.defined()) continue;
        const void* p = detail::host_data(gradient, site);
        const double part = gradient.dtype() == DType::float64
                                ? sum_of_squares(static_cast<const double*>(p), gradient.shape(), gradient.strides())
                                : sum_of_squares(static_cast<const float*>(p), gradient.shape(), gradient.strides());
        if (error_if_nonfinite && !std::isfinite(part))
            fail(name, site, {"the gradient of parameter ", i, " (shape ", gradient.shape(), ") is not finite"});
        sum += part;
    }
    const double norm = std::sqrt(sum), factor = max_norm / (norm + 1e-6);
    if (!std::isfinite(norm) || !(factor < 1)) return norm;
    for (const AnyTensor& parameter : parameters) {
        const AnyTensor gradient = autograd::accumulated_grad(parameter);
        if (!gradient.defined()) continue;
        gradient.impl().storage->bump_version();
        detail::run_elementwise(autograd::node_of(parameter)->ops->affine, {gradient}, {&gradient}, name, site, factor);
    }
    return norm;
}

}  // namespace fathom::inline v0::optim
