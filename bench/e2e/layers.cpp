#include "bench/e2e/layers.hpp"

#include <algorithm>
#include <stdexcept>

#include "bench/ceilings/ceilings.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/report.hpp"
#include "bench/support/table.hpp"
#include "fathom/debug.hpp"

namespace fathom::bench {

namespace {

// Operations that lie in no other: the backward of a checkpoint contains what it runs again.
std::vector<debug::TraceEvent> outermost(std::vector<debug::TraceEvent> events) {
    std::erase_if(events, [&](const debug::TraceEvent& e) {
        return std::any_of(events.begin(), events.end(), [&](const debug::TraceEvent& outer) {
            return &outer != &e && outer.thread == e.thread && outer.start <= e.start && outer.duration > e.duration &&
                   outer.start + outer.duration >= e.start + e.duration;
        });
    });
    return events;
}

// A 3x3 convolution of images that keep their size, of which F(4x4, 3x3) needs a quarter of the multiplications.
bool fits_winograd(const debug::TraceEvent& e) {
    if (!e.name.starts_with("conv2d") || e.inputs.find(",3,3]") == std::string::npos) return false;
    const auto size = [](const std::string& shapes) {  // "480,640" of "float [1,3,480,640] ..."
        const std::size_t end = shapes.find(']'), last = shapes.rfind(',', end), before = shapes.rfind(',', last - 1);
        return shapes.substr(before + 1, end - before - 1);
    };
    return size(e.inputs) == size(e.outputs);
}

}  // namespace

double Layers::Layer::floor() const { return std::max(arithmetic, traffic); }

Layers::Layers(const std::function<void()>& job, int repeats, int threads) {
    const Neighbours neighbours;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const debug::Trace trace;
        job();
        const std::vector<debug::TraceEvent> events = outermost(trace.events());
        if (repeat == 0)
            for (const debug::TraceEvent& e : events)
                layers_.push_back({e.name, e.module.empty() ? e.site : e.module, e.inputs + " -> " + e.outputs,
                                   static_cast<double>(e.flops), static_cast<double>(e.bytes), e.duration * 1e-6, 0, 0,
                                   fits_winograd(e)});
        if (events.size() != layers_.size()) throw std::runtime_error("a repeat ran other operations than the first");
        for (std::size_t i = 0; i < events.size(); ++i)
            layers_[i].seconds = std::min(layers_[i].seconds, events[i].duration * 1e-6);
    }
    others_ = neighbours.share();
    add_floors(threads);
}

void Layers::add_floors(int threads) {
    Ceilings ceilings(0.05);
    for (Layer& layer : layers_) {
        layer.arithmetic = layer.flops * (layer.winograd ? 0.25 : 1) / ceilings.fma(threads);
        const Level level = level_of(layer.bytes / threads, threads);
        layer.traffic = layer.bytes / ceilings.bandwidth(level, threads).copy;
    }
}

std::string Layers::text() const {
    Table table({"operation", "where", "GFLOP", "MB", "floor", "bound by", "time", "of it", "of all"});
    double all = 0, floor = 0;
    for (const Layer& layer : layers_) all += layer.seconds, floor += layer.floor();
    double rest = 0, rest_floor = 0;
    for (const Layer& layer : layers_) {
        if (layer.seconds < 0.005 * all) {
            rest += layer.seconds, rest_floor += layer.floor();
            continue;
        }
        const char* bound = layer.traffic > layer.arithmetic ? "memory"
                            : layer.winograd                 ? "arithmetic / 4"
                                                             : "arithmetic";
        table.add({layer.name, layer.where, number_text(layer.flops * 1e-9), number_text(layer.bytes * 1e-6),
                   time_text(layer.floor()), bound, time_text(layer.seconds), share_text(layer.floor() / layer.seconds),
                   share_text(layer.seconds / all)});
    }
    if (rest > 0)
        table.add({"the rest", "", "", "", time_text(rest_floor), "", time_text(rest), share_text(rest_floor / rest),
                   share_text(rest / all)});
    table.add({"all", "", "", "", time_text(floor), "", time_text(all), share_text(floor / all), "100%"});
    return table.text() +
           "\nFloors are arithmetic on the FMA units, of 3x3 convolutions that keep the size a quarter of it, or bytes "
           "of inputs and outputs\nthrough the cache or memory that holds them, whichever is longer. Times are the "
           "least of all repeats, operation by operation:\nwhere a net runs depth-first, the whole takes less.\n" +
           busy_warning(others_);
}

nlohmann::json Layers::json() const {
    nlohmann::json rows = nlohmann::json::array();
    for (const Layer& layer : layers_)
        rows.push_back({{"operation", layer.name},
                        {"where", layer.where},
                        {"shapes", layer.shapes},
                        {"flops", layer.flops},
                        {"bytes", layer.bytes},
                        {"arithmetic_seconds", layer.arithmetic},
                        {"traffic_seconds", layer.traffic},
                        {"winograd", layer.winograd},
                        {"seconds", layer.seconds}});
    return {{"layers", rows}, {"machine", machine()}, {"others", others_}};
}

}  // namespace fathom::bench
