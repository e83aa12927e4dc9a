// Lesson 4: a net that bends. Two half moons reach into each other, so that no line separates them; a net with one
// hidden layer finds the curve that does. It draws what it has found.
#include <fathom/fathom.hpp>

#include <numbers>

#include "lesson.hpp"

namespace ft = fathom;

constexpr int n = 400;  // points

// A net is a struct of its parts. visit() gives them names; forward() is plain code.
struct Mlp : ft::nn::Module {
    ft::nn::Linear<float> hidden1, hidden2, out;
    explicit Mlp(ft::Generator& gen) : hidden1(2, 32, gen), hidden2(32, 32, gen), out(32, 2, gen) {}
    void visit(ft::nn::Visitor& v) override { v("hidden1", hidden1), v("hidden2", hidden2), v("out", out); }
    const char* kind() const override { return "Mlp"; }

    // [N, 2] -> [N, 2]: a number for each class, any number. softmax would make probabilities of them; cross_entropy
    // takes them as they are, because log(softmax(z)) in one piece neither overflows nor loses digits.
    ft::Tensor<float> forward(const ft::Tensor<float>& x) {
        const auto h1 = ft::tanh(hidden1(x));   // [N, 32]
        const auto h2 = ft::tanh(hidden2(h1));  // [N, 32]; without the bend of tanh, three layers would be one
        return out(h2);
    }
};

float accuracy(const ft::Tensor<float>& logits, const ft::Tensor<std::int64_t>& labels) {
    return (logits.argmax(1) == labels).to<float>().mean().item();
}

int main() {
    ft::Generator gen(4);
    // Half a circle, and another one turned round and moved.
    const auto angle = ft::rand<float>({n}, gen, 0, std::numbers::pi);                         // [N]
    const auto labels = ft::arange<std::int64_t>(n) * 2 / n;                                   // [N]: 0 ... 0 1 ... 1
    const auto second = labels == 1;                                                           // [N]
    const auto across = ft::where(second, 1 - ft::cos(angle), ft::cos(angle));                 // [N]
    const auto up = ft::where(second, 0.5f - ft::sin(angle), ft::sin(angle));                  // [N]
    const auto x = ft::stack<float>({across, up}, 1) + ft::randn<float>({n, 2}, gen, 0, 0.1);  // [N, 2]

    std::cout << "== a line\n";
    ft::nn::Linear line(2, 2, gen);
    ft::optim::Adam line_adam(line.parameters(), {.lr = 0.05});
    for (int step = 0; step < 200; ++step) {
        const auto loss = ft::cross_entropy(line(x), labels);
        line_adam.zero_grad();
        loss.backward();
        line_adam.step();
    }
    const float of_line = accuracy(line(x), labels);
    std::cout << "accuracy " << of_line << '\n';
    expect(of_line > 0.8f && of_line < 0.95f, "a line gets most of it right, and cannot get more");

    std::cout << "\n== a net\n";
    Mlp net(gen);
    std::cout << net;
    ft::optim::Adam adam(net.parameters(), {.lr = 0.01});
    for (int step = 1; step <= 300; ++step) {
        const auto loss = ft::cross_entropy(net.forward(x), labels);  // [N, 2] with [N] -> []
        adam.zero_grad();
        loss.backward();
        adam.step();
        if (step % 100 == 0) std::cout << "step " << step << " loss " << loss.item() << '\n';
    }
    const float of_net = accuracy(net.forward(x), labels);
    std::cout << "accuracy " << of_net << '\n';
    expect(of_net > 0.99f, "two hidden layers separate the moons");

    std::cout << "\n== what it has learned, for every point of the plane\n";
    const ft::NoGrad off;  // nothing to differentiate: nothing is kept
    const int height = 300, width = 450;
    const auto grid = ft::meshgrid<float>({ft::linspace<float>(1.3, -0.8, height),   // rows go down, y goes up
                                           ft::linspace<float>(-1.3, 2.3, width)});  // two of [300, 450]
    const auto places = ft::stack<float>({grid[1], grid[0]}, 2);                     // [300, 450, 2]
    const auto probability = ft::softmax(net.forward(places.reshape({height * width, 2})), 1)
                                 .select(1, 1)
                                 .reshape({height, width});  // [300, 450], of the second moon
    // Red where it says 0, blue where it says 1, white where it does not know.
    auto picture = ft::stack<float>({1.4f - 0.9f * probability, 1 - 0.9f * ft::abs(probability - 0.5f),
                                     0.5f + 0.9f * probability});  // [3, 300, 450]; plot::images cuts at 0 and 1
    for (int i = 0; i < n; ++i) {  // the points on top, black of the first moon, white of the second
        const auto row = static_cast<int>((1.3f - x(i, 1)) / 2.1f * height);
        const auto column = static_cast<int>((x(i, 0) + 1.3f) / 3.6f * width);
        if (row < 1 || column < 1 || row > height - 2 || column > width - 2) continue;
        picture.slice(1, row - 1, row + 2).slice(2, column - 1, column + 2).fill_(labels(i) == 1 ? 1.0f : 0.0f);
    }
    ft::plot::images("lesson_04_moons.png", picture.unsqueeze(0));
    std::cout << "the picture: lesson_04_moons.png\n";

    // Kept for later: names and numbers, in a file that PyTorch's users can read too.
    ft::io::save("lesson_04_moons.safetensors", net.state_dict());
    Mlp again(gen);
    again.load_state_dict(ft::io::load("lesson_04_moons.safetensors"));
    expect((again.forward(x) == net.forward(x)).all().item(), "a saved net computes the same");
    return finish();
}
