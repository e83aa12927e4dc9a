// Trace: what ran when, as a file that chrome://tracing and ui.perfetto.dev show.
#pragma once

#include <memory>
#include <mutex>

#include "fathom/autograd/function.hpp"

namespace fathom::inline v0::debug {

struct TraceEvent {
    std::string name;            // "conv2d", "conv2d (backward)"
    bool backward = false;       // the whole backward of one operation; what it recorded or ran again lies inside
    double start = 0;            // microseconds since the trace began
    double duration = 0;         // from the first kernel to the result
    int thread = 0;              // 0: that which began the trace
    std::string site;            // "train.cpp:41"; of backward that of the operation
    std::string module;          // "encoder.conv1"; "" outside of all
    std::string inputs;          // "float [2,3] float [4,3]"
    std::string outputs;         // of backward the gradients that it gave
    std::int64_t flops = 0;      // debug/flops.hpp
    std::int64_t bytes = 0;      // of inputs and outputs
    std::uint64_t sequence = 0;  // the same for an operation and its backward; 0: not recorded
};

// Records the operations of this thread for as long as it lives, forward and backward:
//   ft::debug::Trace trace;
//   net.forward(x).sum().backward();
//   trace.save("step.json");
// Views, which only change metadata, are left out. Another thread takes part while it has a Trace::Thread.
class Trace {
public:
    Trace();
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;
    ~Trace();

    class Thread {
    public:
        explicit Thread(Trace& trace);
        Thread(const Thread&) = delete;
        Thread& operator=(const Thread&) = delete;
        ~Thread();

    private:
        struct Recorder;
        std::unique_ptr<Recorder> recorder_;
    };

    // In the order in which they ended.
    std::vector<TraceEvent> events() const;
    // The Trace Event Format, with an arrow from each operation to its backward.
    std::string json() const;
    void save(const std::string& path) const;

private:
    double now() const;
    void add(TraceEvent event);
    std::int64_t flops_at(std::uint64_t sequence) const;

    mutable std::mutex mutex_;
    std::vector<TraceEvent> events_;
    std::vector<std::pair<std::uint64_t, std::int64_t>> flops_;  // of what was recorded, by sequence number
    std::int64_t begin_ = 0;                                     // of the steady clock, nanoseconds
    int threads_ = 0;
    std::unique_ptr<Thread> first_;  // last: it sees what follows
};

}  // namespace fathom::inline v0::debug

#ifndef FATHOM_COMPILED
#include "fathom/debug/trace.inl.hpp"
#endif
