// Negative log-likelihoods of numbers: gaussian_nll_loss, poisson_nll_loss. Of classes: nll_loss.hpp.
#pragma once

#include "fathom/ops/loss.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/masked.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments.
struct GaussianNllLossOptions {
    bool full = false;  // with the constant, log(2 pi) / 2
    double eps = 1e-6;  // the least variance
    Reduction reduction = Reduction::mean;
};
struct PoissonNllLossOptions {
    bool log_input = true;  // x holds logarithms of rates
    bool full = false;      // with Stirling's approximation of log(target!), for targets above 1
    double eps = 1e-8;      // keeps the logarithm of a rate of 0 finite
    Reduction reduction = Reduction::mean;
};

namespace detail {
// var beside x: of x's shape, or without its last dimension, or with one dimension of size 1 in place of another.
template <FloatElement T>
Tensor<T> variance_beside(const Tensor<T>& x, const Tensor<T>& var, const char* name, Where site) {
    require_defined(x, name, site), require_defined(var, name, site);
    const Shape &s = x.shape(), &v = var.shape();
    if (s.rank() == v.rank() + 1 && v == Shape::from(s.begin(), s.end() - 1)) return unsqueeze(var, -1, site);
    int ones = 0;
    bool fits = s.rank() == v.rank();
    for (int d = 0; fits && d < s.rank(); ++d)
        if (s[d] != v[d]) fits = v[d] == 1 && ++ones == 1;
    if (!fits) fail(name, site, {"var has shape ", v, ", expected that of the input, ", s, ", or one size 1 in it"});
    return var;
}
}  // namespace detail

// (log(var) + (x - target)^2 / var) / 2, var not below eps; x and target broadcast. A gradient reaches var where it is
// bounded too. Nix and Weigend, 1994.
template <FloatElement T>
Tensor<T> gaussian_nll_loss(const Tensor<T>& x, const Tensor<T>& target, const Tensor<T>& var,
                            const GaussianNllLossOptions& o = {}, Where site = Where::here()) {
    const char* name = "gaussian_nll_loss";
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<T> given = detail::variance_beside(x, var, name, site);
    if (given.device().is_cpu() && any(less(at(given), Operand<T>(0, site)), {}, false, site).item(site))
        fail(name, site, {"var has an element below 0"});
    const Tensor<T> lacking = relu(detail::affine(given.detach(), -1, o.eps, name, site), site),
                    bounded = add(at(given), at(lacking)), distance = square(sub(at(x), at(target)), site),
                    quotient = div(at(distance), at(bounded)), both = add(at(log(bounded, site)), at(quotient));
    constexpr double half_log_2_pi = 0.9189385332046727;
    const Tensor<T> loss = detail::affine(both, 0.5, o.full ? half_log_2_pi : detail::no_constant, name, site);
    return detail::reduced(loss, o.reduction, site);
}

// exp(x) - target x of logarithms of rates, x - target log(x + eps) of rates; both broadcast.
template <FloatElement T>
Tensor<T> poisson_nll_loss(const Tensor<T>& x, const Tensor<T>& target, const PoissonNllLossOptions& o = {},
                           Where site = Where::here()) {
    const char* name = "poisson_nll_loss";
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<T> rate = o.log_input ? exp(x, site) : x,
                    logarithm = o.log_input ? x : log(detail::affine(x, 1, o.eps, name, site), site);
    const Tensor<T> likely = mul(at(target), at(logarithm));
    Tensor<T> loss = sub(at(rate), at(likely));
    if (o.full) {
        // t log(t) - t + log(2 pi t) / 2, of 1 in place of what is not above it
        constexpr double pi = 3.141592653589793;
        const Tensor<bool> above = less(Operand<T>(1, site), at(target));
        const Tensor<T> t = where(above, target, 1, site),
                        own = mul(at(t), at(detail::affine(log(t, site), 1, -1, name, site))),
                        width = log(detail::affine(t, 2 * pi, detail::no_constant, name, site), site),
                        stirling = add(at(own), at(detail::affine(width, 0.5, detail::no_constant, name, site)));
        loss = add(at(loss), at(where(above, stirling, 0, site)));
    }
    return detail::reduced(loss, o.reduction, site);
}

}  // namespace fathom::inline v0
