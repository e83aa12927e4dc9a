// MemoryTimeline: which operation and line of the program held how much memory, and when.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "fathom/core/allocator.hpp"

namespace fathom::inline v0::debug {

// Sees every block of the host's memory that is taken and given back while it lives, on any thread; there is one at a
// time. What was taken before counts as "before".
//   ft::debug::MemoryTimeline timeline;
//   net.forward(x).sum().backward();
//   std::cout << timeline;              // a table: what held the peak
//   timeline.save("memory.svg");        // or .json, for chrome://tracing and ui.perfetto.dev
class MemoryTimeline {
public:
    struct Holder {
        std::string name;          // "conv2d at train.cpp:41"
        std::int64_t at_peak = 0;  // bytes when all together held most
        std::int64_t blocks = 0;   // and in how many blocks
        std::int64_t now = 0;      // bytes held now, or when it was stopped
        std::int64_t taken = 0;    // bytes in all, given back or not
    };

    explicit MemoryTimeline(Where site = Where::here());
    MemoryTimeline(const MemoryTimeline&) = delete;
    MemoryTimeline& operator=(const MemoryTimeline&) = delete;
    ~MemoryTimeline();

    // Ends it; what was seen stays.
    void stop();
    std::int64_t peak() const;  // bytes, with what was taken before
    // By bytes at the peak, then by all that was taken.
    std::vector<Holder> holders() const;
    // A table of the holders, as many as given.
    std::string table(std::size_t rows = 20) const;
    // Counters of the Trace Event Format: the largest holders, and the others together, at each change.
    std::string json() const;
    // Areas over time, one on the other, with a legend.
    std::string svg() const;
    // By the ending of the path: .json or .svg.
    void save(const std::string& path, Where site = Where::here()) const;

    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                                        const MemoryTimeline& timeline) {
        out << timeline.table().c_str();
        return out;
    }

private:
    struct Change {
        double time;         // microseconds since the beginning
        std::int64_t bytes;  // negative: given back
        std::size_t holder;
    };
    struct Recorder;
    // Bytes of the largest holders, with the others in one behind them, after each change.
    struct Layers {
        std::vector<std::string> names;
        std::vector<double> times;
        std::vector<std::vector<std::int64_t>> bytes;  // of each change
    };
    Layers layers(std::size_t most) const;

    std::unique_ptr<Recorder> recorder_;
};

}  // namespace fathom::inline v0::debug

#ifndef FATHOM_COMPILED
#include "fathom/debug/memory.inl.hpp"
#endif
