#include "exercises/checks/check.hpp"

void check() {
    const Tensor dy({{1, 2, 3}, {4, 5, 6}});
    const auto expect_gradient = [&](const ft::Shape& shape, const Tensor& expected, const std::string& why) {
        exercises::expect_tensor(reduced_to(shape, dy), expected,
                                 "gradient of shape " + ft::to_string(shape) + " for dy = {{1, 2, 3}, {4, 5, 6}}", why);
    };
    expect_gradient({2, 3}, dy, "Nothing was repeated: the gradient passes as it is.");
    expect_gradient({2, 1}, Tensor({{6}, {15}}), "The one element of a row went into all three of y's: add them up.");
    expect_gradient({1, 3}, Tensor({{5, 7, 9}}), "The row was used twice.");
    expect_gradient({1, 1}, Tensor({{21}}), "It was repeated along both dimensions.");
}
