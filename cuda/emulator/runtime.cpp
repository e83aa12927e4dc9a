// runtime.hpp over the emulator. Streams carry out what they are given at once, which an in-order stream may, or keep
// it while they are being captured; a kernel's fault is kept until something waits, as on a GPU, and then stays until
// reset_device().
#include "cuda/runtime.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cuda/emulator/launch.hpp"
#include "cuda/emulator/memory.hpp"
#include "cuda/errors.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// A capture under way.
struct Capture {
    std::uint64_t number = 0;
    std::vector<std::function<void()>> work{};  // what replay does again, in the order it was given
    std::vector<Stream> streams{};              // that take part; the first one began it
    std::string broken{};                       // why nothing will come of it
};
struct StreamState {
    detail::Recent recent{};
    std::mutex mutex{};
    std::shared_ptr<Capture> capture{};
};
struct EventState {
    std::chrono::steady_clock::time_point time{};
    bool recorded = false;
    std::uint64_t capture = 0;  // the number of the one it was recorded in
    std::weak_ptr<Capture> open{};
};
struct GraphState {
    std::vector<std::function<void()>> work{};
};

namespace {

using detail::failed;

constexpr std::size_t device_memory = std::size_t{16} << 30;

struct DeviceState {
    std::mutex mutex{};
    int code = 0;  // the first fault since the device was reset
    std::string fault{};
    StreamState default_stream{};
    std::uint64_t resets = 0, captures = 0;
};
DeviceState& device() {
    static DeviceState* state = new DeviceState;
    return *state;
}

StreamState& state_of(Stream stream) { return stream ? *stream : device().default_stream; }

// The device's fault, as every call reports it.
Result check(const char* operation) {
    DeviceState& d = device();
    std::lock_guard lock(d.mutex);
    if (!d.code) return {};
    return failed(d.code, join({operation, ": a kernel failed before: ", d.fault}));
}

void note(Stream stream, const char* operation) {
    StreamState& s = state_of(stream);
    std::lock_guard lock(s.mutex);
    s.recent.add(operation);
}

// Does the work now, or where the stream is being captured, at each replay.
template <class F>
void send(Stream stream, F work) {
    if (Capture* capture = state_of(stream).capture.get())
        capture->work.push_back(std::move(work));
    else
        work();
}

// What a stream in a capture may not do, which spoils the capture.
Result forbid_in_capture(Stream stream, const char* what) {
    Capture* capture = state_of(stream).capture.get();
    if (!capture) return {};
    capture->broken = what;
    return failed(error::capture_unsupported, join({what, ": the stream is being captured"}));
}

void keep_fault(std::string fault) {
    if (fault.empty()) return;
    DeviceState& d = device();
    std::lock_guard lock(d.mutex);
    if (!d.code) d.code = error::launch_failure, d.fault = std::move(fault);
}

// A launch that outlives its call.
struct KeptLaunch {
    std::string operation;
    LaunchShape shape;
    std::shared_ptr<std::byte[]> closure;
    Kernel kernel;

    KeptLaunch(const char* name, const LaunchShape& g, const Kernel& k)
        : operation(name), shape(g), closure(new std::byte[k.closure_bytes]), kernel(k) {
        std::memcpy(closure.get(), k.closure, k.closure_bytes);
        kernel.closure = closure.get();
    }
    void operator()() const { keep_fault(detail::run_kernel(operation.c_str(), shape, kernel)); }
};

}  // namespace

const char* error_text() { return detail::error_slot().c_str(); }

const DriverState& driver_state() {
    static constexpr DriverState state{Driver::ready, 0, 0, 1, ""};
    return state;
}

const char* unfit(int) { return nullptr; }

Result set_device(int index) {
    if (index == 0) return {};
    return failed(error::invalid_value, join({"set_device: the emulator is one device, got index ", index}));
}

Result device_limits(DeviceLimits* limits) {
    *limits = {4, 0, std::size_t{227} * 1024, device_memory};
    return check("device_limits");
}

Result memory_info(std::size_t* free_bytes, std::size_t* total_bytes) {
    const std::size_t used = detail::allocated_bytes();
    *total_bytes = device_memory;
    *free_bytes = used < device_memory ? device_memory - used : 0;
    return check("memory_info");
}

