// The table that makes a device of this: fathom/backend/registry.hpp finds it by a weak symbol, so that a program has
// the device if it links this object and misses nothing if it does not. The operations stand in cuda/kernels/, each
// file with its rows.
#include "fathom/backend/registry.hpp"

#include "cuda/backend/streams.hpp"
#include "cuda/backend/transfer.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

constinit abi::Rows* first_rows = nullptr;

namespace {

const char* missing(std::int32_t index) {
    const DriverState& state = driver_state();
    if (state.driver != Driver::ready) return state.text;
    return index >= 0 && index < state.devices ? unfit(index) : "the machine has fewer devices";
}

// The text of a failure goes with the Outcome.
template <class F>
abi::Outcome on_device(const abi::Call* call, F f) {
    if (const Result r = set_device(call->device); !r.ok()) return answer(call, r);
    return answer(call, f());
}

void* allocate_memory(const abi::Call* call, std::int64_t bytes) {
    void* block = nullptr;
    const Result r = allocate_block(call->device, stream_of(call), &block, bytes, call->operation);
    return answer(call, r) == abi::Outcome::ok ? block : nullptr;
}
void deallocate_memory(void* memory, void* stream) { release_block(memory, static_cast<Stream>(stream)); }

abi::Outcome report_memory(const abi::Call* call, abi::Memory* memory) {
    const MemoryUse use = memory_use(call->device);
    *memory = {use.active, use.kept, use.peak};
    return abi::Outcome::ok;
}
abi::Outcome trim_memory(const abi::Call* call) { return answer(call, trim(call->device)); }

abi::Outcome from_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes) {
    return answer(call, copy_from_host(call, to, from, bytes));
}
abi::Outcome to_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes) {
    return answer(call, copy_to_host(call, to, from, bytes));
}
abi::Outcome wait_for_stream(const abi::Call* call) {
    return on_device(call, [&] { return synchronize(stream_of(call)); });
}

constexpr abi::Table make_table() {
    abi::Table t{};
    t.version = abi::version, t.size = sizeof(abi::Table);
    t.missing = missing;
    t.rows = &first_rows;
    t.allocate = allocate_memory, t.deallocate = deallocate_memory, t.memory = report_memory, t.trim = trim_memory;
    t.copy_from_host = from_host, t.copy_to_host = to_host, t.synchronize = wait_for_stream;
    t.create_stream = streams::create, t.destroy_stream = streams::destroy;
    t.create_event = streams::create_event, t.destroy_event = streams::destroy_event;
    t.record_event = streams::record, t.wait_event = streams::wait;
    t.begin_capture = streams::begin_capture, t.end_capture = streams::end_capture;
    t.replay = streams::replay, t.destroy_graph = streams::destroy_graph;
    return t;
}

constexpr abi::Table table = make_table();

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE

#if defined(FATHOM_EMULATOR)
extern "C" const void* fathom_emulator_table() { return &fathom::FATHOM_CUDA_NAMESPACE::table; }
#else
extern "C" const void* fathom_cuda_table() { return &fathom::FATHOM_CUDA_NAMESPACE::table; }
#endif
