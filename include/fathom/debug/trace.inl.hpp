// Definitions of trace.hpp.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "fathom/core/parallel_for.hpp"
#include "fathom/debug/flops.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::debug {

struct Trace::Thread::Recorder final : fathom::detail::Observer {
    explicit Recorder(Trace& t) : trace(t), scope(*this) {
        const std::lock_guard lock(trace.mutex_);
        thread = trace.threads_++;
    }

    void kernel_begins() override {
        if (!began) began = trace.now();
    }
    void backward_begins() override {
        TraceEvent event;
        event.backward = true, event.start = trace.now(), event.thread = thread;
        open.push_back(std::move(event));
    }
    void backward_ends() override {
        TraceEvent event = std::move(open.back());
        open.pop_back();
        event.duration = trace.now() - event.start;
        began.reset();
        if (!event.name.empty()) trace.add(std::move(event));
    }

    void sees(const fathom::detail::Observation& seen) override {
        const double end = trace.now();
        const auto text_of = [](const AnyTensor& x) { return join({x.dtype(), " ", x.shape()}); };
        if (seen.backward && open.empty()) return;  // the trace began inside of it
        TraceEvent forward;
        TraceEvent& event = seen.backward ? open.back() : forward;
        const bool another_gradient = seen.backward && !event.name.empty();
        if (!another_gradient) {
            event.name = seen.operation;
            event.site = to_string(seen.site);
            if (const std::string* module = fathom::detail::current_module()) event.module = *module;
            event.sequence = seen.sequence;
            seen.inputs.each([&](const AnyTensor& x) {
                if (x.defined()) event.inputs += (event.inputs.empty() ? "" : " ") + text_of(x);
            });
            event.bytes = bytes_of(seen);
        } else {
            event.outputs += ' ';
            event.bytes += seen.output.numel() * static_cast<std::int64_t>(size_of(seen.output.dtype()));
        }
        event.outputs += text_of(seen.output);
        if (seen.backward) {
            event.flops += trace.flops_at(seen.sequence);
            return;
        }
        event.flops = flops_of(seen);
        event.start = began.value_or(end), event.duration = end - event.start, event.thread = thread;
        began.reset();
        trace.add(std::move(forward));
    }

    Trace& trace;
    std::optional<double> began;  // the first kernel since the last result
    std::vector<TraceEvent> open;
    int thread = 0;
    ObserveScope scope;
};

FATHOM_INLINE Trace::Thread::Thread(Trace& trace) : recorder_(std::make_unique<Recorder>(trace)) {}
FATHOM_INLINE_MEMBER Trace::Thread::~Thread() = default;

FATHOM_INLINE Trace::Trace() {
    begin_ = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
    first_ = std::make_unique<Thread>(*this);
}
FATHOM_INLINE_MEMBER Trace::~Trace() = default;

FATHOM_INLINE double Trace::now() const {
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
    return static_cast<double>(now - begin_) * 1e-3;
}

// Numbers grow, so that they are found by halving; an operation on another thread may be a little late.
FATHOM_INLINE void Trace::add(TraceEvent event) {
    const std::lock_guard lock(mutex_);
    if (!event.backward && event.sequence) {
        auto at = flops_.end();
        while (at != flops_.begin() && std::prev(at)->first > event.sequence) --at;
        flops_.insert(at, {event.sequence, event.flops});
    }
    events_.push_back(std::move(event));
}

FATHOM_INLINE std::int64_t Trace::flops_at(std::uint64_t sequence) const {
    const std::lock_guard lock(mutex_);
    const auto at = std::lower_bound(flops_.begin(), flops_.end(), sequence,
                                     [](const auto& f, std::uint64_t number) { return f.first < number; });
    return at != flops_.end() && at->first == sequence ? at->second : 0;
}

FATHOM_INLINE std::vector<TraceEvent> Trace::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

FATHOM_INLINE std::string Trace::json() const {
    const std::vector<TraceEvent> all = events();
    const auto number = [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", value);
        return std::string(text);
    };
    std::string s =
        join({"{\"displayTimeUnit\":\"ms\",\"otherData\":{\"threads of parallel_for\":\"", fathom::threads(),
              "\"},\"traceEvents\":[\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":0,"
              "\"args\":{\"name\":\"fathom\"}}"});
    for (const TraceEvent& e : all) {
        s += ",\n{\"name\":" + io::json_quoted(e.name) + ",\"cat\":\"" + (e.backward ? "backward" : "forward") +
             "\",\"ph\":\"X\",\"ts\":" + number(e.start) + ",\"dur\":" + number(e.duration);
        s += join({",\"pid\":1,\"tid\":", e.thread, ",\"args\":{\"at\":", io::json_quoted(e.site),
                   ",\"module\":", io::json_quoted(e.module), ",\"inputs\":", io::json_quoted(e.inputs),
                   ",\"outputs\":", io::json_quoted(e.outputs), ",\"flops\":", e.flops, ",\"bytes\":", e.bytes, "}}"});
    }
    // Arrows: each begins inside the event of the operation and ends at that of its backward.
    std::vector<std::pair<std::uint64_t, const TraceEvent*>> forward;
    for (const TraceEvent& e : all)
        if (!e.backward && e.sequence) forward.emplace_back(e.sequence, &e);
    std::sort(forward.begin(), forward.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const TraceEvent& e : all) {
        if (!e.backward) continue;
        const auto at = std::lower_bound(forward.begin(), forward.end(), e.sequence,
                                         [](const auto& f, std::uint64_t sequence) { return f.first < sequence; });
        if (at == forward.end() || at->first != e.sequence) continue;
        for (const bool start : {true, false})
            s += join({",\n{\"name\":\"forward to backward\",\"cat\":\"autograd\",\"ph\":\"", start ? "s" : "f",
                       start ? "" : "\",\"bp\":\"e", "\",\"id\":", e.sequence,
                       ",\"pid\":1,\"tid\":", start ? at->second->thread : e.thread,
                       ",\"ts\":", number(start ? at->second->start : e.start), "}"});
    }
    return s + "\n]}\n";
}

FATHOM_INLINE void Trace::save(const std::string& path) const {
    io::AtomicWriter file(path);
    file.write(json());
    file.commit();
}

}  // namespace fathom::inline v0::debug
