// The caching allocator of device memory: blocks in sizes of an eighth of a power of two, kept for reuse when they are
// released. All work of a device goes through its default stream, so a block that is released may be handed out at
// once: its next user comes later on the stream. When memory runs out, what is kept goes back to the device first.
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <string>

#include "cuda/backend/host.hpp"
#include "cuda/errors.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

struct Block {
    std::int32_t device;
    std::size_t bytes;
};

struct Cache {
    std::mutex mutex;
    std::map<void*, Block> used;
    std::multimap<std::pair<std::int32_t, std::size_t>, void*> kept;  // by device and size
    std::size_t used_bytes = 0;
};

// Never destroyed: tensors may outlive static objects.
Cache& cache() {
    static Cache* c = new Cache;
    return *c;
}

// At least 512 bytes, otherwise rounded up to one of eight steps between powers of two: at most an eighth is wasted.
std::size_t rounded(std::int64_t bytes) {
    const auto n = static_cast<std::size_t>(bytes < 512 ? 512 : bytes);
    std::size_t step = 512;
    while (step * 16 <= n) step *= 2;
    return (n + step - 1) / step * step;
}

Result release_kept(Cache& c, std::int32_t device) {
    Result result;
    for (auto at = c.kept.begin(); at != c.kept.end();) {
        if (at->first.first != device) {
            ++at;
            continue;
        }
        if (const Result r = release(at->second); !r.ok()) result = r;
        at = c.kept.erase(at);
    }
    return result;
}

Result allocate_locked(Cache& c, std::int32_t device, void** block, std::int64_t asked, const char* operation) {
    const std::size_t bytes = rounded(asked);
    if (const auto found = c.kept.find({device, bytes}); found != c.kept.end()) {
        *block = found->second;
        c.kept.erase(found);
        reuse(*block, bytes, static_cast<std::size_t>(asked));
    } else {
        if (const Result r = set_device(device); !r.ok()) return r;
        Result result = allocate(block, bytes, operation);
        if (result.code == error::out_of_memory) {
            if (const Result r = synchronize_device(); !r.ok()) return r;
            if (const Result r = release_kept(c, device); !r.ok()) return r;
            result = allocate(block, bytes, operation);
        }
        if (!result.ok()) {
            if (result.code != error::out_of_memory) return result;
            return detail::failed(
                result.code, std::string(error_text()) + "; tensors hold " + std::to_string(c.used_bytes) + " bytes");
        }
    }
    c.used.emplace(*block, Block{device, bytes});
    c.used_bytes += bytes;
    return {};
}

}  // namespace

Result allocate_block(std::int32_t device, void** block, std::int64_t bytes, const char* operation) {
    try {
        Cache& c = cache();
        const std::lock_guard lock(c.mutex);
        return allocate_locked(c, device, block, bytes, operation);
    } catch (const std::bad_alloc&) {
        return detail::failed(error::out_of_memory, "the host has no memory for the list of device memory");
    }
}

void release_block(void* block) {
    if (!block) return;
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    auto node = c.used.extract(block);
    if (node.empty()) return;
    c.used_bytes -= node.mapped().bytes;
    try {
        c.kept.emplace(std::pair{node.mapped().device, node.mapped().bytes}, block);
    } catch (const std::bad_alloc&) {  // not kept: the device gets it back
        static_cast<void>(release(block));
    }
}

abi::Status answer(const abi::Call* call, Result result) {
    if (result.ok()) return abi::Status::ok;
    if (call->message) {
        std::strncpy(call->message, error_text(), abi::message_bytes - 1);
        call->message[abi::message_bytes - 1] = '\0';
    }
    return result.code == error::out_of_memory ? abi::Status::out_of_memory : abi::Status::device_error;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
