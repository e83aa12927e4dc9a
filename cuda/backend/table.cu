// The table that makes a device of this: fathom/backend/registry.hpp finds it by a weak symbol, so that a program has
// the device if it links this object and misses nothing if it does not. The operations stand in cuda/kernels/, each
// file with its rows.
#include "fathom/backend/registry.hpp"

#include "cuda/backend/transfer.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

constinit abi::Rows* first_rows = nullptr;

namespace {

const char* missing(std::int32_t index) {
    const DriverState& state = driver_state();
    if (state.driver != Driver::ready) return state.text;
    return index >= 0 && index < state.devices ? nullptr : "the machine has fewer devices";
}

void* allocate_memory(const abi::Call* call, std::int64_t bytes) {
    void* block = nullptr;
    return answer(call, allocate_block(call->device, &block, bytes, call->operation)) == abi::Status::ok ? block
                                                                                                         : nullptr;
}
abi::Status from_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes) {
    return answer(call, copy_from_host(call, to, from, bytes));
}
abi::Status to_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes) {
    return answer(call, copy_to_host(call, to, from, bytes));
}
abi::Status wait(const abi::Call* call) {
    if (const Result r = set_device(call->device); !r.ok()) return answer(call, r);
    return answer(call, synchronize(stream_of(call)));
}

constexpr abi::Table make_table() {
    abi::Table t{};
    t.version = abi::version, t.size = sizeof(abi::Table);
    t.missing = missing;
    t.rows = &first_rows;
    t.allocate = allocate_memory, t.deallocate = release_block;
    t.copy_from_host = from_host, t.copy_to_host = to_host, t.synchronize = wait;
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
