// 02 Broadcasting: [2,1] and [1,3] make [2,3]
//
// Operations of two tensors take shapes that differ: aligned at their last dimension, two sizes fit when they are equal
// or one of them is 1, and a dimension that is missing in front counts as 1. The result has the larger of both sizes; a
// size of 1 is repeated. A 1 beside a 0 is repeated no times: the result has 0.
//
//   1. broadcast_shape([4,1,3], [2,1]) is [4,2,3]. Shapes that do not fit throw std::invalid_argument.
//   2. add(a, b) of two matrices, without making larger copies of them.
#include "exercises/exercise.hpp"

ft::Shape broadcast_shape(const ft::Shape& a, const ft::Shape& b) {
    ft::Shape shape = ft::Shape::filled(std::max(a.rank(), b.rank()), 1);
    // YOUR CODE: shape[-1] is the last size, shape[-2] the one before it.
    return shape;
}

Tensor add(const Tensor& a, const Tensor& b) {
    Tensor y = ft::zeros<double>(broadcast_shape(a.shape(), b.shape()));
    // YOUR CODE: for each y(i, j), which element of a is it, and which of b?
    return y;
}
