// LSTM and GRU: recurrent layers over sequences.
#pragma once

#include <array>
#include <cmath>

#include "fathom/nn/dropout.hpp"
#include "fathom/nn/init.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/matmul.hpp"

namespace fathom::inline v0 {

namespace nn {

struct RecurrentOptions {
    int num_layers = 1;
    bool bias = true;
    bool batch_first = false;    // [N, L, features] in place of [L, N, features]
    double dropout = 0;          // of each layer's output but the last one's, while training
    bool bidirectional = false;  // each layer runs over the steps both ways, with weights of their own
};

// auto [output, hidden, cell] = lstm(x)
template <FloatElement T>
struct LstmResult {
    // The last layer's at each step: [L, N, hidden_size], or as batch_first says. Bidirectional: [L, N, 2 hidden_size],
    // the way back behind the way forth.
    Tensor<T> output;
    // Of each layer behind its last step: [num_layers, N, hidden_size]. Bidirectional: [2 num_layers, N, hidden_size],
    // of each layer the way forth, then the way back.
    Tensor<T> hidden;
    Tensor<T> cell;  // as hidden
};
// auto [output, hidden] = gru(x)
template <FloatElement T>
struct GruResult {
    Tensor<T> output, hidden;  // as of LstmResult
};

}  // namespace nn

namespace detail {
void check_recurrent_sizes(const char* name, std::int64_t input_size, std::int64_t hidden_size,
                           const nn::RecurrentOptions& options, Where site);
// x [L, N, input_size], the states, if defined, [count, N, hidden_size].
void check_recurrent_input(const char* name, const AnyTensor& x, std::initializer_list<const AnyTensor*> states,
                           std::int64_t input_size, std::int64_t hidden_size, std::int64_t count, Where site);
}  // namespace detail

namespace nn {

// What both have in common: for each layer weight_ih_l0 [gates hidden_size, inputs], weight_hh_l0, bias_ih_l0,
// bias_hh_l0, and the same with _reverse for the way back; their order and that of the gates as in PyTorch.
template <FloatElement T, int gates>
class Recurrent : public Module {
public:
    struct Layer {
        Parameter<T> weight_ih, weight_hh, bias_ih, bias_hh;
    };
    std::vector<Layer> layers;  // bidirectional: twice num_layers, of each the way forth, then the way back
    std::int64_t input_size, hidden_size;
    RecurrentOptions options;

    void visit(Visitor& v) override {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const std::size_t ways = options.bidirectional ? 2 : 1;
            const std::string number = "_l" + std::to_string(i / ways) + (i % ways == 1 ? "_reverse" : "");
            v("weight_ih" + number, layers[i].weight_ih);
            v("weight_hh" + number, layers[i].weight_hh);
            v("bias_ih" + number, layers[i].bias_ih);
            v("bias_hh" + number, layers[i].bias_hh);
        }
        generator_.visit(v);
    }

protected:
    Recurrent(const char* name, std::int64_t in, std::int64_t hidden, const RecurrentOptions& o,
              const DropoutGenerator& generator, Where site)
        : input_size(in), hidden_size(hidden), options(o), generator_(generator) {
        detail::check_recurrent_sizes(name, in, hidden, o, site);
        const int ways = o.bidirectional ? 2 : 1;
        for (int i = 0; i < o.num_layers * ways; ++i) {
            Layer& layer = layers.emplace_back();
            layer.weight_ih = Parameter<T>::uninitialised({gates * hidden, i < ways ? in : ways * hidden}, site);
            layer.weight_hh = Parameter<T>::uninitialised({gates * hidden, hidden}, site);
            if (!o.bias) continue;
            layer.bias_ih = Parameter<T>::uninitialised({gates * hidden}, site);
            layer.bias_hh = Parameter<T>::uninitialised({gates * hidden}, site);
        }
    }
    // PyTorch's: uniform within 1 / sqrt(hidden_size).
    void initialise(Generator& gen, Where site) {
        const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
        for (Layer& layer : layers)
            for (Parameter<T>* p : {&layer.weight_ih, &layer.weight_hh, &layer.bias_ih, &layer.bias_hh})
                if (p->defined()) init::uniform_(*p, gen, -bound, bound, site);
    }

