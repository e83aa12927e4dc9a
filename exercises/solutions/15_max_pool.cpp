// A solution of 15_max_pool.
#include "exercises/exercise.hpp"

struct Pooled {
    Tensor values;
    ft::Tensor<std::int64_t> places;
};

Pooled max_pool(const Tensor& x, std::int64_t size) {
    const ft::Shape shape = {x.size(0) / size, x.size(1) / size};
    Pooled y = {ft::zeros<double>(shape), ft::zeros<std::int64_t>(shape)};
    for (std::int64_t i = 0; i < shape[0]; ++i)
        for (std::int64_t j = 0; j < shape[1]; ++j) {
            double largest = -std::numeric_limits<double>::infinity();
            for (std::int64_t row = i * size; row < (i + 1) * size; ++row)
                for (std::int64_t column = j * size; column < (j + 1) * size; ++column)
                    if (x(row, column) > largest) {
                        largest = x(row, column);
                        y.places(i, j) = row * x.size(1) + column;
                    }
            y.values(i, j) = largest;
        }
    return y;
}

Tensor max_pool_backward(const ft::Shape& shape, const Tensor& dy, const ft::Tensor<std::int64_t>& places) {
    Tensor dx = ft::zeros<double>(shape);
    for (std::int64_t i = 0; i < dy.size(0); ++i)
        for (std::int64_t j = 0; j < dy.size(1); ++j) dx(places(i, j) / shape[1], places(i, j) % shape[1]) += dy(i, j);
    return dx;
}
