// Names in a state dict that are not quite the module's.
#include "fathom/nn/linear.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using nn::LoadReport;
using tests::contains;
using tests::message_of;

namespace {

struct Net : nn::Module {
    nn::Linear<float> first{2, 3}, second{3, 1};
    void visit(nn::Visitor& v) override { v("first", first), v("second", second); }
};

// The net's values, all 1, with this in front of their names.
StateDict ones_behind(const std::string& prefix) {
    StateDict dict;
    dict.add(prefix + "first.weight", ones<float>({3, 2}));
    dict.add(prefix + "first.bias", ones<float>({3}));
    dict.add(prefix + "second.weight", ones<float>({1, 3}));
    dict.add(prefix + "second.bias", ones<float>({1}));
    return dict;
}

}  // namespace

TEST_CASE("nn/load: names behind one prefix are taken from there, and the report says so") {
    for (const char* prefix : {"module.", "_orig_mod.", "model.", "module._orig_mod.", "net.first."}) {
        CAPTURE(prefix);
        Net net;
        const LoadReport report = net.load_state_dict(ones_behind(prefix));
        CHECK(report.prefix == prefix);
        CHECK(report.missing.empty());
        CHECK(report.unused.empty());
        CHECK(net.second.bias(0) == 1);
        CHECK(net.first.weight(2, 1) == 1);
    }
    Net net;
    CHECK(net.load_state_dict(ones_behind("")).prefix.empty());
    // What lies elsewhere is not the net's.
    StateDict beside = ones_behind("net.");
    beside.add("loss.weight", ones<float>({1}));
    CHECK(contains(message_of([&] { net.load_state_dict(beside); }), "the module has no loss.weight"));
    const LoadReport report = net.load_state_dict(beside, {.unused = nn::Unused::report});
    CHECK(report.prefix == "net.");
    CHECK(report.unused == std::vector<std::string>{"loss.weight"});
    // Two nets: the user has to say which.
    StateDict two = ones_behind("net.");
    two.add_prefixed("", ones_behind("ema."));
    CHECK(contains(message_of([&] { net.load_state_dict(two, {.unused = nn::Unused::ignore}); }),
                   "has these names behind net. and behind ema., expected one of them"));
    // Half a net behind a prefix, half without, is a mistake.
    StateDict half = ones_behind("module.");
    half.entries[0].first = "first.weight";
    CHECK(contains(message_of([&] { net.load_state_dict(half); }), "lacks first.bias, second.weight, second.bias"));
    StateDict incomplete = ones_behind("module.");
    incomplete.entries.pop_back();
    CHECK(contains(message_of([&] { net.load_state_dict(incomplete); }), "lacks first.weight, first.bias"));
}

TEST_CASE("nn/load: of a name that is missing those are told that are there") {
    Net net;
    StateDict other;
    for (const char* name : {"encoder.weight", "encoder.bias"}) other.add(name, ones<float>({1}));
    const auto refused = [&](const StateDict& dict, nn::Unused unused) {
        return message_of([&] { net.load_state_dict(dict, {.unused = unused}); });
    };
    for (const auto unused : {nn::Unused::error, nn::Unused::report, nn::Unused::ignore})
        CHECK(contains(refused(other, unused), "encoder.weight, encoder.bias"));
    CHECK(contains(
        refused(other, nn::Unused::report),
        "lacks first.weight, first.bias, second.weight, second.bias; it has instead encoder.weight, encoder.bias"));
    CHECK(contains(refused({}, nn::Unused::report), "; it is empty"));
    StateDict most = ones_behind("");
    most.entries.pop_back();
    CHECK(contains(refused(most, nn::Unused::report),
                   "lacks second.bias; it has first.weight, first.bias, second.weight"));
}
