// What the budget calls a program with a convolution and its backward; float only.
#include <fathom/fathom.hpp>

namespace ft = fathom;

int main() {
    ft::Generator gen(1);
    auto x = ft::randn<float>({2, 3, 32, 32}, gen).requires_grad_();
    auto weight = ft::randn<float>({8, 3, 3, 3}, gen).requires_grad_();
    auto bias = ft::zeros<float>({8}).requires_grad_();
    auto loss = ft::mean(ft::square(ft::relu(ft::conv2d(x, weight, bias, {.padding = 1}))));
    loss.backward();
    return weight.grad().defined() ? 0 : 1;
}
