// 07 The gradient of a broadcast sum
//
// y = a + b, where both are matrices that may have broadcast (exercise 02). dy is the gradient of some number L with
// respect to y: dy(i, j) says how L changes with y(i, j). An element of a that was repeated went into several elements
// of y, so its gradient is the sum of theirs:
//
//   da(i, j) = sum of dy over all elements of y that a(i, j) went into, of the same shape as a
#include "exercises/exercise.hpp"

// The gradient of a, which has this shape; that of b is the same function with b's shape.
Tensor reduced_to(const ft::Shape& shape, const Tensor& dy) {
    Tensor da = ft::zeros<double>(shape);
    // YOUR CODE: go through dy and add each element where it belongs.
    return da;
}
