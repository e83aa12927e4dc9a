// A solution of 09_softmax_backward: dx = y * (dy - sum of dy * y over the row).
#include "exercises/exercise.hpp"

Tensor softmax_backward(const Tensor& y, const Tensor& dy) {
    Tensor dx = ft::zeros<double>(y.shape());
    for (std::int64_t i = 0; i < y.size(0); ++i) {
        double sum = 0;
        for (std::int64_t j = 0; j < y.size(1); ++j) sum += dy(i, j) * y(i, j);
        for (std::int64_t j = 0; j < y.size(1); ++j) dx(i, j) = y(i, j) * (dy(i, j) - sum);
    }
    return dx;
}
