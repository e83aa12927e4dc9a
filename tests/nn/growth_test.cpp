// A net of very many members is walked, saved and loaded in a time that grows as n log n: at the size here a quadratic
// loop takes minutes.
#include <ctime>
#include <vector>

#include "fathom/nn/module.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using tests::message_of;

namespace {

constexpr int members = 100'000;
constexpr double limit = 5;  // with room for sanitizers and debug builds

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