Result reset_device() {
    DeviceState& d = device();
    std::lock_guard lock(d.mutex);
    d.code = 0;
    d.fault.clear();
    ++d.resets;
    return {};
}

std::uint64_t resets(int) {
    DeviceState& d = device();
    std::lock_guard lock(d.mutex);
    return d.resets;
}

Result allocate(void** memory, std::size_t bytes, const char* operation) {
    *memory = nullptr;
    if (const Result r = check(operation); !r.ok()) return r;
    if (bytes == 0) return {};
    if (bytes <= device_memory - std::min(device_memory, detail::allocated_bytes()))
        *memory = detail::allocate_device(bytes, operation);
    if (*memory) return {};
    return failed(error::out_of_memory, join({operation, ": out of device memory: ", bytes, " bytes asked for, ",
                                              detail::allocated_bytes(), " bytes are allocated"}));
}

Result release(void* memory) {
    if (!memory || detail::release_device(memory)) return {};
    return failed(error::invalid_value, "release: not the beginning of an allocation");
}

Result allocate_pinned(void** memory, std::size_t bytes, const char* operation) {
    *memory = bytes ? std::aligned_alloc(64, (bytes + 63) / 64 * 64) : nullptr;
    if (*memory || !bytes) return {};
    return failed(error::out_of_memory, join({operation, ": out of pinned memory: ", bytes, " bytes asked for"}));
}

Result release_pinned(void* memory) {
    std::free(memory);
    return {};
}

void reuse(void* block, std::size_t block_bytes, std::size_t used) {
    if constexpr (checked) {
        detail::note_reused(block, block_bytes, used);
    } else {
        static_cast<void>(used);
        std::memset(block, 0xff, block_bytes);
    }
}

Result create_stream(Stream* stream) {
    *stream = new StreamState;
    return check("create_stream");
}

Result destroy_stream(Stream stream) {
    if (!stream) return {};
    if (const Result r = forbid_in_capture(stream, "destroy_stream"); !r.ok()) return r;
    delete stream;
    return {};
}

Result synchronize(Stream stream) {
    if (const Result r = forbid_in_capture(stream, "synchronize"); !r.ok()) return r;
    StreamState& s = state_of(stream);
    std::lock_guard stream_lock(s.mutex);
    DeviceState& d = device();
    std::lock_guard lock(d.mutex);
    if (d.code) return failed(d.code, d.fault + s.recent.text());
    s.recent.settle();
    return {};
}

Result synchronize_device() { return synchronize(Stream{}); }

Result is_idle(Stream stream, bool* idle) {
    *idle = true;
    if (const Result r = forbid_in_capture(stream, "is_idle"); !r.ok()) return r;
    return check("is_idle");
}

Result copy(Copy direction, void* to, const void* from, std::size_t bytes, Stream stream, const char* operation) {
    if (const Result r = check(operation); !r.ok()) return r;
    note(stream, operation);
    if (bytes == 0) return {};
    const bool to_device = direction != Copy::to_host, from_device = direction != Copy::to_device;
    if ((to_device && !detail::on_device(to, bytes)) || (from_device && !detail::on_device(from, bytes)))
        return failed(error::invalid_value,
                      join({operation, ": a copy of ", bytes, " bytes", to_device ? " to" : " from",
                            " the device: not within one allocation, ",
                            detail::describe_device(reinterpret_cast<std::uintptr_t>(
                                to_device && !detail::on_device(to, bytes) ? to : from))}));
    send(stream, [=] {
        std::memmove(to, from, bytes);
        if constexpr (checked) {
            if (direction == Copy::to_device) detail::note_written(to, bytes);
            if (direction == Copy::on_device) detail::note_copied(to, from, bytes);
        }
    });
    return {};
}

Result fill(void* memory, unsigned char value, std::size_t bytes, Stream stream, const char* operation) {
    if (const Result r = check(operation); !r.ok()) return r;
    note(stream, operation);
    if (bytes == 0) return {};
    if (!detail::on_device(memory, bytes))
        return failed(error::invalid_value, join({operation, ": filling ", bytes, " bytes: not within one allocation, ",
                                                  detail::describe_device(reinterpret_cast<std::uintptr_t>(memory))}));
    send(stream, [=] {
        std::memset(memory, value, bytes);
        if constexpr (checked) detail::note_written(memory, bytes);
    });
    return {};
}

