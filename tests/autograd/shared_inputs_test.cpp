// Operations that are given the same tensor as several of their inputs: its gradient is the sum of theirs.
#include "fathom/autograd/function.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/ops/for_each_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// y = a + 3 b, whose backward asks for both places before it writes either, the second one first.
struct WeightedSum : autograd::Node {
    static Tensor<double> forward(const Tensor<double>& a, const Tensor<double>& b, bool hand_over) {
        return finish<WeightedSum>(a.detach() + b.detach() * 3, "weighted_sum", Where::here(), {a, b},
                                   [&](WeightedSum& f) { f.hand_over = hand_over; });
    }
    void backward(Gradients& g) override {
        const Tensor<double> dy = g.output<double>();
        const autograd::Target da = g.target(0);
        if (hand_over) g.add(1, dy * 3);
        const autograd::Target db = hand_over ? autograd::Target() : g.target(1);
        const auto write = [&](const autograd::Target& to, double factor) {
            auto values = to.view.as<double>();
            if (to.add)
                values += dy * factor;
            else
                values.copy_(dy * factor);
        };
        if (db.wanted()) write(db, 3);
        write(da, 1);
    }
    bool hand_over = false;
};

}  // namespace

TEST_CASE("autograd/shared_inputs: targets that are asked for before they are written") {
    for (const bool hand_over : {false, true}) {
        CAPTURE(hand_over);
        auto x = Tensor<double>({1, 2}).requires_grad_();
        WeightedSum::forward(x, x, hand_over).sum().backward();
        CHECK(elements(x.grad()) == std::vector<double>{4, 4});
        WeightedSum::forward(x, x, hand_over).sum().backward();  // into the gradient that is there
        CHECK(elements(x.grad()) == std::vector<double>{8, 8});
        const auto y = x * 1;
        (WeightedSum::forward(y, y, hand_over) + y).sum().backward();
        CHECK(elements(x.grad()) == std::vector<double>{13, 13});
    }
}

TEST_CASE("autograd/shared_inputs: every operation that takes two tensors of one shape") {
    for_each_case([](const OpCase& op) {
        if (op.shapes.empty()) return;  // golden numbers alone
        const Shapes& shapes = op.shapes.front();
        const std::vector<Plain> plain = make_inputs(op, shapes);
        Inputs<double> in = to_inputs<double>(op, plain);
        for (std::size_t i = 0; i < in.tensors.size(); ++i) {
            for (std::size_t j = i + 1; j < in.tensors.size(); ++j) {
                if (!differentiable(op, i) || !differentiable(op, j) || !(in[i].shape() == in[j].shape())) continue;
                CAPTURE(i);
                CAPTURE(j);
                Inputs<double> apart = in, shared = in;
                const auto leaf = [&] { return to_tensor<double>(plain[i]).requires_grad_(); };
                apart.tensors[i] = leaf(), apart.tensors[j] = leaf();
                shared.tensors[i] = shared.tensors[j] = leaf();
                const Tensor<double> y = call(op, apart), z = call(op, shared);
                const Tensor<double> cotangent = cotangent_for<double>(y.shape());
                backward(y, cotangent);
                backward(z, cotangent);
                const NoGrad off;
                const auto gradient = [](const Tensor<double>& x) {
                    return x.grad().defined() ? x.grad() : zeros_like(x);
                };
                // Beside 1: where the two cancel, as in cosine_similarity, rounding is all that is left.
                const Plain sum = to_plain(gradient(apart[i]) + gradient(apart[j]) + 1);
                CHECK(difference(gradient(shared[i]) + 1, sum) <= 1e-12);
            }
        }
    });
}
