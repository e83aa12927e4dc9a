// runtime.hpp over the CUDA runtime. Every call's error is looked at; an error that a kernel left behind is reported by
// the next call that sees it, with the operations that were under way.
#include "cuda/runtime.hpp"

#include <cuda_runtime.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "cuda/errors.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

struct StreamState {
    cudaStream_t handle = nullptr;
    detail::Recent recent{};
    std::mutex mutex{};
};
struct EventState {
    cudaEvent_t handle = nullptr;
};
struct GraphState {
    cudaGraphExec_t handle = nullptr;
};

namespace {

using detail::failed;

constexpr int most_devices = 64;

// The default stream of each device, made when it is first used, and again after a reset: the legacy stream of CUDA
// synchronizes with all others and cannot be captured.
struct Devices {
    std::mutex mutex;
    StreamState* default_streams[most_devices] = {};
    std::uint64_t resets[most_devices] = {};
};
Devices& devices() {
    static Devices* d = new Devices;
    return *d;
}

int this_device() {
    int index = 0;
    static_cast<void>(cudaGetDevice(&index));
    return index < most_devices ? index : 0;
}

StreamState& state_of(Stream stream) {
    if (stream) return *stream;
    Devices& d = devices();
    std::lock_guard lock(d.mutex);
    StreamState*& state = d.default_streams[this_device()];
    if (!state) state = new StreamState;
    // What keeps a stream from being made keeps everything else from working too, and is reported there.
    if (!state->handle) static_cast<void>(cudaStreamCreateWithFlags(&state->handle, cudaStreamNonBlocking));
    return *state;
}

std::string words(cudaError_t code) {
    return std::string(cudaGetErrorString(code)) + " (" + cudaGetErrorName(code) + ")";
}

Result report(cudaError_t code, const char* operation, const std::string& more = {}) {
    if (code == cudaSuccess) return {};
    static_cast<void>(cudaGetLastError());  // what is not sticky is reported once
    return failed(static_cast<int>(code), join({operation, ": ", words(code), more}));
}

// With the operations under way on the stream: one of them may be what failed.
Result report_on(cudaError_t code, const char* operation, Stream stream) {
    if (code == cudaSuccess) return {};
    StreamState& s = state_of(stream);
    std::lock_guard lock(s.mutex);
    return report(code, operation, s.recent.text());
}

void note(Stream stream, const char* operation) {
    StreamState& s = state_of(stream);
    std::lock_guard lock(s.mutex);
    s.recent.add(operation);
}

// Stands for all kernels: they are compiled for the same architectures.
__global__ void any_kernel() {}

// "8.0, 9.0, 10.0": what nvcc was asked for.
std::string architectures() {
    std::string text;
    for (const int number : {__CUDA_ARCH_LIST__})
        text += join({text.empty() ? "" : ", ", number / 100, ".", number / 10 % 10});
    return text;
}

std::string look_up_code(int index) {
    int before = 0, major = 0, minor = 0;
    static_cast<void>(cudaGetDevice(&before));
    static_cast<void>(cudaSetDevice(index));
    cudaFuncAttributes attributes{};
    const cudaError_t code = cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(any_kernel));
    static_cast<void>(cudaGetLastError());
    static_cast<void>(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index));
    static_cast<void>(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index));
    static_cast<void>(cudaSetDevice(before));
    if (code == cudaSuccess) return {};
    if (code == cudaErrorNoKernelImageForDevice || code == cudaErrorInvalidDeviceFunction)
        return join({"this build holds code for compute capability ", architectures(), ", the device is ", major, ".",
                     minor, "; configure fathom with -DCMAKE_CUDA_ARCHITECTURES=", major, minor});
    return join({"the CUDA runtime fails: ", words(code)});
}

