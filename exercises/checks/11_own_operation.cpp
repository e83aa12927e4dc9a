#include "exercises/checks/check.hpp"
#include "exercises/operations.hpp"

void check() {
    const auto swish = [](std::vector<Tensor>& x) { return Swish::apply(x[0]); };
    Tensor zero({0.0});
    zero.requires_grad_();
    Swish::apply(zero).sum().backward();
    exercises::expect_number(zero.grad()(0), 0.5, "derivative of x * sigmoid(x) at x = 0",
                             "Of a product: the derivative of each factor, times the other. sigmoid(0) is 0.5.");
    try {
        ft::gradcheck(swish, {Tensor({{-2, -0.5, 0.1}, {0.7, 1.5, 3}})});
    } catch (const ft::GradcheckError& error) {
        exercises::unsolved("ft::gradcheck of Swish", error.what(),
                            "It compares your backward (analytic) with small steps (numeric). Is dy a factor of all?");
    }
    try {
        ft::gradgradcheck(swish, {Tensor({{-2, -0.5, 0.1}, {0.7, 1.5, 3}})});
    } catch (const ft::Error& error) {
        exercises::unsolved("the second derivative of Swish", error.what(),
                            "backward is differentiated too: is it made of operations on x and dy, not of elements?");
    }
}
