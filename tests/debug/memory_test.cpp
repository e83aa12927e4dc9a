// The memory timeline: who held what, and the forms it is written in.
#include "fathom/debug/memory.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

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

const debug::MemoryTimeline::Holder& find(const std::vector<debug::MemoryTimeline::Holder>& holders,
                                          const std::string& name) {
    for (const auto& holder : holders)
        if (holder.name.find(name) == 0) return holder;
    FAIL("no holder " << name);
    return holders[0];
}

}  // namespace

TEST_CASE("debug/memory: holders by operation and line, at the peak, now and in all") {
    const Tensor<float> x = ones<float>({1 << 16});
    const std::int64_t before = memory_report().active, bytes = 4 << 16;
    debug::MemoryTimeline timeline;
    Tensor<float> kept = exp(x);
    const std::string line = std::to_string(__LINE__ - 1);
    for (int i = 0; i < 3; ++i) tanh(x);
    timeline.stop();
    const Tensor<float> unseen = sqrt(x);
    const auto holders = timeline.holders();
    REQUIRE(holders.size() == 2);
    const auto &of_exp = find(holders, "exp"), &of_tanh = find(holders, "tanh");
    CHECK(of_exp.name == "exp at memory_test.cpp:" + line);
    CHECK(of_exp.at_peak == bytes);
    CHECK(of_exp.blocks == 1);
    CHECK(of_exp.now == bytes);
    CHECK(of_tanh.at_peak == bytes);
    CHECK(of_tanh.now == 0);
    CHECK(of_tanh.taken == 3 * bytes);
    CHECK(timeline.peak() == before + 2 * bytes);
    const std::string table = timeline.table();
    CHECK(contains(table, "peak "));
    CHECK(contains(table, "operation"));
    CHECK(contains(table, "exp at memory_test.cpp:" + line));
    CHECK(contains(table, "256 KiB"));
    CHECK(contains(timeline.table(1), "and 1 more"));
}

TEST_CASE("debug/memory: sees other threads, and blocks from before that are given back are left out") {
    auto x = ones<float>({1 << 16});
    debug::MemoryTimeline timeline;
    x = Tensor<float>();
    std::thread([] { ones<float>({1 << 10}); }).join();
    timeline.stop();
    const auto holders = timeline.holders();
    REQUIRE(holders.size() == 1);
    CHECK(holders[0].taken == 4096);
    CHECK(holders[0].now == 0);
}

TEST_CASE("debug/memory: there is one at a time") {
    debug::MemoryTimeline timeline;
    CHECK(message_of([] { debug::MemoryTimeline second; }) ==
          "MemoryTimeline: another one is running; there is one at a time at here");
    timeline.stop();
    debug::MemoryTimeline third;
    CHECK(third.holders().empty());
    CHECK(message_of([&] { third.save("memory.png"); }) ==
          "MemoryTimeline: the path ends in neither .json nor .svg: memory.png at here");
}

TEST_CASE("debug/memory: the files") {
    debug::MemoryTimeline timeline;
    {
        auto w = ones<float>({1000}).requires_grad_();
        Tensor<float> y = w;
        for (int i = 0; i < 20; ++i) y = exp(y * 0.1f);
        sum(y).backward();
    }
    timeline.stop();
    const std::string path = (std::filesystem::temp_directory_path() / "fathom_memory_test").string();
    timeline.save(path + ".svg"), timeline.save(path + ".json");
    const auto text_of = [&](const char* ending) {
        std::ifstream in(path + ending);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        std::filesystem::remove(path + ending);
        return text;
    };
    const std::string svg = text_of(".svg");
    CHECK(svg.find("<svg xmlns=") == 0);
    CHECK(contains(svg, "exp at memory_test.cpp:"));
    CHECK(contains(svg, "</svg>"));
    const std::string json = text_of(".json");
#if __has_include(<nlohmann/json.hpp>)
    const nlohmann::json file = nlohmann::json::parse(json);
    double last = 0;
    std::int64_t highest = 0;
    int counters = 0;
    for (const nlohmann::json& e : file.at("traceEvents")) {
        if (e.at("ph") == "M") continue;
        CHECK(e.at("ph") == "C");
        CHECK(e.at("ts").get<double>() >= last);
        last = e.at("ts").get<double>();
        std::int64_t sum = 0;
        for (const auto& [name, bytes] : e.at("args").items()) sum += bytes.get<std::int64_t>();
        highest = std::max(highest, sum);
        ++counters;
    }
    CHECK(counters > 80);
    CHECK(highest == timeline.peak());
#endif
}
