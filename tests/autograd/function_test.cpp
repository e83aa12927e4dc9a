// Operations as the library writes them, and what is checked of them.
#include "fathom/autograd/function.hpp"

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// As the header's comment has it.
template <FloatElement T>
struct Cube : autograd::Node {
    static Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) {
        const Tensor<T> v = x.detach();
        return finish<Cube>(v * v * v, "cube", site, {x}, [&](Cube& f) { f.x = Saved(x); });
    }
    void backward(Gradients& g) override {
        const auto v = x.template get<T>(*this);
        g.add(0, 3 * v * v * g.template output<T>());
    }
    void backward_recorded(Gradients& g) override {
        const auto v = x.template get_recorded<T>(*this);
        g.add(0, 3 * v * v * g.template output<T>());
    }
    void release_saved() override { x.release(); }
    Saved x;
};

// a * b whose backward does what `mistake` says.
struct Product : autograd::Node {
    static Tensor<float> forward(const Tensor<float>& a, const Tensor<float>& b, int mistake) {
        const Tensor<float> y = mistake == 6 ? a * b : a.detach() * b.detach();
        return finish<Product>(y, "product", Where::here(), {a, b}, [&](Product& f) { f.mistake = mistake; });
    }
    void backward(Gradients& g) override {
        const auto dy = g.output<float>();
        const Tensor<double> wide = to<double>(dy);
        switch (mistake) {
            case 0:
                return g.add(0, dy);
            case 1:
                return g.add(0, dy.slice(0, 0, 1));
            case 2:
                return g.add(0, wide);
            case 3:
                return g.add(0, Tensor<float>());
            case 4:
                return g.add(1, dy);
            case 5:
                return g.add(7, dy);
            default:
                return;
        }
    }
    int mistake = 0;
};

std::string message(int mistake) {
    const auto a = Tensor<float>({1, 2}).requires_grad_();
    return message_of([&] { sum(Product::forward(a, Tensor<float>({3, 4}), mistake)).backward(); });
}

}  // namespace

TEST_CASE("autograd/function: a user's operation, its gradient and the gradient of that") {
    auto x = Tensor<float>({1, -2}).requires_grad_();
    sum(Cube<float>::forward(x)).backward();
    CHECK(elements(x.grad()) == std::vector<float>{3, 12});
    const auto y = Tensor<double>({0.5, -1.5}).requires_grad_();
    gradcheck([](const std::vector<Tensor<double>>& in) { return Cube<double>::forward(in[0]); }, {y});
    gradgradcheck([](const std::vector<Tensor<double>>& in) { return Cube<double>::forward(in[0]); }, {y});
    CHECK_FALSE(Cube<float>::forward(Tensor<float>({1})).requires_grad());
}

TEST_CASE("autograd/function: what backward hands over is checked, with operation, input, expected and got") {
    CHECK(message(0) == "no error");
    CHECK(contains(message(1), "product: the gradient for input 0 is float [1] on cpu, expected float [2] on cpu"));
    CHECK(contains(message(2), "product: the gradient for input 0 is double [2] on cpu, expected float [2] on cpu"));
    CHECK(contains(message(3), "product: the gradient for input 0 is an undefined tensor"));
    CHECK(contains(message(4), "product: backward gives a gradient for input 1, which needs none"));
    CHECK(contains(message(5), "product: backward gives a gradient for input 7, which needs none"));
    CHECK(contains(message(6), "product: the result has a history already"));
    CHECK(contains(message(8), "product: backward gave no gradient for input 0"));
}
