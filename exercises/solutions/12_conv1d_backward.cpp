// A solution of 12_conv1d_backward: the loops of forward, with each product's two factors as targets.
#include "exercises/exercise.hpp"

Tensor conv1d_forward(const Tensor& x, const Tensor& w) {
    Tensor y = ft::zeros<double>({x.size(0) - w.size(0) + 1});
    for (std::int64_t t = 0; t < y.size(0); ++t)
        for (std::int64_t i = 0; i < w.size(0); ++i) y(t) += w(i) * x(t + i);
    return y;
}

struct Conv1dGradients {
    Tensor dx, dw;
};

Conv1dGradients conv1d_backward(const Tensor& x, const Tensor& w, const Tensor& dy) {
    Tensor dx = ft::zeros<double>(x.shape()), dw = ft::zeros<double>(w.shape());
    for (std::int64_t t = 0; t < dy.size(0); ++t)
        for (std::int64_t i = 0; i < w.size(0); ++i) {
            dw(i) += dy(t) * x(t + i);
            dx(t + i) += dy(t) * w(i);
        }
    return {dx, dw};
}
