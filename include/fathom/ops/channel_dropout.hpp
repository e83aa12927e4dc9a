// Dropout of whole channels, and one that keeps mean and variance: dropout1d, dropout2d, dropout3d, alpha_dropout.
#pragma once

#include <cmath>

#include "fathom/ops/dropout.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

namespace detail {
// The first dimensions up to that of channels are `channels` of them.
template <FloatElement T>
Tensor<T> channel_dropout(const Tensor<T>& x, double p, Generator& gen, int channels, Where site) {
    Shape shape = Shape::filled(x.rank(), 1);
    for (int d = 0; d < channels; ++d) shape[d] = x.shape()[d];
    const Tensor<T> factor = dropout(full<T>(shape, 1, x.device(), site), p, gen, site);
    return mul(Operand<T>(x, site), Operand<T>(factor, site));
}
inline void check_channels(const AnyTensor& x, int least, const char* expected, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() != least && x.rank() != least + 1)
        fail(name, site, {"input has shape ", x.shape(), ", expected ", expected});
}
}  // namespace detail

// Each channel of each image is 0 with probability p, else divided by 1 - p: of x [N, C, L] or [C, L].
template <FloatElement T>
Tensor<T> dropout1d(const Tensor<T>& x, double p, Generator& gen, Where site = Where::here()) {
    detail::check_channels(x, 2, "[N,C,L] or [C,L]", "dropout1d", site);
    return detail::channel_dropout(x, p, gen, x.rank() == 2 ? 1 : 2, site);
}
// Of x [N, C, H, W], or [N, C, L], as PyTorch takes three dimensions.
template <FloatElement T>
Tensor<T> dropout2d(const Tensor<T>& x, double p, Generator& gen, Where site = Where::here()) {
    detail::check_channels(x, 3, "[N,C,H,W] or [N,C,L]", "dropout2d", site);
    return detail::channel_dropout(x, p, gen, 2, site);
}
// Of x [N, C, D, H, W] or [C, D, H, W].
template <FloatElement T>
Tensor<T> dropout3d(const Tensor<T>& x, double p, Generator& gen, Where site = Where::here()) {
    detail::check_channels(x, 4, "[N,C,D,H,W] or [C,D,H,W]", "dropout3d", site);
    return detail::channel_dropout(x, p, gen, x.rank() == 4 ? 1 : 2, site);
}

// Each element takes with probability p what SELU gives far below 0, then all are scaled and moved so that of mean 0
// and variance 1 both stay. Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.
template <FloatElement T>
Tensor<T> alpha_dropout(const Tensor<T>& x, double p, Generator& gen, Where site = Where::here()) {
    const char* name = "alpha_dropout";
    detail::require_defined(x, name, site);
    if (!(p >= 0 && p <= 1)) fail(name, site, {"probability ", p, " is outside [0, 1]"});
    constexpr double low = -1.7580993408473766;
    const auto noise = detail::typed<T>(detail::uniform_like(x, gen, &cpu::random<T>, name, site));
    const Tensor<bool> kept = less_equal(Operand<T>(static_cast<T>(p), site), Operand<T>(noise, site));
    const double scale = p == 1 ? 0 : 1 / std::sqrt((low * low * p + 1) * (1 - p));
    const auto constant = [&](double value) { return detail::scalar_tensor(static_cast<T>(value), x.device(), site); };
    const Tensor<T> factor = where(kept, constant(scale), constant(0), site),
                    shift = where(kept, constant(-low * scale * p), constant(low * scale * (1 - p)), site);
    return add(Operand<T>(mul(Operand<T>(x, site), Operand<T>(factor, site)), site), Operand<T>(shift, site));
}

}  // namespace fathom::inline v0
