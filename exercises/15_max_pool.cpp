// 15 Max pooling that remembers where the maximum was
//
// An image [h,w] is cut into squares of `size` by `size`; each gives its largest number. What is left over at the right
// and at the bottom is dropped: the result is [h / size, w / size], rounded down. Only the largest number had an
// influence, so the gradient goes to it alone, and its place has to be kept: as i * w + j, the first one where several
// are equal.
//
//   1. max_pool gives the numbers and their places.
//   2. max_pool_backward gives dx of this shape from dy and the places.
#include "exercises/exercise.hpp"

struct Pooled {
    Tensor values;
    ft::Tensor<std::int64_t> places;
};

Pooled max_pool(const Tensor& x, std::int64_t size) {
    const ft::Shape shape = {x.size(0) / size, x.size(1) / size};
    Pooled y = {ft::zeros<double>(shape), ft::zeros<std::int64_t>(shape)};
    // YOUR CODE
    return y;
}

Tensor max_pool_backward(const ft::Shape& shape, const Tensor& dy, const ft::Tensor<std::int64_t>& places) {
    Tensor dx = ft::zeros<double>(shape);
    // YOUR CODE: the place k is row k / shape[1], column k % shape[1].
    return dx;
}
