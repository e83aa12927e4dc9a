// 09 The gradient of softmax
//
// y is the softmax of the rows of x (exercise 04). Every element of a row of y depends on every element of that row of
// x, since the sum below the fraction is the same:
//
//   dy(i, k) / dx(i, j) = y(i, k) * ((1 if k is j, else 0) - y(i, j))
//
// Multiply by dL/dy(i, k) = dy(i, k) and add over k. What comes out needs one sum per row, not one per element: write
// it down on paper first. x itself is not needed.
#include "exercises/exercise.hpp"

Tensor softmax_backward(const Tensor& y, const Tensor& dy) {
    Tensor dx = ft::zeros<double>(y.shape());
    // YOUR CODE
    return dx;
}