    // Runs all layers over x from `states`, each [layers, N, hidden_size] or undefined: zeros. `step` gets a layer,
    // the gates' part of the input [N, gates hidden_size] and the layer's states [N, hidden_size], which it moves on;
    // the first of them is the layer's output. Returned are the output and the states of all layers.
    template <std::size_t count, class Step>
    std::array<Tensor<T>, count + 1> run(const Tensor<T>& input, const std::array<Tensor<T>, count>& given, Step step,
                                         Where site) {
        for (const Layer& layer : layers)
            this->require_initialised(site, layer.weight_ih, layer.weight_hh, layer.bias_ih, layer.bias_hh);
        const ModuleScope scope(this->path());
        detail::require_defined(input, kind(), site);
        const bool batched = input.rank() == 3;
        const auto with_batch = [&](const Tensor<T>& x, int dim) {
            return x.defined() && !batched && x.rank() == 2 ? unsqueeze(x, dim, site) : x;
        };
        Tensor<T> x = batched && options.batch_first ? transpose(input, 0, 1, site) : with_batch(input, 1);
        std::array<Tensor<T>, count> states;
        for (std::size_t s = 0; s < count; ++s) states[s] = with_batch(given[s], 1);
        check(x, states, site);

        std::array<std::vector<Tensor<T>>, count> last;
        const std::size_t ways = options.bidirectional ? 2 : 1;
        const std::int64_t steps = x.shape()[0];
        for (std::size_t first = 0; first < layers.size(); first += ways) {
            if (first > 0 && this->is_training() && options.dropout > 0)
                x = dropout(x, options.dropout, generator_.get(*this, site), site);
            std::vector<Tensor<T>> both;
            for (std::size_t i = first; i < first + ways; ++i) {
                const Tensor<T> gate_inputs = linear(x, layers[i].weight_ih, layers[i].bias_ih, site);
                std::array<Tensor<T>, count> now;
                for (std::size_t s = 0; s < count; ++s)
                    now[s] = states[s].defined() ? select(states[s], 0, static_cast<std::int64_t>(i), site)
                                                 : zeros<T>({x.shape()[1], hidden_size}, x.device(), site);
                std::vector<Tensor<T>> outputs(static_cast<std::size_t>(steps));
                for (std::int64_t k = 0; k < steps; ++k) {
                    const std::int64_t t = i == first ? k : steps - 1 - k;
                    step(layers[i], select(gate_inputs, 0, t, site), now);
                    outputs[static_cast<std::size_t>(t)] = now[0];
                }
                both.push_back(stack(outputs, 0, site));
                for (std::size_t s = 0; s < count; ++s) last[s].push_back(now[s]);
            }
            x = ways == 1 ? both[0] : cat(both, 2, site);
        }
        std::array<Tensor<T>, count + 1> results;
        results[0] = !batched ? squeeze(x, 1, site) : options.batch_first ? transpose(x, 0, 1, site) : x;
        for (std::size_t s = 0; s < count; ++s) {
            const Tensor<T> all = stack(last[s], 0, site);
            results[s + 1] = batched ? all : squeeze(all, 1, site);
        }
        return results;
    }
    Tensor<T> gate(const Tensor<T>& all, int i, Where site) const {
        return narrow(all, -1, i * hidden_size, hidden_size, site);
    }

    DropoutGenerator generator_;

private:
    std::int64_t count() const { return static_cast<std::int64_t>(layers.size()); }
    void check(const Tensor<T>& x, const std::array<Tensor<T>, 1>& states, Where site) const {
        detail::check_recurrent_input(kind(), x, {&states[0].untyped()}, input_size, hidden_size, count(), site);
    }
    void check(const Tensor<T>& x, const std::array<Tensor<T>, 2>& states, Where site) const {
        detail::check_recurrent_input(kind(), x, {&states[0].untyped(), &states[1].untyped()}, input_size, hidden_size,
                                      count(), site);
    }
};

// Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 1997, with the forget gate of Gers et al.
// With the input x and the states h and c of the step before:
//   i, f, o = sigmoid(W_ih x + b_ih + W_hh h + b_hh), of each gate its rows;  g = tanh(the same)
//   c' = f c + i g
//   h' = o tanh(c')
template <FloatElement T>
class LSTM : public Recurrent<T, 4> {
    using Base = Recurrent<T, 4>;

public:
    LSTM(std::int64_t in, std::int64_t hidden, const RecurrentOptions& o, Generator& gen, Where site = Where::here())
        : Base("LSTM", in, hidden, o, DropoutGenerator(gen), site) {
        this->initialise(gen, site);
    }
    // Without values: forward throws until weights are loaded.
    LSTM(std::int64_t in, std::int64_t hidden, const RecurrentOptions& o = {}, Where site = Where::here())
        : Base("LSTM", in, hidden, o, DropoutGenerator(), site) {}
    const char* kind() const override { return "LSTM"; }

