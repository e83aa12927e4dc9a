#include "exercises/checks/check.hpp"

void check() {
    const Tensor a({{1, 2, 3}, {4, 5, 6}}), b({{1, 0, 2, -1}, {0, 3, 1, 2}, {2, -2, 0, 1}});
    exercises::expect_tensor(product(a, b), Tensor({{7, 0, 4, 6}, {16, 3, 13, 12}}), "product of [2,3] and [3,4]",
                             "A row of a meets a column of b: which size does the result have?");
    exercises::expect_tensor(product(Tensor({{1, 2, 3}}), Tensor({{4}, {5}, {6}})), Tensor({{32}}),
                             "product of [1,3] and [3,1]");
    exercises::expect_tensor(product(Tensor({{4}, {5}, {6}}), Tensor({{1, 2}})), Tensor({{4, 8}, {5, 10}, {6, 12}}),
                             "product of [3,1] and [1,2]");
    exercises::expect_tensor(product(ft::zeros<double>({2, 0}), ft::zeros<double>({0, 3})), ft::zeros<double>({2, 3}),
                             "product of [2,0] and [0,3], whose sums have no term");
    try {
        product(a, a);
    } catch (const std::invalid_argument&) {
        return;
    }
    exercises::unsolved("product of [2,3] and [2,3]", "expected std::invalid_argument, got a result",
                        "The columns of a have to be as many as the rows of b.");
}
