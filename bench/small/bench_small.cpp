// What an operation costs beside its arithmetic: additions of 8 numbers, a graph of four operations, a long chain, the
// training step of a small net; and matrix products from 64 to 2048. ../peers/small.py sets PyTorch beside it.
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/support/machine.hpp"
#include "bench/support/options.hpp"
#include "bench/support/report.hpp"
#include "bench/support/timing.hpp"
#include "fathom/fathom.hpp"
#include "support/program.hpp"

namespace ft = fathom;
using namespace fathom::bench;

namespace {

struct Mlp : ft::nn::Module {
    ft::nn::Linear<float> hidden, out;
    explicit Mlp(ft::Generator& generator) : hidden(784, 128, generator), out(128, 10, generator) {}
    void visit(ft::nn::Visitor& v) override { v("hidden", hidden), v("out", out); }
    ft::Tensor<float> forward(const ft::Tensor<float>& x) { return out(ft::relu(hidden(x))); }
};

struct Work {
    std::string name;
    double count;  // what a call's time is divided by
    std::function<void()> run;
};

void chain(const ft::Tensor<float>& a, const ft::Tensor<float>& b, int length) {
    ft::Tensor<float> y = a;
    for (int i = 0; i < length; ++i) y = y + b;
    ft::sum(y).backward();
}

std::function<void()> training_step(std::int64_t batch, ft::Generator& generator) {
    struct State {
        Mlp net;
        ft::optim::SGD sgd;
        ft::Tensor<float> x;
        ft::Tensor<std::int64_t> labels;
        State(std::int64_t n, ft::Generator& g)
            : net(g),
              sgd(net.parameters(), {.lr = 1e-2}),
              x(ft::randn<float>({n, 784}, g)),
              labels(ft::zeros<std::int64_t>({n})) {}
    };
    return [s = std::make_shared<State>(batch, generator)] {
        const auto loss = ft::cross_entropy(s->net.forward(s->x), s->labels);
        s->sgd.zero_grad();
        loss.backward();
        s->sgd.step();
    };
}

std::function<void()> inference(std::int64_t batch, ft::Generator& generator) {
    return [net = std::make_shared<Mlp>(generator), x = ft::randn<float>({batch, 784}, generator)] {
        const ft::NoGrad off;
        net->forward(x);
    };
}

std::vector<Work> works(bool quick) {
    ft::Generator generator(1);
    const auto a = ft::randn<float>({8}, generator), b = ft::randn<float>({8}, generator);
    const auto p = ft::randn<float>({8}, generator).requires_grad_(),
               q = ft::randn<float>({8}, generator).requires_grad_();
    const int length = quick ? 10 : 10'000;
    std::vector<Work> list = {
        {"add of 8", 1, [=] { static_cast<void>(a + b); }},
        {"add of 8, recorded", 1, [=] { static_cast<void>(p + q); }},
        {"four operations on 8, forward and backward", 1,
         [=] { ft::mean(ft::square(ft::relu(p * q + p))).backward(); }},
        {"one of 10,000 additions, forward and backward", static_cast<double>(length), [=] { chain(p, q, length); }},
        {"MLP 784-128-10, SGD step, batch 64", 1, training_step(64, generator)},
        {"MLP 784-128-10, SGD step, batch 1", 1, training_step(1, generator)},
        {"MLP 784-128-10, inference, batch 64", 1, inference(64, generator)},
        {"MLP 784-128-10, inference, batch 1", 1, inference(1, generator)},
    };
    for (const std::int64_t n : {64, 128, 256, 512, 1024, 2048}) {
        if (quick && n > 64) break;
        const auto x = ft::randn<float>({n, n}, generator), y = ft::randn<float>({n, n}, generator);
        list.push_back({"matmul " + std::to_string(n), 1, [=] { static_cast<void>(ft::matmul(x, y)); }});
    }
    return list;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Times small works and matrix products, in microseconds.");
    Options o;
    add_options(app, o);
    return program::run(app, argc, argv, [&] {
        ft::set_threads(o.all_threads());
        std::printf("%s\n%d threads\n\n%-46s %10s %10s\n", machine_text().c_str(), o.all_threads(), "microseconds",
                    "least", "median");
        nlohmann::json result = {
            {"machine", machine()}, {"threads", o.all_threads()}, {"results", nlohmann::json::array()}};
        for (const Work& work : works(o.quick)) {
            const Timing t = measure(o.each(), work.run);
            const double least = 1e6 * t.best / work.count, median = 1e6 * t.median / work.count;
            std::printf("%-46s %10.3f %10.3f\n", work.name.c_str(), least, median);
            result["results"].push_back({{"work", work.name}, {"least_us", least}, {"median_us", median}});
        }
        write_json(result, o.json_file);
        return 0;
    });
}
