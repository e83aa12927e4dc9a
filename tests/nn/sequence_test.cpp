// LSTM, GRU, MultiheadAttention and Embedding, against PyTorch's numbers (tests/golden/families/modules.py).
#include "fathom/autograd/gradcheck.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/nn/attention.hpp"
#include "fathom/nn/embedding.hpp"
#include "fathom/nn/rnn.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

const StateDict& golden() {
    static const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/modules.safetensors");
    return dict;
}

void check_near(const AnyTensor& got, const AnyTensor& expected) {
    REQUIRE(got.shape() == expected.shape());
    const std::vector<double> a = numbers(got), b = numbers(expected);
    double off = 0;
    for (std::size_t i = 0; i < a.size(); ++i) off = std::max(off, std::fabs(a[i] - b[i]));
    CHECK(off <= 1e-13);
}

// The module with the golden weights; `run` gives its results for the golden inputs. Values and all gradients.
template <class Module, class Run>
void check_golden(const std::string& name, Module module, const std::vector<std::string>& names, Run run) {
    CAPTURE(name);
    const StateDict dict = golden().take_prefix(name + ".");
    module.load_state_dict(dict.take_prefix("in."), {.unused = nn::Unused::ignore});
    std::vector<Tensor<double>> inputs;
    for (const std::string& input : names)
        inputs.push_back(dict.find("in." + input)->as<double>().clone().requires_grad_());
    std::vector<Tensor<double>> rows;
    for (const Tensor<double>& result : run(module, inputs))
        if (result.defined()) rows.push_back(result.flatten());
    const Tensor<double> all = cat(rows, 0);
    check_near(all.detach(), *dict.find("out.0"));
    backward(all, dict.find("cotangent.0")->as<double>());
    for (std::size_t i = 0; i < names.size(); ++i) {
        CAPTURE(names[i]);
        check_near(inputs[i].grad(), *dict.find("grad." + names[i]));
    }
    for (const auto& named : module.named_parameters()) {
        const std::string& parameter = named.first;
        CAPTURE(parameter);
        check_near(autograd::accumulated_grad(named.second), *dict.find("grad." + parameter));
    }
}

using Results = std::vector<Tensor<double>>;

}  // namespace

TEST_CASE("nn/sequence: LSTM and GRU give PyTorch's numbers") {
    using Inputs = std::vector<Tensor<double>>;
    const auto lstm = [](auto& net, const Inputs& in) {
        const auto [output, hidden, cell] = in.size() == 3 ? net(in[0], in[1], in[2]) : net(in[0]);
        return Results{output, hidden, cell};
    };
    const auto gru = [](auto& net, const Inputs& in) {
        const auto [output, hidden] = in.size() == 2 ? net(in[0], in[1]) : net(in[0]);
        return Results{output, hidden};
    };
    check_golden("lstm", nn::LSTM<double>(3, 5, {.num_layers = 2}), {"x", "h", "c"}, lstm);
    check_golden("lstm_plain", nn::LSTM<double>(3, 2, {.bias = false, .batch_first = true}), {"x"}, lstm);
    check_golden("gru", nn::GRU<double>(3, 5, {.num_layers = 2}), {"x", "h"}, gru);
    check_golden("gru_unbatched", nn::GRU<double>(3, 2), {"x"}, gru);
    check_golden("lstm_bidirectional",
                 nn::LSTM<double>(3, 2, {.num_layers = 2, .batch_first = true, .bidirectional = true}), {"x", "h", "c"},
                 lstm);
    check_golden("gru_bidirectional", nn::GRU<double>(3, 2, {.bidirectional = true}), {"x"}, gru);
}

TEST_CASE("nn/sequence: MultiheadAttention gives PyTorch's numbers") {
    using Inputs = std::vector<Tensor<double>>;
    const auto attend = [](const nn::MultiheadAttentionCall& call) {
        return [call](auto& net, const Inputs& in) {
            const auto [output, weights] =
                net(in[0], in.size() == 3 ? in[1] : in[0], in.size() == 3 ? in[2] : in[0], call);
            return Results{output, weights};
        };
    };
    check_golden("attention_self", nn::MultiheadAttention<double>(6, 2, {.batch_first = true}), {"x"}, attend({}));
    check_golden("attention_cross", nn::MultiheadAttention<double>(6, 3, {.bias = false}), {"q", "k", "v"},
                 attend({.average_attn_weights = false}));
    const Tensor<bool> padding({{false, false, true}, {false, true, false}}),
        mask({{false, true, false}, {false, false, true}, {false, false, false}});
    check_golden("attention_masked", nn::MultiheadAttention<double>(6, 2, {.batch_first = true}), {"x"},
                 attend({.key_padding_mask = padding, .attn_mask = mask}));
    check_golden("attention_unbatched", nn::MultiheadAttention<double>(6, 2), {"x"}, attend({.need_weights = false}));
}

TEST_CASE("nn/sequence: a causal query sees nothing behind it, and a mask for each head is taken") {
    Generator gen(5);
    nn::MultiheadAttention<double> net(4, 2, {.batch_first = true}, gen);
    const auto x = randn<double>({1, 3, 4}, gen);
    const auto weights = net(x, x, x, {.is_causal = true}).weights;
    CHECK(weights(0, 0, 0) == doctest::Approx(1).epsilon(1e-12));
    CHECK(weights(0, 0, 1) == 0);
    CHECK(weights(0, 1, 2) == 0);
    CHECK(weights(0, 2, 2) > 0);
    const Tensor<bool> later({{false, true, true}, {false, false, true}, {false, false, false}});
    const auto masked = net(x, x, x, {.attn_mask = stack(std::vector{later, later}, 0)});
    CHECK(same_bits(masked.weights, weights));
    const Tensor<bool> all({{true, true, true}});
    CHECK(elements(net(x, x, x, {.key_padding_mask = all}).weights) == std::vector<double>(9, 0));
}