DriverState look_up_driver() {
    DriverState state{Driver::ready, 0, 0, 0, ""};
    static_cast<void>(cudaDriverGetVersion(&state.driver_version));
    static_cast<void>(cudaRuntimeGetVersion(&state.runtime_version));
    const cudaError_t code = cudaGetDeviceCount(&state.devices);
    if (code == cudaSuccess && state.devices > 0) return state;
    state.devices = 0;
    static_cast<void>(cudaGetLastError());
    const auto version = [](int v) { return join({v / 1000, ".", v % 1000 / 10}); };
    std::string text;
    if (state.driver_version == 0) {
        state.driver = Driver::missing;
        text = "no NVIDIA driver is installed";
    } else if (code == cudaErrorInsufficientDriver) {
        state.driver = Driver::too_old;
        text = join({"the NVIDIA driver is too old: it serves CUDA ", version(state.driver_version),
                     ", this program was built with ", version(state.runtime_version)});
    } else if (code == cudaErrorNoDevice || code == cudaSuccess) {
        state.driver = Driver::no_device;
        text = "the NVIDIA driver finds no device (is CUDA_VISIBLE_DEVICES empty?)";
    } else {
        state.driver = Driver::failed;
        text = join({"the CUDA runtime fails: ", words(code)});
    }
    state.text = (new std::string(text))->c_str();
    return state;
}

}  // namespace

const char* error_text() { return detail::error_slot().c_str(); }

const DriverState& driver_state() {
    static const DriverState state = look_up_driver();
    return state;
}

const char* unfit(int index) {
    struct Answer {
        std::once_flag once;
        std::string text;
    };
    static const std::unique_ptr<Answer[]> answers(new Answer[static_cast<std::size_t>(driver_state().devices)]);
    Answer& answer = answers[static_cast<std::size_t>(index)];
    std::call_once(answer.once, [&] { answer.text = look_up_code(index); });
    return answer.text.empty() ? nullptr : answer.text.c_str();
}

Result set_device(int index) { return report(cudaSetDevice(index), "set_device"); }

Result device_limits(DeviceLimits* limits) {
    int device = 0;
    cudaDeviceProp properties{};
    if (const Result r = report(cudaGetDevice(&device), "device_limits"); !r.ok()) return r;
    if (const Result r = report(cudaGetDeviceProperties(&properties, device), "device_limits"); !r.ok()) return r;
    *limits = {properties.multiProcessorCount, properties.major * 10 + properties.minor,
               properties.sharedMemPerBlockOptin, properties.totalGlobalMem};
    return {};
}

Result memory_info(std::size_t* free_bytes, std::size_t* total_bytes) {
    return report(cudaMemGetInfo(free_bytes, total_bytes), "memory_info");
}

Result reset_device() {
    Devices& d = devices();
    std::lock_guard lock(d.mutex);
    const int index = this_device();
    ++d.resets[index];
    if (StreamState* state = d.default_streams[index]) state->handle = nullptr;
    return report(cudaDeviceReset(), "reset_device");
}

std::uint64_t resets(int index) {
    Devices& d = devices();
    std::lock_guard lock(d.mutex);
    return d.resets[index < most_devices ? index : 0];
}

Result allocate(void** memory, std::size_t bytes, const char* operation) {
    *memory = nullptr;
    if (bytes == 0) return {};
    return report(cudaMalloc(memory, bytes), operation, join({": ", bytes, " bytes asked for"}));
}

Result release(void* memory) { return report(cudaFree(memory), "release"); }

Result allocate_pinned(void** memory, std::size_t bytes, const char* operation) {
    *memory = nullptr;
    if (bytes == 0) return {};
    return report(cudaMallocHost(memory, bytes), operation, join({": ", bytes, " pinned bytes asked for"}));
}

Result release_pinned(void* memory) { return memory ? report(cudaFreeHost(memory), "release_pinned") : Result{}; }

void reuse(void*, std::size_t, std::size_t) {}

