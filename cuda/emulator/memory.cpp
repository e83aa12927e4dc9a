// The register of allocations of memory.hpp.
#include "cuda/emulator/memory.hpp"

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "fathom/core/error.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {

constexpr std::size_t alignment = 256;

struct Allocation {
    std::size_t bytes;
    std::string operation;
};

// Never destroyed: tensors may outlive static objects.
struct Register {
    std::mutex mutex{};
    std::map<std::uintptr_t, Allocation> live{};
    std::size_t bytes = 0;
};
Register& allocations() {
    static Register* r = new Register;
    return *r;
}

std::size_t rounded(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

}  // namespace

void* allocate_device(std::size_t bytes, const char* operation) {
    if (bytes > SIZE_MAX / 2) return nullptr;
    const std::size_t size = rounded(bytes ? bytes : 1);
    void* memory;
    if constexpr (checked) {
        memory = take_range(bytes);
    } else {
        memory = std::aligned_alloc(alignment, size);
        // NaN as any floating type: what is read before it was written shows in the result.
        if (memory) std::memset(memory, 0xff, size);
    }
    if (!memory) return nullptr;
    Register& r = allocations();
    std::lock_guard lock(r.mutex);
    r.live[reinterpret_cast<std::uintptr_t>(memory)] = {bytes, operation ? operation : "?"};
    r.bytes += bytes;
    return memory;
}

bool release_device(void* memory) {
    Register& r = allocations();
    std::size_t bytes;
    {
        std::lock_guard lock(r.mutex);
        const auto at = r.live.find(reinterpret_cast<std::uintptr_t>(memory));
        if (at == r.live.end()) return false;
        bytes = at->second.bytes;
        r.bytes -= bytes;
        r.live.erase(at);
    }
    if constexpr (checked)
        give_range(memory, bytes);
    else
        std::free(memory);
    return true;
}

bool on_device(const void* address, std::size_t bytes) {
    Register& r = allocations();
    std::lock_guard lock(r.mutex);
    const auto begin = reinterpret_cast<std::uintptr_t>(address);
    auto at = r.live.upper_bound(begin);
    if (at == r.live.begin()) return false;
    --at;
    return begin - at->first <= at->second.bytes && bytes <= at->second.bytes - (begin - at->first);
}

std::size_t allocated_bytes() {
    Register& r = allocations();
    std::lock_guard lock(r.mutex);
    return r.bytes;
}

std::string describe_device(std::uintptr_t address) {
    Register& r = allocations();
    std::lock_guard lock(r.mutex);
    const auto next = r.live.upper_bound(address);
    const auto text = [](const Allocation& a) {
        return join({"an allocation of ", a.bytes, " bytes (", a.operation, ")"});
    };
    std::string words;
    if (next != r.live.begin()) {
        const auto before = std::prev(next);
        const std::size_t offset = address - before->first;
        if (offset < before->second.bytes) return join({"byte ", offset, " of ", text(before->second)});
        words = join({offset - before->second.bytes, " bytes behind the end of ", text(before->second)});
        if (offset - before->second.bytes < 4096) return words;
    }
    if (next != r.live.end() && next->first - address < 4096)
        return join({next->first - address, " bytes before ", text(next->second)});
    return words.empty() ? "no allocation is near" : words;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