TEST_CASE("nn/sequence: second derivatives of a step of each") {
    Generator gen(6);
    nn::LSTM<double> lstm(2, 2, {}, gen);
    nn::GRU<double> gru(2, 2, {}, gen);
    const auto x = randn<double>({2, 1, 2}, gen);
    gradgradcheck([&](std::vector<Tensor<double>>& in) { return lstm(in[0]).output; }, {x});
    gradgradcheck([&](std::vector<Tensor<double>>& in) { return gru(in[0]).output; }, {x});
}

TEST_CASE("nn/sequence: what does not fit says so") {
    Generator gen(7);
    nn::LSTM<float> lstm(3, 4, {.num_layers = 2}, gen);
    CHECK(message_of([&] {
              lstm(zeros<float>({5, 2, 4}));
          }) == "LSTM: input has shape [5,2,4] (the steps first), expected [L,N,3] with a step at least at here");
    CHECK(message_of([&] {
              lstm(zeros<float>({5, 2, 3}), zeros<float>({1, 2, 4}));
          }) == "LSTM: a state has shape [1,2,4], expected [2,2,4] at here");
    nn::GRU<float> both(3, 4, {.num_layers = 2, .bidirectional = true}, gen);
    CHECK(message_of([&] {
              both(zeros<float>({5, 2, 3}), zeros<float>({2, 2, 4}));
          }) == "GRU: a state has shape [2,2,4], expected [4,2,4] at here");
    CHECK(message_of([&] { nn::GRU<float>(3, 0); }) ==
          "GRU: input_size, hidden_size and num_layers must be at least 1, got 3, 0 and 1 at here");
    CHECK(message_of([&] { nn::GRU<float>(3, 2, {.dropout = 2}); }) == "GRU: dropout 2 is outside [0, 1] at here");
    CHECK(message_of([&] { nn::GRU<float>(3, 2)(zeros<float>({1, 1, 3})); }).find("GRU: weights were never") == 0);
    CHECK(message_of([&] { nn::MultiheadAttention<float>(5, 2); }) ==
          "MultiheadAttention: embed_dim 5, expected a multiple of num_heads 2, both at least 1 at here");
    nn::MultiheadAttention<float> net(4, 2, {}, gen);
    const auto x = zeros<float>({3, 2, 4});
    CHECK(message_of([&] {
              net(x, x, zeros<float>({2, 2, 4}));
          }) ==
          "MultiheadAttention: query has shape [2,3,4], key [2,3,4], value [2,2,4] (the batch first), expected [N,L,E] "
          "and twice [N,S,E] with E = 4 at here");
    CHECK(message_of([&] {
              net(x, x, x, {.attn_mask = zeros<bool>({2, 3})});
          }) == "MultiheadAttention: attn_mask has shape [2,3], expected [3,3] or [4,3,3] at here");
    CHECK(message_of([&] {
              net(x, x, x, {.key_padding_mask = zeros<bool>({3, 2})});
          }) == "MultiheadAttention: key_padding_mask has shape [3,2], expected [2,3] at here");
}

TEST_CASE("nn/sequence: dropout between layers and of weights, with the module's own generator") {
    Generator gen(8);
    nn::LSTM<float> net(3, 4, {.num_layers = 2, .dropout = 0.5}, gen);
    const auto x = randn<float>({3, 2, 3}, gen);
    const nn::LSTM<float> before = net;
    const auto first = net(x).output, second = net(x).output;
    CHECK_FALSE(same_bits(first, second));
    nn::LSTM<float> copy = before;
    CHECK(same_bits(copy(x).output, first));
    net.eval();
    CHECK(same_bits(net(x).output, net(x).output));
    nn::LSTM<float> loaded(3, 4, {.num_layers = 2, .dropout = 0.5});
    loaded.load_state_dict(net.state_dict());
    CHECK(message_of([&] { loaded(x); }) ==
          "LSTM: dropout while training needs random numbers; construct it with a Generator, or call eval() at here");
    loaded.eval();
    CHECK(same_bits(loaded(x).output, net(x).output));
}

TEST_CASE("nn/sequence: Embedding, its padding row, and gradients that meet in a row") {
    Generator gen(9);
    nn::Embedding<double> table(5, 3, gen, 2);
    const Tensor<std::int64_t> indices({{1, 2, 1}, {4, 1, 2}});
    const auto y = table(indices);
    CHECK(y.shape() == Shape{2, 3, 3});
    CHECK(y(0, 0, 1) == std::as_const(table.weight)(1, 1));
    CHECK(y(0, 1, 0) == 0);
    sum(y).backward();
    CHECK(elements(table.weight.grad()) == std::vector<double>{0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0, 0, 1, 1, 1});
    CHECK(nn::Embedding<float>(5, 3, -1).padding_idx == 4);
    CHECK(message_of([&] { nn::Embedding<float>(5, 3, 5); }) ==
          "Embedding: padding_idx 5 is out of range for 5 rows at here");
    CHECK(message_of([&] { table(Tensor<std::int64_t>({5})); }).find("embedding: index 5") == 0);
    gradcheck([&](std::vector<Tensor<double>>& in) { return embedding(indices, in[0]); }, {randn<double>({5, 2}, gen)});
}
