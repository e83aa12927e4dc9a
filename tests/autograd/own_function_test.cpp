// Operations as users write them.
#include "fathom/autograd/own_function.hpp"

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// As the header's comment has it, for any floating type.
template <FloatElement T>
struct Cube : Function<Cube<T>> {
    static Tensor<T> forward(Context& ctx, const Tensor<T>& x) {
        ctx.save(x);
        return x * x * x;
    }
    static Tensor<T> backward(Context& ctx, const Tensor<T>& dy) {
        const Tensor<T> x = ctx.saved<T>(0);
        return 3 * x * x * dy;
    }
};

// scale * a * exp(b), which saves its result, and takes indices that have no gradient.
struct Mixed : Function<Mixed> {
    static Tensor<double> forward(Context& ctx, const Tensor<double>& a, const Tensor<std::int64_t>& rows,
                                  const Tensor<double>& b, double scale) {
        const Tensor<double> y = scale * a * exp(b);
        CHECK(rows.numel() == 1);
        ctx.save(y), ctx.save(b), ctx.save_number(scale);
        return y;
    }
    static std::array<Tensor<double>, 3> backward(Context& ctx, const Tensor<double>& dy) {
        CHECK_FALSE(ctx.needs(1));
        std::array<Tensor<double>, 3> g;
        if (ctx.needs(0)) g[0] = ctx.number(0) * exp(ctx.saved<double>(1)) * dy;
        if (ctx.needs(2)) g[2] = ctx.saved<double>(0) * dy;
        return g;
    }
};

struct Same : Function<Same> {
    static Tensor<float> forward(Context&, const Tensor<float>& x) { return x; }
    static Tensor<float> backward(Context&, const Tensor<float>& dy) { return 2 * dy; }
};

// What a wrong backward does.
struct Wrong : Function<Wrong> {
    static Tensor<float> forward(Context& ctx, const Tensor<float>& x, int mistake) {
        ctx.save(x), ctx.save_number(mistake);
        return 1 * x;
    }
    static Tensor<float> backward(Context& ctx, const Tensor<float>& dy) {
        switch (static_cast<int>(ctx.number(0))) {
            case 0:
                return dy[0];
            case 1:
                return ctx.saved<float>(1);
            case 2:
                return ctx.saved<double>(0).to<float>();
            case 3:
                return Tensor<float>();
            case 4:
                return static_cast<float>(ctx.number(1)) * dy;
            default:
                return ctx.saved<float>(0) * dy;
        }
    }
};

}  // namespace

TEST_CASE("autograd/own_function: a user's operation, its gradient and the gradient of that") {
    auto x = Tensor<float>({1, -2}).requires_grad_();
    const auto y = Cube<float>::apply(x);
    CHECK(elements(y) == std::vector<float>{1, -8});
    sum(y).backward();
    CHECK(elements(x.grad()) == std::vector<float>{3, 12});
    const auto f = [](const std::vector<Tensor<double>>& in) { return Cube<double>::apply(in[0]); };
    gradcheck(f, {Tensor<double>({0.5, -1.5})});
    gradgradcheck(f, {Tensor<double>({0.5, -1.5})});
    CHECK_FALSE(Cube<float>::apply(Tensor<float>({1})).requires_grad());
    const NoGrad off;
    CHECK_FALSE(Cube<float>::apply(x).requires_grad());
}

TEST_CASE("autograd/own_function: several tensors, numbers, a saved result") {
    const auto f = [](const std::vector<Tensor<double>>& in) {
        return Mixed::apply(in[0], Tensor<std::int64_t>({3}), in[1], 1.5);
    };
    const std::vector<Tensor<double>> in = {Tensor<double>({0.5, -1.5}), Tensor<double>({0.25, 1})};
    gradcheck(f, in);
    gradgradcheck(f, in);
    auto a = Tensor<double>({2}).requires_grad_();  // alone
    sum(Mixed::apply(a, Tensor<std::int64_t>({3}), Tensor<double>({0}), 3)).backward();
    CHECK(elements(a.grad()) == std::vector<double>{3});
}

TEST_CASE("autograd/own_function: an input that is given as the result keeps its own history") {
    auto x = Tensor<float>({1, 2}).requires_grad_();
    const auto y = Same::apply(x);
    CHECK(elements(y) == std::vector<float>{1, 2});
    sum(y).backward();
    CHECK(elements(x.grad()) == std::vector<float>{2, 2});
}

TEST_CASE("autograd/own_function: saved values go after backward, and must not be overwritten before it") {
    auto x = Tensor<float>({1, 2}).requires_grad_();
    const auto y = sum(Cube<float>::apply(x));
    y.backward();
    CHECK(message_of([&] { y.backward(); }).find("backward needs values that an earlier backward released") !=
          std::string::npos);
    const auto z = Cube<float>::apply(x);
    {
        const NoGrad off;
        x += 1.0f;
    }
    const std::string text = message_of([&] { sum(z).backward(); });
    CHECK(text.find("Cube") == 0);
    CHECK(text.find("overwritten since") != std::string::npos);
}

TEST_CASE("autograd/own_function: mistakes name the operation and its line") {
    const auto message = [](int mistake) {
        const auto x = Tensor<float>({1, 2}).requires_grad_();
        return message_of([&] { sum(Wrong::apply(x, mistake)).backward(); });
    };
    CHECK(message(0) == "Wrong: the gradient for input 0 is float [] on cpu, expected float [2] on cpu at here");
    CHECK(message(1) == "Wrong: backward asks for saved tensor 1 of 1 at here");
    CHECK(message(2) == "Wrong: backward asks for saved tensor 0 as double, it holds float at here");
    CHECK(message(3) == "Wrong: backward gave no gradient for input 0 at here");
    CHECK(message(4) == "Wrong: asks for saved number 1 of 1 at here");
    CHECK(message(9) == "no error");
}
