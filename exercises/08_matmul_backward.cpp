// 08 The gradient of a product of matrices
//
// y = a b, so that y(i, j) = sum over p of a(i, p) * b(p, j). Given dy(i, j) = dL/dy(i, j), find da and db.
//
// Take one element, a(i, p). It goes into y(i, j) for every j, each time multiplied by b(p, j). Hence
//
//   da(i, p) = sum over j of dy(i, j) * b(p, j)
//
// Find the formula of db in the same way. Both are products again, of which matrices?
#include "exercises/exercise.hpp"

struct ProductGradients {
    Tensor da, db;
};

ProductGradients product_backward(const Tensor& a, const Tensor& b, const Tensor& dy) {
    Tensor da = ft::zeros<double>(a.shape()), db = ft::zeros<double>(b.shape());
    // YOUR CODE
    return {da, db};
}
