// A solution of 04_softmax.
#include "exercises/exercise.hpp"

Tensor softmax_rows(const Tensor& x) {
    Tensor y = ft::zeros<double>(x.shape());
    for (std::int64_t i = 0; i < x.size(0); ++i) {
        double largest = -std::numeric_limits<double>::infinity(), sum = 0;
        for (std::int64_t j = 0; j < x.size(1); ++j) largest = std::max(largest, x(i, j));
        for (std::int64_t j = 0; j < x.size(1); ++j) sum += std::exp(x(i, j) - largest);
        for (std::int64_t j = 0; j < x.size(1); ++j) y(i, j) = std::exp(x(i, j) - largest) / sum;
    }
    return y;
}
