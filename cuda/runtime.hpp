// Memory, copies, streams, events and errors of a CUDA device, in two implementations: over the CUDA runtime
// (runtime_cuda.cu) and over the emulator (emulator/runtime.cpp). Nothing throws: a Result says whether a call worked,
// error_text() of the same thread says why not. Error codes are cudaError's numbers in both. Next: launch.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/namespace.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

struct [[nodiscard]] Result {
    int code = 0;
    constexpr bool ok() const { return code == 0; }
};

// cudaError's numbers, those that callers tell apart.
namespace error {
inline constexpr int invalid_value = 1, out_of_memory = 2, invalid_configuration = 9, old_driver = 35, no_device = 100,
                     invalid_handle = 400, illegal_state = 401, not_ready = 600, illegal_address = 700,
                     launch_failure = 719, capture_unsupported = 900, capture_invalidated = 901,
                     capture_isolation = 905, captured_event = 907;
}

// Why this thread's last failed call failed: the operation, what went wrong, and for an error that came late, what had
// been sent to the stream since it was last known to be idle. Valid until the next failure.
const char* error_text();

enum class Driver : std::uint8_t { ready, missing, too_old, no_device, failed };
struct DriverState {
    Driver driver;
    int driver_version, runtime_version;  // as CUDA writes them, 13000 for 13.0
    int devices;
    const char* text;  // a sentence; "" when ready
};
// Looked up once.
const DriverState& driver_state();
// Why the machine code of this build cannot run on that device; null when it can. Looked up once per device.
const char* unfit(int index);

struct DeviceLimits {
    int multiprocessors;
    int compute_capability;    // 90 for 9.0
    std::size_t shared_bytes;  // most a block may have, static and dynamic together
    std::size_t memory_bytes;
};
Result set_device(int index);
Result device_limits(DeviceLimits* limits);
Result memory_info(std::size_t* free_bytes, std::size_t* total_bytes);
// After a kernel's fault every call fails with that fault, on a GPU as in the emulator. This makes the device usable
// again. On a GPU it destroys all allocations, streams and events; the emulator keeps them.
Result reset_device();
// How often the device has been reset: what is older is not to be used.
std::uint64_t resets(int index);

// Device memory, aligned to 256 bytes. `operation` is who asked. Releasing null is nothing.
Result allocate(void** memory, std::size_t bytes, const char* operation);
Result release(void* memory);
// Host memory that copies without a stop.
Result allocate_pinned(void** memory, std::size_t bytes, const char* operation);
Result release_pinned(void* memory);
// For an allocator that hands out a block again: the first `used` of its bytes count as new memory, which nothing has
// written, and touching the rest is a fault. Only the checked emulator looks.
void reuse(void* block, std::size_t block_bytes, std::size_t used);

// A null stream is the device's default stream, which synchronizes with no other. Streams are in order; different ones
// may overlap.
struct StreamState;
using Stream = StreamState*;
Result create_stream(Stream* stream);
Result destroy_stream(Stream stream);
Result synchronize(Stream stream);  // waits, and reports what went wrong on the way
Result synchronize_device();
Result is_idle(Stream stream, bool* idle);

enum class Copy : std::uint8_t { to_device, to_host, on_device };
// Asynchronous when the host's memory is pinned; it has to stay until the stream is there.
Result copy(Copy direction, void* to, const void* from, std::size_t bytes, Stream stream, const char* operation);
Result fill(void* memory, unsigned char value, std::size_t bytes, Stream stream, const char* operation);

struct EventState;
using Event = EventState*;
Result create_event(Event* event);
Result destroy_event(Event event);
Result record(Event event, Stream stream);
Result wait(Stream stream, Event event);  // what comes next on the stream comes after the event
Result synchronize(Event event);
Result is_done(Event event, bool* done);  // an event that was never recorded is done
Result elapsed_ms(Event from, Event to, float* milliseconds);

// A graph: work that a stream was given between begin_capture and end_capture, kept instead of run. Another stream that
// waits for an event recorded meanwhile takes part. Nothing may wait for any of them until the end.
struct GraphState;
using Graph = GraphState*;
Result begin_capture(Stream stream);
Result end_capture(Stream stream, Graph* graph);
Result capture_of(Stream stream, std::uint64_t* number);  // the same for all that take part; 0: not being captured
Result replay(Graph graph, Stream stream);
Result destroy_graph(Graph graph);

// For launch.hpp: CUDA's dim3 in 64 bits, so that sizes are checked, never cut.
struct Dim3 {
    std::int64_t x, y, z;
    constexpr Dim3(std::int64_t vx = 1, std::int64_t vy = 1, std::int64_t vz = 1) : x(vx), y(vy), z(vz) {}
};
// How many blocks a grid has, and how many threads a block.
struct LaunchShape {
    Dim3 grid, block;
    std::size_t shared_bytes = 0;  // of FATHOM_DYNAMIC_SHARED
};
// A kernel and its arguments. `arguments`: pointers to each, for CUDA; `run(closure)` calls it once, for the emulator.
struct Kernel {
    const void* function;
    void** arguments;
    void (*run)(const void* closure);
    const void* closure;
    std::size_t closure_bytes;
};
Result launch_kernel(const char* operation, const LaunchShape& shape, Stream stream, const Kernel& kernel);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
