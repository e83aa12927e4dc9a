#include "exercises/checks/check.hpp"

void check() {
    const Tensor x({{1, 5, -2, -3, 9}, {4, 2, -1, -7, 9}, {0, 0, 3, 8, 9}, {0, 0, 8, 1, 9}, {9, 9, 9, 9, 9}});
    const Pooled y = max_pool(x, 2);
    exercises::expect_tensor(y.values, Tensor({{5, -1}, {0, 8}}), "values of max_pool of [5,5] by squares of 2",
                             "Does the search begin below all numbers? -1 is the largest of {-2, -3, -1, -7}.");
    const std::int64_t expected[2][2] = {{1, 7}, {10, 13}};
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j)
            exercises::expect_number(static_cast<double>(y.places(i, j)), static_cast<double>(expected[i][j]),
                                     "place (" + std::to_string(i) + "," + std::to_string(j) + ") of [5,5]",
                                     "Row times 5, the width of x, plus column; the first where several are equal.");
    Tensor dx = ft::zeros<double>({5, 5});
    dx(0, 1) = 1, dx(1, 2) = 2, dx(2, 0) = 3, dx(2, 3) = 4;
    exercises::expect_tensor(max_pool_backward({5, 5}, Tensor({{1, 2}, {3, 4}}), y.places), dx,
                             "max_pool_backward of shape [5,5]",
                             "Each dy goes to the place that was kept, and nowhere else.");
}
