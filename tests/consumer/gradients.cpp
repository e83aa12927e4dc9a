// Gradients of a small function: once, twice, and checked against finite differences.
#include <fathom/fathom.hpp>

#include "check.hpp"

namespace ft = fathom;

int main() {
    ft::Generator gen(7);
    auto x = ft::randn<double>({3}, gen);
    auto w = ft::randn<double>({3}, gen).requires_grad_();  // in-place forms end in _, as in PyTorch
    auto loss = ft::square(ft::sum(w * x) - 1.0);
    loss.backward({.retain_graph = true});  // w.grad() is [3]; kept, because grad() walks it again

    double product = -1;
    for (int i = 0; i < 3; ++i) product += w(i) * x(i);
    check(near(loss.item(), product * product, 1e-12), "the loss is (w.x - 1)^2");
    for (int i = 0; i < 3; ++i) check(near(w.grad()(i), 2 * product * x(i), 1e-12), "the gradient is 2 (w.x - 1) x");

    auto [g] = ft::grad(loss, {w}, {.create_graph = true});  // differentiable again
    for (int i = 0; i < 3; ++i) check(near(g(i), 2 * product * x(i), 1e-12), "grad() gives the same");
    auto [h] = ft::grad(ft::sum(g * g), {w});  // d/dw |g|^2 = 8 (w.x - 1) |x|^2 x
    double length = 0;
    for (int i = 0; i < 3; ++i) length += x(i) * x(i);
    for (int i = 0; i < 3; ++i) check(near(h(i), 8 * product * length * x(i), 1e-10), "the second derivative");

    const double before = w(0), slope = w.grad()(0);
    {
        ft::NoGrad off;
        w -= 0.1 * w.grad();
    }
    check(near(w(0), before - 0.1 * slope, 1e-15), "a step in place");

    // Throws GradcheckError: which input, which element, both values.
    ft::gradcheck([&](auto& in) { return ft::tanh(in[0]); }, {w});

    ft::AnomalyMode on;  // a NaN names the operation, its source line, its module path, its inputs' statistics
    check_throws<ft::Error>([&] { ft::log(w * w - 1e6); }, "NaN", "a NaN is found");
    check_throws<ft::Error>(
        [&] {
            auto v = ft::randn<double>({3}, gen);
            auto y = ft::sum(ft::exp(w) * v);
            v += 1.0;
            y.backward();
        },
        "gradients.cpp", "an overwritten value is found and its line named");
    return finish();
}
