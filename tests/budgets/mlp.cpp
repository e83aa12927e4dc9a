// What the budget calls an MLP training program: forward, backward, Adam, cross-entropy; float only.
#include <fathom/fathom.hpp>

#include <cstdint>

namespace ft = fathom;

struct Mlp : ft::nn::Module {
    ft::nn::Linear<float> hidden, out;
    explicit Mlp(ft::Generator& gen) : hidden(2, 64, gen), out(64, 2, gen) {}
    void visit(ft::nn::Visitor& v) override {
        v("hidden", hidden);
        v("out", out);
    }
    ft::Tensor<float> forward(const ft::Tensor<float>& x) { return out(ft::relu(hidden(x))); }
};

int main() {
    ft::Generator gen(1);
    auto x = ft::randn<float>({64, 2}, gen);
    auto labels = ft::zeros<std::int64_t>({64});
    Mlp net(gen);
    ft::optim::Adam adam(net.parameters(), {.lr = 1e-2});
    for (int step = 0; step < 500; ++step) {
        auto loss = ft::cross_entropy(net.forward(x), labels);
        adam.zero_grad();
        loss.backward();
        adam.step();
    }
}
