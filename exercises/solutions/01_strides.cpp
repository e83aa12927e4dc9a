// A solution of 01_strides.
#include "exercises/exercise.hpp"

ft::Shape row_major_strides(const ft::Shape& shape) {
    ft::Shape strides = ft::Shape::filled(shape.rank(), 1);
    for (int d = shape.rank() - 2; d >= 0; --d) strides[d] = strides[d + 1] * shape[d + 1];
    return strides;
}

std::int64_t offset(const ft::Shape& index, const ft::Shape& strides) {
    std::int64_t sum = 0;
    for (int d = 0; d < index.rank(); ++d) sum += index[d] * strides[d];
    return sum;
}

ft::Shape transposed_strides(const ft::Shape& strides) { return {strides[1], strides[0]}; }
