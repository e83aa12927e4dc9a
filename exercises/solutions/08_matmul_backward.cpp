// A solution of 08_matmul_backward: da = dy b^T, db = a^T dy.
#include "exercises/exercise.hpp"

struct ProductGradients {
    Tensor da, db;
};

ProductGradients product_backward(const Tensor& a, const Tensor& b, const Tensor& dy) {
    Tensor da = ft::zeros<double>(a.shape()), db = ft::zeros<double>(b.shape());
    for (std::int64_t i = 0; i < dy.size(0); ++i)
        for (std::int64_t j = 0; j < dy.size(1); ++j)
            for (std::int64_t p = 0; p < a.size(1); ++p) {
                da(i, p) += dy(i, j) * b(p, j);
                db(p, j) += a(i, p) * dy(i, j);
            }
    return {da, db};
}
