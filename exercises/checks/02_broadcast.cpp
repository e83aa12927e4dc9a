#include "exercises/checks/check.hpp"

void check() {
    const auto text = [](const ft::Shape& a, const ft::Shape& b) {
        return ft::to_string(a) + " and " + ft::to_string(b);
    };
    const auto expect_fit = [&](const ft::Shape& a, const ft::Shape& b, const ft::Shape& expected) {
        exercises::expect_shape(broadcast_shape(a, b), expected, "broadcast_shape of " + text(a, b),
                                "Compare sizes from the last to the first; a missing one counts as 1.");
    };
    expect_fit({2, 3}, {2, 3}, {2, 3});
    expect_fit({2, 1}, {1, 3}, {2, 3});
    expect_fit({4, 1, 3}, {2, 1}, {4, 2, 3});
    expect_fit({3}, {5, 1}, {5, 3});
    expect_fit({}, {2}, {2});
    expect_fit({1, 3}, {0, 1}, {0, 3});
    const auto expect_misfit = [&](const ft::Shape& a, const ft::Shape& b) {
        try {
            broadcast_shape(a, b);
        } catch (const std::invalid_argument&) {
            return;
        }
        exercises::unsolved("broadcast_shape of " + text(a, b), "expected std::invalid_argument, got a shape",
                            "Two sizes that differ fit only when one of them is 1.");
    };
    expect_misfit({2, 3}, {2, 4});
    expect_misfit({2, 3}, {2});
    expect_misfit({0}, {2});

    const Tensor column({{10}, {20}}), row({{1, 2, 3}}), full({{1, 2, 3}, {4, 5, 6}}), one({{0.5}});
    const auto expect_sum = [&](const Tensor& a, const Tensor& b, const Tensor& expected) {
        exercises::expect_tensor(add(a, b), expected, "add of " + text(a.shape(), b.shape()),
                                 "Does a dimension of size 1 always give its element 0?");
    };
    expect_sum(full, full, Tensor({{2, 4, 6}, {8, 10, 12}}));
    expect_sum(column, row, Tensor({{11, 12, 13}, {21, 22, 23}}));
    expect_sum(row, column, Tensor({{11, 12, 13}, {21, 22, 23}}));
    expect_sum(full, column, Tensor({{11, 12, 13}, {24, 25, 26}}));
    expect_sum(one, full, Tensor({{1.5, 2.5, 3.5}, {4.5, 5.5, 6.5}}));
    expect_sum(ft::zeros<double>({0, 3}), row, ft::zeros<double>({0, 3}));
}