    // x [L, N, input_size] or [L, input_size]; the states of a first step, zeros where undefined.
    LstmResult<T> forward(const Tensor<T>& x, const Tensor<T>& hidden = {}, const Tensor<T>& cell = {},
                          Where site = Where::here()) {
        using States = std::array<Tensor<T>, 2>;
        const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
        auto results = this->run(
            x, States{hidden, cell},
            [&](const typename Base::Layer& layer, const Tensor<T>& input, States& now) {
                const Tensor<T> recurrent = linear(now[0], layer.weight_hh, layer.bias_hh, site),
                                all = add(at(input), at(recurrent)), i = sigmoid(this->gate(all, 0, site), site),
                                f = sigmoid(this->gate(all, 1, site), site), g = tanh(this->gate(all, 2, site), site),
                                o = sigmoid(this->gate(all, 3, site), site);
                now[1] = add(at(mul(at(f), at(now[1]))), at(mul(at(i), at(g))));
                now[0] = mul(at(o), at(tanh(now[1], site)));
            },
            site);
        return {results[0], results[1], results[2]};
    }
    LstmResult<T> operator()(const Tensor<T>& x, const Tensor<T>& hidden = {}, const Tensor<T>& cell = {},
                             Where site = Where::here()) {
        return forward(x, hidden, cell, site);
    }
};

// Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014, as cuDNN and PyTorch compute it:
//   r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh), of each gate its rows
//   n    = tanh(W_in x + b_in + r (W_hn h + b_hn))
//   h'   = n + z (h - n)
template <FloatElement T>
class GRU : public Recurrent<T, 3> {
    using Base = Recurrent<T, 3>;

public:
    GRU(std::int64_t in, std::int64_t hidden, const RecurrentOptions& o, Generator& gen, Where site = Where::here())
        : Base("GRU", in, hidden, o, DropoutGenerator(gen), site) {
        this->initialise(gen, site);
    }
    // Without values: forward throws until weights are loaded.
    GRU(std::int64_t in, std::int64_t hidden, const RecurrentOptions& o = {}, Where site = Where::here())
        : Base("GRU", in, hidden, o, DropoutGenerator(), site) {}
    const char* kind() const override { return "GRU"; }

    // x [L, N, input_size] or [L, input_size]; the state of a first step, zeros where undefined.
    GruResult<T> forward(const Tensor<T>& x, const Tensor<T>& hidden = {}, Where site = Where::here()) {
        using States = std::array<Tensor<T>, 1>;
        const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
        auto results = this->run(
            x, States{hidden},
            [&](const typename Base::Layer& layer, const Tensor<T>& input, States& now) {
                const Tensor<T> recurrent = linear(now[0], layer.weight_hh, layer.bias_hh, site);
                const auto gate_of_both = [&](int i) {
                    const Tensor<T> p = this->gate(input, i, site), q = this->gate(recurrent, i, site);
                    return sigmoid(add(at(p), at(q)), site);
                };
                const Tensor<T> r = gate_of_both(0), z = gate_of_both(1), p = this->gate(input, 2, site),
                                q = this->gate(recurrent, 2, site), n = tanh(add(at(p), at(mul(at(r), at(q)))), site);
                now[0] = add(at(n), at(mul(at(z), at(sub(at(now[0]), at(n))))));
            },
            site);
        return {results[0], results[1]};
    }
    GruResult<T> operator()(const Tensor<T>& x, const Tensor<T>& hidden = {}, Where site = Where::here()) {
        return forward(x, hidden, site);
    }
};

}  // namespace nn
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/rnn.inl.hpp"
#endif
