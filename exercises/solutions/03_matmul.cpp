// A solution of 03_matmul.
#include "exercises/exercise.hpp"

Tensor product(const Tensor& a, const Tensor& b) {
    if (a.size(1) != b.size(0)) throw std::invalid_argument("columns of a and rows of b differ");
    Tensor y = ft::zeros<double>({a.size(0), b.size(1)});
    for (std::int64_t i = 0; i < y.size(0); ++i)
        for (std::int64_t j = 0; j < y.size(1); ++j)
            for (std::int64_t p = 0; p < a.size(1); ++p) y(i, j) += a(i, p) * b(p, j);
    return y;
}
