// The trace: what it records, and that its file is what viewers read.
#include "fathom/debug/trace.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include "fathom/autograd/checkpoint.hpp"
#include "fathom/nn/conv.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"
#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#endif

using namespace fathom;
using namespace fathom::tests;

namespace {

const debug::TraceEvent& find(const std::vector<debug::TraceEvent>& events, const std::string& name) {
    for (const debug::TraceEvent& e : events)
        if (e.name == name) return e;
    FAIL("no event " << name);
    return events[0];
}

}  // namespace

TEST_CASE("debug/trace: forward and backward, with shapes, FLOPs, bytes, line and module") {
    Generator gen(1);
    struct Net : nn::Module {
        nn::Linear<float> linear;
        explicit Net(Generator& g) : linear(4, 3, g) {}
        void visit(nn::Visitor& v) override { v("linear", linear); }
    } net(gen);
    net.name_children();
    const auto x = randn<float>({5, 4}, gen);
    debug::Trace trace;
    const auto y = net.linear(x);
    const auto loss = sum(y.reshape({15}));  // a view, which is left out
    loss.backward();
    const std::vector<debug::TraceEvent> events = trace.events();
    std::vector<std::string> names;
    for (const debug::TraceEvent& e : events) names.push_back(e.name);
    CHECK(names ==
          std::vector<std::string>{"linear", "sum", "sum (backward)", "reshape (backward)", "linear (backward)"});
    const debug::TraceEvent &forward = find(events, "linear"), &backward = find(events, "linear (backward)");
    CHECK(forward.inputs == "float [5,4] float [3,4] float [3]");
    CHECK(forward.outputs == "float [5,3]");
    CHECK(forward.flops == 2 * 5 * 4 * 3 + 5 * 3);
    CHECK(forward.bytes == 4 * (20 + 12 + 3 + 15));
    CHECK(forward.module == "linear");
    CHECK(forward.site.find("trace_test.cpp:") == 0);
    CHECK_FALSE(forward.backward);
    CHECK(backward.backward);
    CHECK(backward.site == forward.site);
    CHECK(backward.module == "linear");
    CHECK(backward.sequence == forward.sequence);
    CHECK(backward.inputs == "float [5,3]");
    CHECK(backward.outputs == "float [3,4] float [3]");
    CHECK(backward.flops == 2 * forward.flops);
    double last = 0;
    for (const debug::TraceEvent& e : events) {
        CHECK(e.start >= last);
        CHECK(e.duration >= 0);
        last = e.start + e.duration;
    }
}

TEST_CASE("debug/trace: what backward runs again lies inside its event; convolutions are counted by their shapes") {
    Generator gen(1);
    nn::Conv2d<float> conv(4, 6, {.kernel_size = 3}, gen);
    auto x = randn<float>({2, 4, 8, 8}, gen).requires_grad_();
    debug::Trace trace;
    sum(checkpoint(conv, x)).backward();
    const auto events = trace.events();
    const auto& again = find(events, "checkpoint (backward)");
    int inside = 0;
    for (const debug::TraceEvent& e : events) {
        if (e.inputs != "float [2,4,8,8] float [6,4,3,3] float [6]") continue;  // the others put elements in order
        CHECK(e.name == "conv2d");
        CHECK(e.flops == 2 * (2 * 6 * 6 * 6) * (4 * 9) + 2 * 6 * 6 * 6);
        inside += e.start >= again.start && e.start + e.duration <= again.start + again.duration;
    }
    CHECK(inside == 1);
}

TEST_CASE("debug/trace: other threads take part, and the trace ends with its scope") {
    const Tensor<float> x({1, 2});
    std::vector<debug::TraceEvent> events;
    {
        debug::Trace trace;
        exp(x);
        std::thread([&] {
            const debug::Trace::Thread here(trace);
            tanh(x);
        }).join();
        events = trace.events();
    }
    exp(x);
    CHECK(events.size() == 2);
    CHECK(find(events, "exp").thread == 0);
    CHECK(find(events, "tanh").thread == 1);
}

#if __has_include(<nlohmann/json.hpp>)
TEST_CASE("debug/trace: the file is in the Trace Event Format") {
    auto x = Tensor<float>({1, 2}).requires_grad_();
    debug::Trace trace;
    sum(exp(x) * x).backward();
    const std::string path = (std::filesystem::temp_directory_path() / "fathom_trace_test.json").string();
    trace.save(path);
    std::ifstream in(path);
    const nlohmann::json file = nlohmann::json::parse(in);
    std::filesystem::remove(path);
    CHECK(file.at("displayTimeUnit") == "ms");
    int complete = 0, metadata = 0;
    std::vector<nlohmann::json> starts, ends;
    for (const nlohmann::json& e : file.at("traceEvents")) {
        const std::string phase = e.at("ph");
        CHECK(e.at("name").is_string());
        CHECK(e.at("pid").is_number_integer());
        CHECK(e.at("tid").is_number_integer());
        if (phase == "M") {
            ++metadata;
            continue;
        }
        CHECK(e.at("ts").is_number());
        CHECK((e.at("cat") == "forward" || e.at("cat") == "backward" || e.at("cat") == "autograd"));
        if (phase == "X") {
            ++complete;
            CHECK(e.at("dur").is_number());
            for (const char* key : {"at", "module", "inputs", "outputs"}) CHECK(e.at("args").at(key).is_string());
            for (const char* key : {"flops", "bytes"}) CHECK(e.at("args").at(key).is_number_integer());
        } else if (phase == "s") {
            starts.push_back(e);
        } else {
            CHECK(phase == "f");
            CHECK(e.at("bp") == "e");
            ends.push_back(e);
        }
    }
    CHECK(metadata == 1);
    CHECK(complete == 6);
    REQUIRE(starts.size() == 3);  // exp, mul, sum
    REQUIRE(ends.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(starts[i].at("id") == ends[i].at("id"));
        CHECK(starts[i].at("ts") <= ends[i].at("ts"));
    }
}
#endif