Result create_event(Event* event) {
    *event = new EventState;
    return check("create_event");
}

Result destroy_event(Event event) {
    delete event;
    return {};
}

Result record(Event event, Stream stream) {
    if (const Result r = check("record"); !r.ok()) return r;
    event->time = std::chrono::steady_clock::now(), event->recorded = true;
    const std::shared_ptr<Capture>& capture = state_of(stream).capture;
    event->open = capture, event->capture = capture ? capture->number : 0;
    return {};
}

Result wait(Stream stream, Event event) {
    StreamState& s = state_of(stream);
    if (const std::shared_ptr<Capture> capture = event->open.lock()) {
        if (s.capture && s.capture != capture)
            return failed(error::capture_isolation, "wait: the event belongs to another capture");
        if (!s.capture) capture->streams.push_back(stream), s.capture = capture;
    } else if (event->capture) {
        return failed(error::captured_event, "wait: the event was recorded in a capture that has ended");
    } else if (s.capture && event->recorded) {
        s.capture->broken = "wait";
        return failed(error::capture_isolation, "wait: the event was recorded outside of the capture");
    }
    return check("wait");
}

Result synchronize(Event event) {
    if (event->capture) return failed(error::captured_event, "synchronize: the event was recorded in a capture");
    return check("synchronize");
}

Result is_done(Event, bool* done) {
    *done = true;
    return check("is_done");
}

Result elapsed_ms(Event from, Event to, float* milliseconds) {
    *milliseconds = 0;
    if (!from->recorded || !to->recorded)
        return failed(error::invalid_handle, "elapsed_ms: an event that was not recorded");
    *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return check("elapsed_ms");
}

Result launch_kernel(const char* operation, const LaunchShape& shape, Stream stream, const Kernel& kernel) {
    if (const Result r = check(operation); !r.ok()) return r;
    if (std::string wrong = detail::launch_error(shape); !wrong.empty())
        return failed(error::invalid_configuration, join({operation, ": ", wrong}));
    if (shape.shared_bytes > std::size_t{227} * 1024)
        return failed(error::invalid_value, join({operation, ": ", shape.shared_bytes,
                                                  " bytes of dynamic shared memory, allowed are 232448"}));
    note(stream, operation);
    if (Capture* capture = state_of(stream).capture.get()) {
        capture->work.push_back(KeptLaunch(operation, shape, kernel));
        return {};
    }
    keep_fault(detail::run_kernel(operation, shape, kernel));
    return detail::synchronous() ? synchronize(stream) : Result{};
}

Result capture_of(Stream stream, std::uint64_t* number) {
    const Capture* capture = state_of(stream).capture.get();
    *number = capture ? capture->number : 0;
    return {};
}

Result begin_capture(Stream stream) {
    if (const Result r = check("begin_capture"); !r.ok()) return r;
    StreamState& s = state_of(stream);
    if (s.capture) return failed(error::illegal_state, "begin_capture: the stream is being captured already");
    DeviceState& d = device();
    std::lock_guard lock(d.mutex);
    s.capture = std::make_shared<Capture>();
    s.capture->number = ++d.captures;
    s.capture->streams.push_back(stream);
    return {};
}

Result end_capture(Stream stream, Graph* graph) {
    *graph = nullptr;
    const std::shared_ptr<Capture> capture = state_of(stream).capture;
    if (!capture) return failed(error::illegal_state, "end_capture: the stream is not being captured");
    for (const Stream s : capture->streams) state_of(s).capture = nullptr;
    if (!capture->broken.empty())
        return failed(error::capture_invalidated,
                      join({"end_capture: ", capture->broken, " was not allowed in the capture, which is void"}));
    if (capture->streams.front() != stream)
        return failed(error::capture_isolation, "end_capture: another stream began the capture");
    *graph = new GraphState{std::move(capture->work)};
    return check("end_capture");
}

Result replay(Graph graph, Stream stream) {
    if (!graph) return failed(error::invalid_value, "replay: there is no graph");
    if (const Result r = check("replay"); !r.ok()) return r;
    note(stream, "replay");
    for (const std::function<void()>& work : graph->work) send(stream, work);
    return {};
}

Result destroy_graph(Graph graph) {
    delete graph;
    return {};
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
