// The gradients of every entry of the list of operation cases (case.hpp), and theirs, against differences.
#include "fathom/autograd/gradcheck.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/ops/for_each_case.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/gradcheck: gradients agree with differences, and so do their gradients") {
    for_each_case([](const OpCase& op) {
        for (const Shapes& shapes : op.shapes) {
            const auto in = to_inputs<double>(op, make_inputs(op, shapes));
            std::vector<Tensor<double>> variables;
            for (std::size_t i = 0; i < in.tensors.size(); ++i)
                if (differentiable(op, i)) variables.push_back(in[i]);
            const auto f = [&](std::vector<Tensor<double>>& x) {
                Inputs<double> all = in;
                std::size_t next = 0;
                for (std::size_t i = 0; i < all.tensors.size(); ++i)
                    if (differentiable(op, i)) all.tensors[i] = x[next++];
                return call(op, all);
            };
            if (!checks_gradients(op, shapes, 1) || f(variables).numel() == 0) continue;
            INFO("shapes " << text_of(shapes));
            // Behind the first shapes a gradient may be zero: nothing is there, or the other one of two numbers wins.
            const GradcheckOptions options{.allow_zero = &shapes != &op.shapes.front()};
            gradcheck(f, variables, options);
            // The square's second derivatives never vanish, and take the gradient of the gradient to dy and x alike.
            if (checks_gradients(op, shapes, 2))
                gradgradcheck([&](std::vector<Tensor<double>>& x) { return square(f(x)); }, variables, options);
        }
    });
}
