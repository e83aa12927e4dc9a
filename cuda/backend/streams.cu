// Streams, events and graphs as the seam knows them: runtime.hpp's, and what the allocator has to hear of them.
#include "cuda/backend/streams.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "cuda/errors.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::streams {
namespace {

// A graph with the memory that is its own. Each replay comes after the one before, and the first after what the stream
// of the capture had been given: that memory was its own before.
struct OwnedGraph {
    Graph graph = nullptr;
    std::uint64_t capture = 0;
    Event replayed = nullptr;
};

// The captures under way, by device and stream.
struct Captures {
    std::mutex mutex;
    std::map<std::pair<std::int32_t, Stream>, std::uint64_t> numbers;
};
Captures& captures() {
    static Captures* c = new Captures;
    return *c;
}

template <class F>
abi::Outcome on_device(const abi::Call* call, F f) {
    if (const Result r = set_device(call->device); !r.ok()) return answer(call, r);
    return answer(call, f());
}

}  // namespace

abi::Outcome create(const abi::Call* call, void** stream) {
    return on_device(call, [&] {
        Stream made = nullptr;
        const Result r = create_stream(&made);
        *stream = made;
        return r;
    });
}

abi::Outcome destroy(const abi::Call* call, void* stream) {
    return on_device(call, [&]() -> Result {
        const auto old = static_cast<Stream>(stream);
        if (!old) return {};
        const Result waited = synchronize(old);
        forget_stream(old);
        const Result destroyed = destroy_stream(old);
        return waited.ok() ? destroyed : waited;
    });
}

abi::Outcome create_event(const abi::Call* call, void** event) {
    return on_device(call, [&] {
        Event made = nullptr;
        const Result r = FATHOM_CUDA_NAMESPACE::create_event(&made);
        *event = made;
        return r;
    });
}

abi::Outcome destroy_event(const abi::Call* call, void* event) {
    return on_device(call, [&] { return FATHOM_CUDA_NAMESPACE::destroy_event(static_cast<Event>(event)); });
}

abi::Outcome record(const abi::Call* call, void* event) {
    return on_device(call, [&] { return FATHOM_CUDA_NAMESPACE::record(static_cast<Event>(event), stream_of(call)); });
}

abi::Outcome wait(const abi::Call* call, void* event) {
    return on_device(call, [&] { return FATHOM_CUDA_NAMESPACE::wait(stream_of(call), static_cast<Event>(event)); });
}

abi::Outcome begin_capture(const abi::Call* call) {
    return on_device(call, [&] {
        std::uint64_t number = 0;
        Result r = FATHOM_CUDA_NAMESPACE::begin_capture(stream_of(call));
        if (r.ok()) r = capture_of(stream_of(call), &number);
        if (!r.ok()) return r;
        begin_pool(number, stream_of(call));
        Captures& c = captures();
        const std::lock_guard lock(c.mutex);
        c.numbers[{call->device, stream_of(call)}] = number;
        return r;
    });
}

abi::Outcome end_capture(const abi::Call* call, void** graph) {
    *graph = nullptr;
    return on_device(call, [&] {
        auto made = std::make_unique<OwnedGraph>();
        Result r = FATHOM_CUDA_NAMESPACE::end_capture(stream_of(call), &made->graph);
        {
            Captures& c = captures();
            const std::lock_guard lock(c.mutex);
            const auto number = c.numbers.extract({call->device, stream_of(call)});
            if (number.empty()) return r;  // nothing was begun
            made->capture = number.mapped();
        }
        end_pool(made->capture);
        if (r.ok()) r = FATHOM_CUDA_NAMESPACE::create_event(&made->replayed);
        if (r.ok()) r = FATHOM_CUDA_NAMESPACE::record(made->replayed, stream_of(call));
        if (r.ok())
            *graph = made.release();
        else
            drop_pool(made->capture);
        return r;
    });
}

abi::Outcome replay(const abi::Call* call, void* graph) {
    return on_device(call, [&]() -> Result {
        const auto* owned = static_cast<OwnedGraph*>(graph);
        if (!owned) return FATHOM_CUDA_NAMESPACE::replay(nullptr, stream_of(call));
        std::uint64_t capture = 0;
        if (const Result r = capture_of(stream_of(call), &capture); !r.ok()) return r;
        if (capture) return detail::failed(error::capture_unsupported, "replay: the stream is being captured");
        if (const Result r = FATHOM_CUDA_NAMESPACE::wait(stream_of(call), owned->replayed); !r.ok()) return r;
        if (const Result r = FATHOM_CUDA_NAMESPACE::replay(owned->graph, stream_of(call)); !r.ok()) return r;
        return FATHOM_CUDA_NAMESPACE::record(owned->replayed, stream_of(call));
    });
}

abi::Outcome destroy_graph(const abi::Call* call, void* graph) {
    if (!graph) return abi::Outcome::ok;
    return on_device(call, [&] {
        const std::unique_ptr<OwnedGraph> owned(static_cast<OwnedGraph*>(graph));
        Result r = synchronize(owned->replayed);
        static_cast<void>(FATHOM_CUDA_NAMESPACE::destroy_event(owned->replayed));
        const Result destroyed = FATHOM_CUDA_NAMESPACE::destroy_graph(owned->graph);
        drop_pool(owned->capture);
        return r.ok() ? destroyed : r;
    });
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::streams
