// A little of everything with kernels behind it, the same in every unit that includes it. Internal linkage: each unit
// has its own copy, and what the copies share are fathom's functions alone.
#pragma once

#include <fathom/fathom.hpp>

namespace {

double workload() {
    namespace ft = fathom;
    ft::Generator gen(9);
    auto x = ft::randn<float>({2, 16, 13, 17}, gen);
    auto weight = ft::randn<float>({24, 16, 3, 3}, gen).requires_grad_();
    auto mix = ft::randn<float>({24, 5}, gen).requires_grad_();
    auto y = ft::leaky_relu(ft::conv2d(x, weight, {}, {.padding = 1}), 0.2);
    auto z = ft::matmul(y.permute({0, 2, 3, 1}).reshape({2 * 13 * 17, 24}), mix);
    auto loss = ft::mean(ft::square(z)) + ft::mean(ft::tanh(z));
    loss.backward();
    return static_cast<double>(loss.item()) + static_cast<double>(ft::sum(weight.grad()).item()) +
           static_cast<double>(ft::sum(ft::abs(mix.grad())).item());
}

}  // namespace
