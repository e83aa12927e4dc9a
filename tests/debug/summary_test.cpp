// The summary of a net.
#include "fathom/debug/summary.hpp"

#include "fathom/nn/activation.hpp"
#include "fathom/nn/batch_norm.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/ops/math.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

struct Mlp : nn::Module {
    nn::Linear<float> hidden, out, idle;
    explicit Mlp(Generator& gen) : hidden(2, 64, gen), out(64, 2, gen), idle(1, 1, gen) {}
    void visit(nn::Visitor& v) override { v("hidden", hidden), v("out", out), v("idle", idle); }
    const char* kind() const override { return "Mlp"; }
    Tensor<float> forward(const Tensor<float>& x) { return out(relu(hidden(x))); }
};

struct Images : nn::Module {
    nn::Conv2d<double> conv;
    nn::BatchNorm2d<double> bn;
    explicit Images(Generator& gen) : conv(3, 8, {.kernel_size = 3}, gen), bn(8) {}
    void visit(nn::Visitor& v) override { v("conv", conv), v("bn", bn); }
    Tensor<double> forward(const Tensor<double>& a, const Tensor<double>& b) { return bn(conv(a + b)); }
};

}  // namespace

TEST_CASE("debug/summary: layers in their order, with shapes, parameters, FLOPs and memory") {
    Generator gen(1);
    Mlp net(gen);
    net.out.requires_grad_(false);
    const debug::Summary s = debug::summary(net, {{16, 2}});
    CHECK(to_string(s) ==
          "Mlp\n"
          "layer     kind   output  parameters    FLOPs  memory\n"
          "----------------------------------------------------\n"
          "hidden  Linear  [16,64]         192   5.12 k   4 KiB\n"
          "(relu)          [16,64]              1.024 k   4 KiB\n"
          "out     Linear   [16,2]         130  4.128 k   128 B\n"
          "idle    Linear        -           2\n"
          "parameters 324 (194 trainable), 1.266 KiB; buffers 0 B\n"
          "FLOPs 10.27 k per forward; results 8.125 KiB\n");
    CHECK(net.is_training());
}

TEST_CASE("debug/summary: two inputs of double, batch norm as in eval(), which stays as it was") {
    Generator gen(1);
    Images net(gen);
    net.bn.eval();
    const debug::Summary s = debug::summary(net, {{2, 3, 8, 8}, {2, 3, 8, 8}});
    REQUIRE(s.rows.size() == 3);
    CHECK(s.rows[0].name == "(add)");
    CHECK(s.rows[1].name == "conv");
    CHECK(s.rows[1].output == Shape{2, 8, 6, 6});
    CHECK(s.rows[1].flops == 2 * (2 * 8 * 36) * 27 + 2 * 8 * 36);
    CHECK(s.rows[2].name == "bn");
    CHECK(s.rows[2].parameters == 16);
    CHECK(s.buffer_bytes == 8 * 16 + 8);
    CHECK(net.is_training());
    CHECK_FALSE(net.bn.is_training());
    CHECK(net.bn.num_batches_tracked.item() == 0);
}

TEST_CASE("debug/summary: a sequential net; a part of a net; tied parameters once") {
    Generator gen(1);
    nn::Sequential<float> net{nn::Linear<float>(2, 3, gen), nn::ReLU(), nn::Linear<float>(3, 1, gen)};
    const debug::Summary s = debug::summary(net, {{4, 2}});
    REQUIRE(s.rows.size() == 3);
    CHECK(s.rows[0].name == "0");
    CHECK(s.rows[2].name == "2");
    CHECK(s.parameters == 9 + 4);

    Mlp whole(gen);
    whole.name_children();
    whole.idle.weight = whole.idle.weight;
    const debug::Summary part = debug::summary(whole.hidden, {{5, 2}});
    REQUIRE(part.rows.size() == 1);
    CHECK(part.parameters == 192);
    whole.out.bias = nn::Parameter<float>(whole.out.bias);
    whole.idle.bias = whole.idle.weight.share();
    CHECK(debug::summary(whole, {{5, 2}}).parameters == 192 + 130 + 1);
}

TEST_CASE("debug/summary: inputs that do not fit are errors") {
    Generator gen(1);
    Mlp net(gen);
    CHECK(message_of([&] {
              debug::summary(net, {{1, 2}, {1, 2}});
          }) ==
          "summary: Mlp has no forward() of 2 tensors of float, double or int64 (one to three of the same type are "
          "tried) at here");
    CHECK(message_of([&] { debug::summary(net, {{1, 3}}); }).find("linear: ") == 0);
    CHECK(net.is_training());
}
