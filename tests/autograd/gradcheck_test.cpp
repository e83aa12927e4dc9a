#include "fathom/autograd/gradcheck.hpp"

#include "fathom/ops/copy.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

using In = std::vector<Tensor<double>>;

// x^2 whose gradient is `factor` dy x, and `recorded` dy x under create_graph: right for 2.
struct Square final : autograd::Node {
    static Tensor<double> forward(const Tensor<double>& x, double factor, double recorded) {
        return finish<Square>(square(x.detach()), "square", Where::here(), {x},
                              [&](Square& f) { f.x = Saved(x), f.factor = factor, f.recorded = recorded; });
    }
    void backward(Gradients& g) override {
        g.add(0, (g.recorded() ? recorded : factor) * g.output<double>() * x.get_recorded<double>(*this));
    }
    Saved x;
    double factor, recorded;
};

Tensor<double> square_with(const Tensor<double>& x, double factor, double recorded = 2) {
    return Square::forward(x, factor, recorded);
}

std::string gradcheck_message(Tensor<double> (*f)(In&), In inputs, const GradcheckOptions& options = {}) {
    return message_of([&] { gradcheck(f, inputs, options); });
}

}  // namespace

TEST_CASE("autograd/gradcheck: passes what is right, and leaves inputs and their gradients alone") {
    auto a = Tensor<double>({{1, 2}, {3, 4}}).requires_grad_();
    const Tensor<double> b({0.5, -2});
    gradcheck([](In& in) { return tanh(in[0]) * in[1]; }, {a, b});
    gradgradcheck([](In& in) { return tanh(in[0]) * in[1]; }, {a, b});
    gradcheck([](In& in) { return square_with(in[0], 2); }, {a});
    gradgradcheck([](In& in) { return square_with(in[0], 2); }, {a});
    CHECK_FALSE(a.grad().defined());
    CHECK(elements(a) == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("autograd/gradcheck: checks views as they are given") {
    const auto base = reshape(arange<double>(1, 25), {4, 6}).clone();
    gradcheck([](In& in) { return in[0] * in[0]; }, {base.transpose(0, 1).slice(0, 1, 6, 2)});
    CHECK(elements(base) == elements(arange<double>(1, 25)));
}

TEST_CASE("autograd/gradcheck: finds a wrong gradient and names input, element and both values") {
    const std::string text = gradcheck_message([](In& in) { return in[0] + square_with(in[1], 1.9); },
                                               {Tensor<double>({1, 2}), Tensor<double>({3, 4})});
    CHECK(text.find("gradcheck: input 1, element 0 (shape [2]): backward gives ") == 0);
    CHECK(text.find("differences give ") != std::string::npos);
    CHECK_THROWS_AS(gradcheck([](In& in) { return square_with(in[0], 1.9); }, {Tensor<double>({1})}), GradcheckError);
    // Wrong in one element of many.
    const std::string one = gradcheck_message(
        [](In& in) {
            const auto& x = in[0];
            return x * Tensor<double>({1, 1, 1}) +
                   (x.slice(0, 2, 3).detach() * 0.5).expand({3}) * Tensor<double>({0, 0, 1});
        },
        {Tensor<double>({1, 2, 3})});
    CHECK(one.find("gradcheck: input 0, element 2 (shape [3])") == 0);
    // A wrong second derivative behind a right first one.
    CHECK_THROWS_AS(gradgradcheck([](In& in) { return exp(in[0].detach()) * in[0]; }, {Tensor<double>({1})}),
                    GradcheckError);
}

TEST_CASE("autograd/gradcheck: the gradient under create_graph is another piece of code, and may be wrong alone") {
    const auto f = [](In& in) { return square_with(in[0], 2, 1.9); };
    gradcheck(f, {Tensor<double>({3})});
    CHECK(message_of([&] {
              gradgradcheck(f, {Tensor<double>({3})});
          }).find("gradgradcheck: input 0, element 0 (shape [1]): backward gives ") == 0);
}

TEST_CASE("autograd/gradcheck: refuses to check nothing") {
    CHECK(gradcheck_message([](In& in) { return in[0] * 0.0; }, {Tensor<double>({1, 2})}) ==
          "gradcheck: every gradient is zero: nothing was checked at here");
    CHECK(gradcheck_message([](In& in) { return in[0] * 0.0; }, {Tensor<double>({1, 2})}, {.allow_zero = true}) ==
          "no error");
    CHECK(gradcheck_message([](In& in) { return exp(in[0].detach()); }, {Tensor<double>({1, 2})}) ==
          "gradcheck: the result does not depend on the inputs at here");
    // NaN is never right.
    CHECK_THROWS_AS(gradcheck([](In& in) { return sqrt(in[0]); }, {Tensor<double>({-1})}), GradcheckError);
}
