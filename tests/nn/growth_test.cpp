// A net of very many members is walked, trained, saved and loaded in a time that grows as n log n: at the size here a
// quadratic loop takes minutes.
#include <ctime>
#include <vector>

#include "fathom/nn/module.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using tests::message_of;

namespace {

constexpr int members = 100'000;
constexpr double limit = tests::sanitized ? 20 : 5;

struct Wide : nn::Module {
    std::vector<nn::Parameter<float>> values;
    explicit Wide(float value) {
        for (int i = 0; i < members; ++i) values.emplace_back(full<float>({1}, value));
    }
    void visit(nn::Visitor& v) override {
        for (std::size_t i = 0; i < values.size(); ++i) v("value" + std::to_string(i), values[i]);
    }
};

// Of the processor: other programs may be busy.
template <class F>
double seconds(F&& f) {
    const std::clock_t begin = std::clock();
    f();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("nn/growth: a state dict of many names is made and loaded") {
    const Wide from(3);
    Wide to(1);
    StateDict dict;
    CHECK(seconds([&] { dict = from.state_dict(); }) < limit);
    CHECK(seconds([&] { to.load_state_dict(dict); }) < limit);
    CHECK(to.values.back()(0) == 3);
    StateDict behind;
    behind.add_prefixed("module.", dict);
    CHECK(seconds([&] { CHECK(to.load_state_dict(behind).prefix == "module."); }) < limit);
    CHECK(seconds([&] { CHECK(to.parameters().size() == members); }) < limit);
    // None fits.
    StateDict other;
    other.add_prefixed("net.", from.state_dict());
    other.entries.pop_back();
    CHECK(seconds([&] { CHECK(message_of([&] { to.load_state_dict(other); }).find("lacks") != std::string::npos); }) <
          limit);
}

TEST_CASE("nn/growth: an optimizer of many parameters is made, saved and loaded") {
    Wide net(3);
    Tensor<float> loss = net.values[0] * net.values[0];
    for (int i = 1; i < members; ++i) loss = loss + net.values[static_cast<std::size_t>(i)];
    loss.backward();
    const std::vector<AnyTensor> parameters = net.parameters();
    CHECK(seconds([&] { optim::Adam(parameters).step(); }) < limit);
    optim::Adam adam(parameters);
    adam.step();
    StateDict state;
    CHECK(seconds([&] { state = adam.state_dict(); }) < limit);
    optim::Adam other(parameters);
    CHECK(seconds([&] { other.load_state_dict(state); }) < limit);
    CHECK(other.state_dict().size() == state.size());
    state.add("state.7.more", state.entries[0].second);
    CHECK(message_of([&] { other.load_state_dict(state); }).find("has no state.7.more") != std::string::npos);
    std::vector<AnyTensor> twice = parameters;
    twice.push_back(parameters.front());
    CHECK(message_of([&] { optim::Adam{twice}; }).find("parameter 100000 (shape [1]) is given twice") !=
          std::string::npos);
}