Result create_stream(Stream* stream) {
    *stream = nullptr;
    cudaStream_t handle = nullptr;
    if (const Result r = report(cudaStreamCreateWithFlags(&handle, cudaStreamNonBlocking), "create_stream"); !r.ok())
        return r;
    *stream = new StreamState;
    (*stream)->handle = handle;
    return {};
}

Result destroy_stream(Stream stream) {
    if (!stream) return {};
    const Result r = report(cudaStreamDestroy(stream->handle), "destroy_stream");
    delete stream;
    return r;
}

Result synchronize(Stream stream) {
    StreamState& s = state_of(stream);
    const cudaError_t code = cudaStreamSynchronize(s.handle);
    if (code != cudaSuccess) return report_on(code, "synchronize", stream);
    std::lock_guard lock(s.mutex);
    s.recent.settle();
    return {};
}

Result synchronize_device() { return report_on(cudaDeviceSynchronize(), "synchronize_device", nullptr); }

Result is_idle(Stream stream, bool* idle) {
    const cudaError_t code = cudaStreamQuery(state_of(stream).handle);
    *idle = code == cudaSuccess;
    return code == cudaErrorNotReady ? Result{} : report_on(code, "is_idle", stream);
}

Result copy(Copy direction, void* to, const void* from, std::size_t bytes, Stream stream, const char* operation) {
    note(stream, operation);
    const cudaMemcpyKind kind = direction == Copy::to_device ? cudaMemcpyHostToDevice
                                : direction == Copy::to_host ? cudaMemcpyDeviceToHost
                                                             : cudaMemcpyDeviceToDevice;
    return report_on(cudaMemcpyAsync(to, from, bytes, kind, state_of(stream).handle), operation, stream);
}

Result fill(void* memory, unsigned char value, std::size_t bytes, Stream stream, const char* operation) {
    note(stream, operation);
    return report_on(cudaMemsetAsync(memory, value, bytes, state_of(stream).handle), operation, stream);
}

Result create_event(Event* event) {
    *event = nullptr;
    cudaEvent_t handle = nullptr;
    if (const Result r = report(cudaEventCreate(&handle), "create_event"); !r.ok()) return r;
    *event = new EventState{handle};
    return {};
}

Result destroy_event(Event event) {
    if (!event) return {};
    const Result r = report(cudaEventDestroy(event->handle), "destroy_event");
    delete event;
    return r;
}

Result record(Event event, Stream stream) {
    return report_on(cudaEventRecord(event->handle, state_of(stream).handle), "record", stream);
}

Result wait(Stream stream, Event event) {
    return report_on(cudaStreamWaitEvent(state_of(stream).handle, event->handle, 0), "wait", stream);
}

Result synchronize(Event event) { return report(cudaEventSynchronize(event->handle), "synchronize"); }

Result is_done(Event event, bool* done) {
    const cudaError_t code = cudaEventQuery(event->handle);
    *done = code == cudaSuccess;
    return code == cudaErrorNotReady ? Result{} : report(code, "is_done");
}

Result elapsed_ms(Event from, Event to, float* milliseconds) {
    return report(cudaEventElapsedTime(milliseconds, from->handle, to->handle), "elapsed_ms");
}

Result capture_of(Stream stream, std::uint64_t* number) {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    unsigned long long id = 0;
    const cudaError_t code = cudaStreamGetCaptureInfo(state_of(stream).handle, &status, &id);
    // A capture that something has spoiled has no number any more, but is not over.
    *number = status == cudaStreamCaptureStatusNone ? 0 : status == cudaStreamCaptureStatusActive ? id : ~0ull;
    return report(code, "capture_of");
}

Result begin_capture(Stream stream) {
    std::uint64_t number = 0;
    if (const Result r = capture_of(stream, &number); !r.ok()) return r;
    if (number) return failed(error::illegal_state, "begin_capture: the stream is being captured already");
    // Relaxed: memory that nothing kept fits may be allocated meanwhile.
    return report(cudaStreamBeginCapture(state_of(stream).handle, cudaStreamCaptureModeRelaxed), "begin_capture");
}

