// Lesson 10: looking inside. What does a net consist of, what will backward() walk through, where do time and memory
// go, and where does this NaN come from? Each question has a tool, and each tool a file or a table to look at.
#include <fathom/debug.hpp>
#include <fathom/fathom.hpp>

#include <algorithm>
#include <fstream>

#include "lesson.hpp"

namespace ft = fathom;

using Tensor = ft::Tensor<float>;

struct Net : ft::nn::Module {
    ft::nn::Conv2d<float> first, second;
    ft::nn::Linear<float> out;
    explicit Net(ft::Generator& gen)
        : first(1, 16, {.kernel_size = 3, .padding = 1}, gen),
          second(16, 16, {.kernel_size = 3, .padding = 1}, gen),
          out(16, 10, gen) {}
    void visit(ft::nn::Visitor& v) override { v("first", first), v("second", second), v("out", out); }
    const char* kind() const override { return "Net"; }

    Tensor features(const Tensor& x) { return ft::relu(second(ft::relu(first(x)))); }  // [N, 1, H, W] -> [N, 16, H, W]
    Tensor forward(const Tensor& x) { return out(features(x).mean({2, 3})); }          // -> [N, 16] -> [N, 10]
};

std::int64_t peak_of(const ft::debug::MemoryTimeline& timeline, std::int64_t before) {
    return timeline.peak() - before;
}

int main() {
    ft::Generator gen(10);
    Net net(gen);
    const auto x = ft::randn<float>({8, 1, 32, 32}, gen);            // [8, 1, 32, 32]
    const auto labels = ft::randint<std::int64_t>(0, 10, {8}, gen);  // [8]

    std::cout << "== what the net consists of\n";
    const auto summary = ft::debug::summary(net, {{8, 1, 32, 32}});
    std::cout << summary;
    // A 3 x 3 convolution from 16 to 16 channels multiplies 16 * 9 numbers for each of its results; a multiplication
    // and an addition are 2. Nearly all parameters and all work are in the second layer.
    expect(summary.parameters == 16 * 9 + 16 + 16 * 16 * 9 + 16 + 16 * 10 + 10, "parameters, counted by hand");

    std::cout << "\n== what backward() will walk through\n";
    const Tensor loss = ft::cross_entropy(net.forward(x), labels);
    const std::string dot = ft::debug::to_dot(loss, net.named_parameters());
    std::ofstream("lesson_10_graph.dot") << dot;
    std::cout << dot.substr(0, dot.find("  n2 "))
              << "  ...\n  the whole of it: dot -Tsvg lesson_10_graph.dot > graph.svg\n";
    // Boxes are operations, with their line; ellipses the leaves that get a gradient. x is not among them.
    expect(dot.find("second.weight") != std::string::npos, "the weights are leaves of the graph, by their names");

    std::cout << "\n== where the time goes\n";
    ft::debug::Trace trace;
    ft::cross_entropy(net.forward(x), labels).backward();
    trace.save("lesson_10_trace.json");
    auto events = trace.events();
    std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.duration > b.duration; });
    for (std::size_t i = 0; i < 4; ++i)
        std::cout << events[i].duration << " us  " << events[i].name << "  " << events[i].module << "  "
                  << events[i].inputs << '\n';
    std::cout << events.size() << " events in lesson_10_trace.json, for ui.perfetto.dev\n";
    const auto backward = std::count_if(events.begin(), events.end(), [](const auto& e) { return e.backward; });
    expect(backward > 4 && backward < static_cast<std::ptrdiff_t>(events.size()), "it has seen forward and backward");

    std::cout << "\n== where the memory goes\n";
    // Every result that a backward needs stays until then. A checkpoint keeps only what it is given, and computes the
    // rest again when backward comes: memory for time.
    const auto large = ft::randn<float>({8, 1, 96, 96}, gen);
    std::int64_t before = ft::memory_report().active, peaks[2];
    for (const bool checkpointed : {false, true}) {
        ft::debug::MemoryTimeline timeline;
        const auto block = [&](const Tensor& v) { return net.features(v).mean({2, 3}); };
        const Tensor pooled = checkpointed ? ft::checkpoint(block, large) : block(large);  // [8, 16]
        const Tensor again = checkpointed ? ft::checkpoint(block, large) : block(large);   // a second user of memory
        net.out(pooled + again).sum().backward();
        timeline.stop();
        if (!checkpointed) std::cout << timeline.table(4), timeline.save("lesson_10_memory.svg");
        peaks[checkpointed] = peak_of(timeline, before);
    }
    std::cout << "at the peak " << peaks[0] / 1024 << " KiB, with checkpoints " << peaks[1] / 1024 << " KiB\n";
    expect(peaks[1] < 3 * peaks[0] / 4, "checkpoints save memory");

    // The most common waste: a forward that nobody will walk back, but that keeps everything as if.
    before = ft::memory_report().active;
    const Tensor kept = net.forward(large);
    const std::int64_t with_history = ft::memory_report().active - before;
    const ft::NoGrad off;
    before = ft::memory_report().active;
    const Tensor plain = net.forward(large);
    const std::int64_t without = ft::memory_report().active - before;
    std::cout << "a result keeps " << with_history << " bytes alive, under NoGrad " << without << '\n';
    expect(without < with_history / 100, "NoGrad is for evaluation");

    std::cout << "\n== where a NaN comes from\n";
    const ft::GradMode on(true);
    Tensor v({4.0f, 0.0f});
    v.requires_grad_();
    try {
        const ft::AnomalyMode watch;      // looks at every result: for finding errors, not for every day
        ft::sum(ft::sqrt(v)).backward();  // the slope of sqrt at 0 is infinite
        expect(false, "anomaly mode finds the slope of sqrt at 0");
    } catch (const ft::Error& error) {
        std::cout << error.what() << '\n';
        expect(std::string(error.what()).find("sqrt (backward)") == 0, "anomaly mode finds the slope of sqrt at 0");
    }
    return finish();
}
