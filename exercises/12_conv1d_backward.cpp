// 12 The gradient of a convolution in one dimension
//
// A filter w of k numbers slides along a signal x of n numbers; y has n - k + 1:
//
//   y(t) = sum over i of w(i) * x(t + i)
//
// Given dy(t) = dL/dy(t), find dx and dw. As in exercise 08, take one element and ask where it went: w(i) went into
// every y(t), multiplied by x(t + i); x(s) went into those y(t) whose window reached it.
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
    // YOUR CODE
    return {dx, dw};
}