Result end_capture(Stream stream, Graph* graph) {
    *graph = nullptr;
    std::uint64_t number = 0;
    if (const Result r = capture_of(stream, &number); !r.ok()) return r;
    if (!number) return failed(error::illegal_state, "end_capture: the stream is not being captured");
    cudaGraph_t description = nullptr;
    if (const Result r = report(cudaStreamEndCapture(state_of(stream).handle, &description), "end_capture"); !r.ok())
        return r;
    cudaGraphExec_t handle = nullptr;
    const Result r = report(cudaGraphInstantiate(&handle, description, 0), "end_capture");
    static_cast<void>(cudaGraphDestroy(description));
    if (r.ok()) *graph = new GraphState{handle};
    return r;
}

Result replay(Graph graph, Stream stream) {
    if (!graph) return failed(error::invalid_value, "replay: there is no graph");
    note(stream, "replay");
    return report_on(cudaGraphLaunch(graph->handle, state_of(stream).handle), "replay", stream);
}

Result destroy_graph(Graph graph) {
    if (!graph) return {};
    const Result r = report(cudaGraphExecDestroy(graph->handle), "destroy_graph");
    delete graph;
    return r;
}

// A block's shared memory above 48 KiB, static and dynamic together, has to be asked for: once for a kernel on a
// device, and then all that a block may have.
static Result allow_shared(const char* operation, const LaunchShape& shape, const Kernel& kernel) {
    if (shape.shared_bytes == 0) return {};  // static alone never exceeds 48 KiB
    static std::mutex mutex;
    static std::map<std::tuple<int, std::uint64_t, const void*>, std::size_t> dynamic_bytes;  // that are allowed
    const int device = this_device();
    const std::lock_guard lock(mutex);
    std::size_t& allowed = dynamic_bytes[{device, resets(device), kernel.function}];
    if (allowed == 0) {
        cudaFuncAttributes attributes{};
        int most = 0;
        cudaError_t code = cudaFuncGetAttributes(&attributes, kernel.function);
        if (code == cudaSuccess) code = cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
        if (code != cudaSuccess) return report(code, operation);
        const std::size_t dynamic = static_cast<std::size_t>(most) - attributes.sharedSizeBytes;
        code = cudaFuncSetAttribute(kernel.function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(dynamic));
        if (code != cudaSuccess)
            return report(code, operation, join({": ", dynamic, " bytes of dynamic shared memory"}));
        allowed = dynamic;
    }
    if (shape.shared_bytes <= allowed) return {};
    return failed(error::invalid_value, join({operation, ": ", shape.shared_bytes,
                                              " bytes of dynamic shared memory, allowed are ", allowed}));
}

Result launch_kernel(const char* operation, const LaunchShape& shape, Stream stream, const Kernel& kernel) {
    if (const std::string wrong = detail::launch_error(shape); !wrong.empty())
        return failed(error::invalid_configuration, join({operation, ": ", wrong}));
    if (const Result r = allow_shared(operation, shape, kernel); !r.ok()) return r;
    const auto narrow = [](const Dim3& e) {
        return dim3(static_cast<unsigned>(e.x), static_cast<unsigned>(e.y), static_cast<unsigned>(e.z));
    };
    note(stream, operation);
    const cudaError_t code = cudaLaunchKernel(kernel.function, narrow(shape.grid), narrow(shape.block),
                                              kernel.arguments, shape.shared_bytes, state_of(stream).handle);
    if (code != cudaSuccess) return report_on(code, operation, stream);
    if (!detail::synchronous()) return {};
    std::uint64_t capture = 0;
    if (const Result r = capture_of(stream, &capture); !r.ok()) return r;
    return capture ? Result{} : synchronize(stream);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
