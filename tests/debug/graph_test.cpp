// The graph of a history, as text and drawn by graphviz.
#include "fathom/debug/graph.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fathom/nn/linear.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

struct Net : nn::Module {
    nn::Linear<float> hidden, out;
    explicit Net(Generator& gen) : hidden(2, 4, gen), out(4, 1, gen) {}
    void visit(nn::Visitor& v) override { v("hidden", hidden), v("out", out); }
    Tensor<float> forward(const Tensor<float>& x) { return out(relu(hidden(x))); }
};

}  // namespace

TEST_CASE("debug/graph: nodes with shape and line, an edge per use, leaves by name") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    const auto h = w * w;
    const std::string line = std::to_string(__LINE__ - 1);
    const std::string text = debug::to_dot(sum(h), {{"the \"weight\"", w}});
    CHECK(text.find("digraph history {") == 0);
    CHECK(contains(text, "n0 [label=\"sum\\ndouble []\\ngraph_test.cpp:"));
    CHECK(contains(text, "n1 [label=\"mul\\ndouble [2]\\ngraph_test.cpp:" + line + "\", shape=box"));
    CHECK(contains(text, "n2 [label=\"the \\\"weight\\\"\\ndouble [2]\\n"));
    CHECK(contains(text, "n1 -> n0;"));
    CHECK(count(text, "n2 -> n1;") == 2);
}

TEST_CASE("debug/graph: of a net, with its modules, is drawn by dot") {
    Generator gen(1);
    Net net(gen);
    net.name_children();
    const auto loss = mean(net.forward(ones<float>({3, 2})));
    const std::string text = debug::to_dot(loss, net.named_parameters());
    for (const char* part : {"hidden.weight", "hidden.bias", "out.weight", "linear", "relu", "in hidden", "in out"})
        CHECK_MESSAGE(contains(text, part), part);
    if (std::system("dot -V > /dev/null 2>&1") != 0) {
        MESSAGE("skipped: graphviz is not installed");
        return;
    }
    const std::string path = (std::filesystem::temp_directory_path() / "fathom_graph_test").string();
    std::ofstream(path + ".dot") << text;
    CHECK(std::system(("dot -Tsvg " + path + ".dot > " + path + ".svg").c_str()) == 0);
    std::ifstream in(path + ".svg");
    const std::string svg{std::istreambuf_iterator<char>(in), {}};
    CHECK(count(svg, "class=\"node\"") == 8);
    CHECK(count(svg, "class=\"edge\"") == 7);
    std::filesystem::remove(path + ".dot"), std::filesystem::remove(path + ".svg");
}

TEST_CASE("debug/graph: a long chain takes no recursion; without a history there is nothing to draw") {
    auto x = Tensor<float>({1}).requires_grad_();
    Tensor<float> y = x;
    for (int i = 0; i < 20000; ++i) y = y * 1.0f;
    CHECK(count(debug::to_dot(y), " -> ") == 20000);
    CHECK(message_of([] { debug::to_dot(Tensor<float>({1})); }) ==
          "to_dot: the tensor (shape [1]) has no history: it requires no gradient at here");
    CHECK(message_of([] { debug::to_dot(Tensor<float>()); }) ==
          "to_dot: an input was never given a value (a default-constructed tensor) at here");
}
