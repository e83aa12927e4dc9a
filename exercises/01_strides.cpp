// 01 Strides: where does an element lie?
//
// The elements of a tensor lie in memory one after another. Row-major order of shape [2,3] is
// (0,0) (0,1) (0,2) (1,0) (1,1) (1,2): the last index runs fastest. A stride says, for one dimension, how many elements
// further the next index lies; here the strides are [3,1].
//
//   1. row_major_strides([2,3,4]) is [12,4,1]: the last is 1, every other one the product of the sizes behind it.
//   2. offset(index, strides) is where the element lies: the sum of index[d] * strides[d].
//   3. transposed_strides: a matrix is transposed without moving an element, by other strides for the same memory.
//
// ft::Shape is a short list of numbers: s.rank() says how many, s[d] is one, ft::Shape::filled(3, 1) is [1,1,1].
#include "exercises/exercise.hpp"

ft::Shape row_major_strides(const ft::Shape& shape) {
    ft::Shape strides = ft::Shape::filled(shape.rank(), 1);
    // YOUR CODE: go from the last dimension to the first.
    return strides;
}

std::int64_t offset(const ft::Shape& index, const ft::Shape& strides) {
    std::int64_t sum = 0;
    // YOUR CODE
    return sum;
}

// For a matrix, so that offset({j, i}, transposed_strides(s)) is offset({i, j}, s).
ft::Shape transposed_strides(const ft::Shape& strides) {
    // YOUR CODE
    return strides;
}
