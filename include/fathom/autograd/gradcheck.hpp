// gradcheck: analytic gradients against central differences in double, along a random cotangent.
#pragma once

#include <vector>

#include "fathom/autograd/backward.hpp"
#include "fathom/core/random.hpp"

namespace fathom::inline v0 {

// Names the input, the element and both values.
class [[gnu::visibility("default")]] GradcheckError : public Error {
public:
    using Error::Error;
};

struct GradcheckOptions {
    double eps = 1e-6;
    double atol = 1e-5;
    double rtol = 1e-3;
    std::uint64_t seed = 0;  // of the cotangent
    bool allow_zero =
        false;  // a gradient that is zero everywhere is refused otherwise: it usually means that nothing was checked
};

namespace detail {
// Templates over the one type they are ever used with, so that a program that never checks a gradient instantiates
// nothing for double.
template <class Double>
using GradcheckFunction = Tensor<Double> (*)(void* f, std::vector<Tensor<Double>>& inputs);
template <class Double>
void gradcheck(GradcheckFunction<Double> f, void* state, std::vector<Tensor<Double>> inputs,
               const GradcheckOptions& options, Where site);
template <class Double>
Tensor<Double> random_like(const Tensor<Double>& y, std::uint64_t seed, Where site);
// The gradients that backward and backward_recorded give: two pieces of code, one truth.
template <class Double>
void check_recorded(GradcheckFunction<Double> f, void* state, const std::vector<Tensor<Double>>& inputs,
                    const GradcheckOptions& options, Where site);
}  // namespace detail

// f takes std::vector<Tensor<double>>& and gives a Tensor<double>. Throws GradcheckError where the two disagree.
template <class F>
void gradcheck(F f, std::vector<Tensor<double>> inputs, const GradcheckOptions& options = {},
               Where site = Where::here()) {
    detail::gradcheck<double>(
        [](void* state, std::vector<Tensor<double>>& in) -> Tensor<double> { return (*static_cast<F*>(state))(in); },
        &f, std::move(inputs), options, site);
}

// The same for the gradient of f: checks second derivatives through create_graph, and that the gradients which can be
// differentiated again are those of an ordinary backward.
template <class F>
void gradgradcheck(F f, std::vector<Tensor<double>> inputs, const GradcheckOptions& options = {},
                   Where site = Where::here()) {
    detail::check_recorded<double>(
        [](void* state, std::vector<Tensor<double>>& in) -> Tensor<double> { return (*static_cast<F*>(state))(in); },
        &f, inputs, options, site);
    for (std::size_t wanted = 0; wanted < inputs.size(); ++wanted) {
        gradcheck(
            [&](std::vector<Tensor<double>>& in) {
                const Tensor<double> y = f(in);
                GradOptions grad_options{.create_graph = true, .allow_unused = true};
                grad_options.grad_outputs = {detail::random_like(y, options.seed + 1, site)};
                const std::vector<Tensor<double>> only = {in[wanted]};
                Tensor<double> g = grad(y, only, grad_options, site)[0];
                return g;
            },
            inputs, options, site);
    }
}

}  // namespace fathom::inline v0

#include "fathom/autograd/gradcheck.inl.hpp"
