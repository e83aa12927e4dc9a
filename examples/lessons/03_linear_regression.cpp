// Lesson 3: linear regression, three times: with the gradient by hand, by backward(), and as PyTorch's users write it.
// All training loops of this world are the same four lines: predict, measure, differentiate, step.
#include <fathom/fathom.hpp>

#include <vector>

#include "lesson.hpp"

namespace ft = fathom;

int main() {
    // Data: three numbers describe each of 200 houses; the price is a weighted sum of them and some noise.
    ft::Generator gen(3);
    const auto x = ft::randn<float>({200, 3}, gen);                                  // [200, 3]
    const ft::Tensor<float> truth({2, -1, 0.5});                                     // [3]
    const auto y = ft::matmul(x, truth) + 4 + ft::randn<float>({200}, gen, 0, 0.1);  // [200]
    const float rate = 0.1f;
    std::vector<float> losses;

    std::cout << "== the gradient by hand\n";
    // loss = mean((x w + b - y)^2), so with the error e = x w + b - y:
    //   d loss / d w = 2/n x^T e,   d loss / d b = 2/n sum(e)
    auto w = ft::zeros<float>({3}), b = ft::zeros<float>({});
    for (int step = 0; step < 100; ++step) {
        const auto e = ft::matmul(x, w) + b - y;  // [200]
        losses.push_back(ft::square(e).mean().item());
        w -= rate * (2.0f / 200) * ft::matmul(x.transpose(0, 1), e);  // [3, 200] [200] -> [3]
        b -= rate * (2.0f / 200) * e.sum();
    }
    std::cout << "w " << w << ", b " << b.item() << ", loss " << losses.front() << " -> " << losses.back() << '\n';
    expect(ft::abs(w - truth).max().item() < 0.05f, "the weights are found");
    // The noise has variance 0.01, and no line can be better than that.
    expect(losses.back() < 0.012f, "the loss ends at the variance of the noise");

    std::cout << "\n== the same by backward()\n";
    auto w2 = ft::zeros<float>({3}).requires_grad_(), b2 = ft::zeros<float>({}).requires_grad_();
    for (int step = 0; step < 100; ++step) {
        const auto loss = ft::square(ft::matmul(x, w2) + b2 - y).mean();
        loss.backward();
        const ft::NoGrad off;  // the step itself is nothing to differentiate
        w2 -= rate * w2.grad(), b2 -= rate * b2.grad();
        w2.zero_grad(), b2.zero_grad();  // or the next gradient would be added to this one
    }
    expect(ft::abs(w2.detach() - w).max().item() < 1e-5f, "both roads lead to the same weights");

    std::cout << "\n== the same with a module and an optimizer\n";
    // A module holds parameters and says how to compute with them; an optimizer has handles on the parameters and
    // changes them in place.
    ft::nn::Linear model(3, 1, gen);  // weight [1, 3] and bias [1], at random
    ft::optim::SGD sgd(model.parameters(), {.lr = 0.1});
    for (int step = 0; step < 100; ++step) {
        const auto predicted = model(x).squeeze(1);  // [200, 1] -> [200]
        const auto loss = ft::mse_loss(predicted, y);
        sgd.zero_grad();
        loss.backward();
        sgd.step();
    }
    std::cout << model.weight << ", bias " << model.bias(0) << '\n';
    expect(ft::abs(model.weight.detach().squeeze(0) - w).max().item() < 1e-4f, "from another start to the same end");

    // Forget squeeze(1), and [200, 1] - [200] broadcasts to [200, 200]: all pairs, a loss that means nothing. PyTorch
    // warns; here the shapes that a loss is given must be equal.
    try {
        ft::mse_loss(model(x), y);
        expect(false, "a loss of [200, 1] and [200] is refused");
    } catch (const ft::Error& error) {
        std::cout << error.what() << '\n';
        expect(true, "a loss of [200, 1] and [200] is refused");
    }

    ft::plot::lines("lesson_03_loss.svg", {{"loss", losses}}, {.x_label = "step", .y_label = "loss"});
    std::cout << "the curve: lesson_03_loss.svg\n";
    return finish();
}
