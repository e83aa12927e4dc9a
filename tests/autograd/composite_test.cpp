// Fused operations whose inputs come from each other, differentiated twice.
#include "fathom/autograd/composite.hpp"

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/ops/batch_norm.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;

TEST_CASE("autograd/composite: an input that another input comes from gets that part of its gradient once") {
    Generator gen(1);
    const auto x = randn<double>({3, 2, 1, 1}, gen);
    gradgradcheck(
        [](const std::vector<Tensor<double>>& in) {
            const Tensor<double> weight = (in[0][0] * in[0][1]).flatten();
            return batch_norm(in[0], {}, {}, weight, {}, {.training = true});
        },
        {x});
}
