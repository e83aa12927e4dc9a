// Lesson 2: one derivative, three ways: by hand, by differences, by backward().
// The function is a neuron with a squared error: f(w, b) = (tanh(w x + b) - t)^2 at x = 0.5, t = 0.2.
#include <fathom/fathom.hpp>

#include <cmath>

#include "lesson.hpp"

namespace ft = fathom;

double f(double w, double b) { return std::pow(std::tanh(w * 0.5 + b) - 0.2, 2); }

bool near(double a, double b, double tolerance) { return std::fabs(a - b) < tolerance; }

int main() {
    const double x = 0.5, t = 0.2, w0 = 1.5, b0 = -0.3;

    std::cout << "== by hand: the chain rule, from the result back to the inputs\n";
    // Forward: name every intermediate value.
    const double u = w0 * x + b0;  // a sum
    const double y = std::tanh(u);
    const double e = y - t;
    const double loss = e * e;
    // Backward: dv stands for d loss / d v. Each line needs the line above and values from forward, nothing else.
    const double de = 2 * e;
    const double dy = de;
    const double du = dy * (1 - y * y);  // tanh' = 1 - tanh^2: the result is what this line needs
    const double dw = du * x, db = du;
    std::cout << "loss " << loss << ", d/dw " << dw << ", d/db " << db << '\n';

    std::cout << "\n== by differences: two evaluations for each input, and never exact\n";
    for (const double h : {1e-1, 1e-3, 1e-5, 1e-11}) {
        const double slope = (f(w0 + h, b0) - f(w0 - h, b0)) / (2 * h);
        std::cout << "h = " << h << ": d/dw " << slope << ", off by " << std::fabs(slope - dw) << '\n';
    }
    // A large h sees the curve, a small one the rounding of f: the best is in between. Good for tests, not for
    // training.
    expect(near((f(w0 + 1e-5, b0) - f(w0 - 1e-5, b0)) / 2e-5, dw, 1e-9), "differences agree with the chain rule");

    std::cout << "\n== by backward(): the chain rule, written down while forward runs\n";
    auto w = ft::full<double>({}, w0).requires_grad_();  // a leaf: something to differentiate by
    auto b = ft::full<double>({}, b0).requires_grad_();
    const auto result = ft::square(ft::tanh(w * x + b) - t);  // every operation keeps what its backward needs
    result.backward();                                        // walks back from the result, as above
    std::cout << "loss " << result.item() << ", d/dw " << w.grad().item() << ", d/db " << b.grad().item() << '\n';
    expect(near(w.grad().item(), dw, 1e-14) && near(b.grad().item(), db, 1e-14), "backward() is the chain rule");

    // Gradients add up in grad() until somebody empties it: a sum of losses may be walked back one by one.
    ft::square(ft::tanh(w * x + b) - t).backward();
    expect(near(w.grad().item(), 2 * dw, 1e-14), "a second backward() adds to the first");
    w.zero_grad();

    std::cout << "\n== a value used twice gets both gradients\n";
    auto v = ft::full<double>({}, 3).requires_grad_();
    (v * v * v).backward();  // three paths from v to the result, each of 9
    expect(v.grad().item() == 27, "d v^3 / d v = 3 v^2, summed over three paths");

    std::cout << "\n== a derivative is a function too, and has one\n";
    auto q = ft::full<double>({}, 2).requires_grad_();
    const auto y4 = q * q * q * q;                                       // q^4       = 16
    const auto [first] = ft::grad(y4, {q}, {.create_graph = true});      // 4 q^3     = 32, with a history
    const auto [second] = ft::grad(first, {q}, {.create_graph = true});  // 12 q^2    = 48
    const auto [third] = ft::grad(second, {q});                          // 24 q      = 48
    std::cout << y4.item() << ' ' << first.item() << ' ' << second.item() << ' ' << third.item() << '\n';
    expect(first.item() == 32 && second.item() == 48 && third.item() == 48, "three derivatives of q^4 at 2");

    std::cout << "\n== many inputs cost no more than one\n";
    // This is why nets are trained backwards: one walk gives the slope in all directions, whatever their number, where
    // differences would need two evaluations for each.
    ft::Generator gen(1);
    auto many = ft::randn<double>({1000}, gen).requires_grad_();  // [1000]
    ft::sum(ft::sin(many) * many).backward();                     // d = cos(m) m + sin(m)
    const auto expected = ft::cos(many.detach()) * many.detach() + ft::sin(many.detach());
    expect(ft::abs(many.grad() - expected).max().item() < 1e-12, "a thousand derivatives in one walk");
    // gradcheck compares every one of them with differences, and throws where they disagree.
    ft::gradcheck([](auto& in) { return ft::sin(in[0]) * in[0]; }, {many});
    return finish();
}
