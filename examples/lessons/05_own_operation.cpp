// Lesson 5: an operation of one's own, where the library's derivative is not the one that you want.
// A planet on an ellipse: its position follows from E in Kepler's equation, E - e sin(E) = M, which nobody can solve
// for E. Newton's method can, in a loop. Should backward() walk back through that loop? It need not even know of it.
#include <fathom/fathom.hpp>

#include <numbers>

#include "lesson.hpp"

namespace ft = fathom;

using Numbers = ft::Tensor<double>;

// E from the eccentricity e, one number, and the mean anomalies M, the time as an angle [N].
Numbers solve(const Numbers& e, const Numbers& M) {
    Numbers E = M + e * ft::sin(M);
    for (int i = 0; i < 20; ++i) E = E - (E - e * ft::sin(E) - M) / (1 - e * ft::cos(E));
    return E;
}

// Differentiate the equation, not the loop: E - e sin(E) = M, with small changes of all three,
//   dE - de sin(E) - e cos(E) dE = dM,   so   dE/dM = 1 / (1 - e cos(E))   and   dE/de = sin(E) / (1 - e cos(E)).
// This is the implicit function theorem. It holds for whatever solved the equation, costs one line in place of twenty
// steps, and needs only the result.
struct Kepler : ft::Function<Kepler> {
    // forward runs without being recorded, so the loop leaves no trace.
    static Numbers forward(ft::Context& ctx, const Numbers& e, const Numbers& M) {
        const Numbers E = solve(e, M);
        ctx.save(e), ctx.save(E);
        return E;
    }
    // One gradient for each input, with its shape: e was broadcast, so its gradient is a sum. Of recorded operations,
    // so that backward can be differentiated too.
    static std::array<Numbers, 2> backward(ft::Context& ctx, const Numbers& dE) {
        const auto e = ctx.saved<double>(0), E = ctx.saved<double>(1);
        const Numbers dM = dE / (1 - e * ft::cos(E));
        return {ft::sum(dM * ft::sin(E)), dM};
    }
};

int main() {
    ft::Generator gen(5);
    const Numbers M = ft::linspace<double>(0.1, 2 * std::numbers::pi, 40);  // [40]: a year in forty steps
    const auto at = [](double value) { return ft::full<double>({}, value); };

    std::cout << "== does it solve the equation?\n";
    const Numbers e0 = at(0.6), E0 = Kepler::apply(e0, M);
    expect(ft::abs(E0 - e0 * ft::sin(E0) - M).max().item() < 1e-12, "E - e sin(E) = M");

    std::cout << "\n== is its gradient right?\n";
    // Against differences, along a random direction, for both inputs; then the gradient of the gradient. Both throw
    // with input, element and both values where they disagree.
    const auto f = [](auto& in) { return Kepler::apply(in[0], in[1]); };
    ft::gradcheck(f, {e0, M});
    ft::gradgradcheck(f, {e0, M});
    expect(true, "gradcheck and gradgradcheck agree with differences");

    // The derivative that most get wrong: a sign.
    struct Wrong : ft::Function<Wrong> {
        static Numbers forward(ft::Context& ctx, const Numbers& v) { return ctx.save(v), ft::cos(v); }
        static Numbers backward(ft::Context& ctx, const Numbers& dy) { return ft::sin(ctx.saved<double>(0)) * dy; }
    };
    try {
        ft::gradcheck([](auto& in) { return Wrong::apply(in[0]); }, {M});
        expect(false, "gradcheck finds a wrong sign");
    } catch (const ft::GradcheckError& error) {
        std::cout << error.what() << '\n';
        expect(true, "gradcheck finds a wrong sign");
    }

    std::cout << "\n== through the loop, or around it?\n";
    // Both give the same number, but one history has twenty Newton steps in it, and keeps all their results.
    auto e1 = at(0.6).requires_grad_(), e2 = at(0.6).requires_grad_();
    ft::sum(solve(e1, M)).backward();
    ft::sum(Kepler::apply(e2, M)).backward();
    std::cout << "through " << e1.grad().item() << ", around " << e2.grad().item() << '\n';
    expect(std::abs(e1.grad().item() - e2.grad().item()) < 1e-9, "the two agree");

    std::cout << "\n== what it is good for: the shape of an orbit from where the planet was seen\n";
    const auto position = [&](const Numbers& e) {
        const Numbers E = Kepler::apply(e, M);                                            // [40]
        return ft::stack<double>({ft::cos(E) - e, ft::sqrt(1 - e * e) * ft::sin(E)}, 1);  // [40, 2], the Sun at 0
    };
    const auto seen = position(at(0.6)) + ft::randn<double>({40, 2}, gen, 0, 0.01);  // [40, 2]
    auto e = at(0.1).requires_grad_();
    ft::optim::Adam adam({e}, {.lr = 0.05});
    for (int step = 1; step <= 100; ++step) {
        const auto loss = ft::mse_loss(position(e), seen);
        adam.zero_grad();
        loss.backward();
        adam.step();
        if (step % 25 == 0) std::cout << "step " << step << " loss " << loss.item() << " e " << e.item() << '\n';
    }
    expect(std::abs(e.item() - 0.6) < 0.01, "the eccentricity is found");
    return finish();
}
