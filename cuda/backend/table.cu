// The table that makes a device of this: fathom/backend/registry.hpp finds it by a weak symbol, so that a program has
// the device if it links this object and misses nothing if it does not.
#include "fathom/backend/registry.hpp"

#include "cuda/backend/entries.hpp"
#include "cuda/backend/transfer.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

const char* missing(std::int32_t index) {
    const DriverState& state = driver_state();
    if (state.driver != Driver::ready) return state.text;
    return index >= 0 && index < state.devices ? unfit(index) : "the machine has fewer devices";
}

bool supports(abi::Family family, std::int32_t operation, std::int32_t dtype) {
    const auto type = static_cast<DType>(dtype);
    const bool floating = type == DType::float32 || type == DType::float64;
    switch (family) {
        case abi::Family::elementwise:
            return entry::has_elementwise(static_cast<Elementwise>(operation), type);
        case abi::Family::reduce:
            return floating && static_cast<Reduce>(operation) == Reduce::sum;
        case abi::Family::conv:
        case abi::Family::sobel:
        case abi::Family::fusion_loss:
        case abi::Family::optimize:
            return floating;
        default:
            return false;
    }
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

// An entry on the call's device.
template <auto function, class Args>
abi::Status on_device(const abi::Call* call, const Args* args) {
    if (const Result r = set_device(call->device); !r.ok()) return answer(call, r);
    return function(call, args);
}

constexpr abi::Table make_table() {
    abi::Table t{};
    t.version = abi::version, t.size = sizeof(abi::Table);
    t.missing = missing, t.supports = supports;
    t.allocate = allocate_memory, t.deallocate = release_block;
    t.copy_from_host = from_host, t.copy_to_host = to_host, t.synchronize = wait;
    t.elementwise = on_device<entry::elementwise>;
    t.reduce = on_device<entry::reduce>;
    t.conv_forward = on_device<entry::conv_forward>;
    t.conv_data = on_device<entry::conv_data>;
    t.conv_weight = on_device<entry::conv_weight>;
    t.sobel_forward = on_device<entry::sobel_forward>;
    t.sobel_backward = on_device<entry::sobel_backward>;
    t.fusion_loss = on_device<entry::fusion_loss>;
    t.fusion_loss_backward = on_device<entry::fusion_loss_backward>;
    t.optimize = on_device<entry::optimize>;
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
