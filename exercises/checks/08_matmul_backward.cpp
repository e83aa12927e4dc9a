#include "exercises/checks/check.hpp"

void check() {
    const ProductGradients small = product_backward(Tensor({{1, 2}}), Tensor({{3}, {4}}), Tensor({{1}}));
    exercises::expect_tensor(small.da, Tensor({{3, 4}}), "da of {{1, 2}} times {{3}, {4}}, dy = {{1}}",
                             "y = a(0,0) * b(0,0) + a(0,1) * b(1,0): what is its derivative by a(0,0)?");
    exercises::expect_tensor(small.db, Tensor({{1}, {2}}), "db of {{1, 2}} times {{3}, {4}}, dy = {{1}}",
                             "y = a(0,0) * b(0,0) + a(0,1) * b(1,0): what is its derivative by b(0,0)?");
    const Tensor a({{1, 2, 3}, {4, 5, 6}}), b({{1, 0, 2, -1}, {0, 3, 1, 2}, {2, -2, 0, 1}}),
        dy({{1, 0, 0, 2}, {0, 1, -1, 0}});
    const ProductGradients got = product_backward(a, b, dy);
    exercises::expect_tensor(got.da, Tensor({{-1, 4, 4}, {-2, 2, -2}}), "da of [2,3] times [3,4]",
                             "Sum over j, the columns of y.");
    exercises::expect_tensor(got.db, Tensor({{1, 4, -4, 2}, {2, 5, -5, 4}, {3, 6, -6, 6}}), "db of [2,3] times [3,4]",
                             "b(p, j) goes into y(i, j) for every i, multiplied by a(i, p).");
}
