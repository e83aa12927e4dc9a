// A user's own operation, and checkpoint().
#include <fathom/fathom.hpp>

#include "check.hpp"

namespace ft = fathom;

struct Cube : ft::Function<Cube> {
    static ft::Tensor<float> forward(ft::Context& ctx, const ft::Tensor<float>& x) {
        ctx.save(x);
        return x * x * x;
    }
    static ft::Tensor<float> backward(ft::Context& ctx, const ft::Tensor<float>& dy) {
        auto x = ctx.saved<float>(0);
        return 3 * x * x * dy;
    }
};

int main() {
    ft::Tensor<float> x({1, 2});
    x.requires_grad_();
    auto y = Cube::apply(x);
    check(y(1) == 8, "the cube of 2");
    auto [g] = ft::grad(ft::sum(y), {x}, {.create_graph = true});
    check(g(1) == 12, "its derivative");
    auto [h] = ft::grad(ft::sum(g), {x});
    check(h(1) == 12, "and the derivative of that");

    float seen = 0;
    x.register_hook([&](const ft::Tensor<float>& gradient) { seen = gradient(0); });
    auto twice = ft::checkpoint([](const ft::Tensor<float>& v) { return Cube::apply(v) * v; }, x);
    ft::sum(twice).backward();  // 4 x^3
    check(x.grad()(1) == 32 && seen == 4, "a gradient through a checkpoint");

    auto hessian = ft::hessian([](const auto& v) { return ft::sum(Cube::apply(v)); }, x);  // 6 x on the diagonal
    check(hessian(1, 1) == 12 && hessian(0, 1) == 0, "a Hessian");
    return finish();
}
