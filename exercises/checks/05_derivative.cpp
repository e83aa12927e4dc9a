#include "exercises/checks/check.hpp"

void check() {
    const auto expect_derivative = [](const std::string& name, const std::function<double(double)>& f, double x,
                                      double expected) {
        exercises::expect_number(derivative(f, x), expected, "derivative of " + name + " at " + ft::to_string(x),
                                 "Step to both sides. 1e-3 is a large step and 1e-9 a small one.", 1e-9);
    };
    expect_derivative(
        "x * x", [](double x) { return x * x; }, 3, 6);
    expect_derivative(
        "sin", [](double x) { return std::sin(x); }, 1, std::cos(1.0));
    expect_derivative(
        "exp", [](double x) { return std::exp(x); }, -1, std::exp(-1.0));
    expect_derivative(
        "1 / x", [](double x) { return 1 / x; }, 0.5, -4);
    const auto f = [](const std::vector<double>& x) { return x[0] * x[1] + x[2] * x[2] * x[2]; };
    exercises::expect_values(gradient(f, {2, 5, -1}), {5, 2, 3}, "gradient of x0 * x1 + x2 * x2 * x2 at {2, 5, -1}",
                             "While one number moves, are the others where they were?", 1e-8);
}
