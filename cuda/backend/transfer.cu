// Copies through two pinned buffers of the device: while one is on its way, the other is filled. The memory of tensors
// is pageable; the driver would copy it through a buffer of its own, and wait.
#include "cuda/backend/transfer.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "cuda/errors.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

constexpr std::int64_t piece = std::int64_t{4} << 20;

struct PinnedBuffer {
    void* memory = nullptr;
    Event sent = nullptr;  // the last copy out of this buffer
};

struct Staging {
    std::mutex mutex;
    PinnedBuffer buffers[2];
    std::uint64_t resets = 0;  // of the device, which destroy events and pinned memory

    Result prepare(std::int32_t device, const char* operation) {
        if (const std::uint64_t now = FATHOM_CUDA_NAMESPACE::resets(device); resets != now) {
            buffers[0] = buffers[1] = {};
            resets = now;
        }
        for (PinnedBuffer& b : buffers) {
            if (!b.memory)
                if (const Result r = allocate_pinned(&b.memory, piece, operation); !r.ok()) return r;
            if (!b.sent)
                if (const Result r = create_event(&b.sent); !r.ok()) return r;
        }
        return {};
    }
};

// Pinned memory and events are a device's own, and copies of two devices need not wait for each other.
Staging& staging(std::int32_t device) {
    static std::mutex mutex;
    static auto* list = new std::map<std::int32_t, Staging>;
    const std::lock_guard lock(mutex);
    return (*list)[device];
}

// What every copy starts with. A graph would take the staging buffers as they are at each replay.
Result begin(const abi::Call* call, const void* memory) {
    if (const Result r = set_device(call->device); !r.ok()) return r;
    if (const Result r = check_alive(memory, call->operation); !r.ok()) return r;
    std::uint64_t capture = 0;
    if (const Result r = capture_of(stream_of(call), &capture); !r.ok()) return r;
    if (!capture) return {};
    return detail::failed(error::capture_unsupported,
                          join({call->operation, ": copies between the host and the device cannot be captured"}));
}

}  // namespace

Result copy_from_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes) {
    if (const Result r = begin(call, to); !r.ok()) return r;
    Staging& s = staging(call->device);
    const std::lock_guard lock(s.mutex);
    if (const Result r = s.prepare(call->device, call->operation); !r.ok()) return r;
    for (std::int64_t done = 0, i = 0; done < bytes; done += piece, ++i) {
        const auto count = static_cast<std::size_t>(std::min(piece, bytes - done));
        PinnedBuffer& b = s.buffers[i % 2];
        if (const Result r = synchronize(b.sent); !r.ok()) return r;
        std::memcpy(b.memory, static_cast<const char*>(from) + done, count);
        if (const Result r =
                copy(Copy::to_device, static_cast<char*>(to) + done, b.memory, count, stream_of(call), call->operation);
            !r.ok())
            return r;
        if (const Result r = record(b.sent, stream_of(call)); !r.ok()) return r;
    }
    return {};
}

Result copy_to_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes) {
    if (const Result r = begin(call, from); !r.ok()) return r;
    Staging& s = staging(call->device);
    const std::lock_guard lock(s.mutex);
    if (const Result r = s.prepare(call->device, call->operation); !r.ok()) return r;
    const std::int64_t pieces = ceil_div(bytes, piece);
    const auto size = [&](std::int64_t i) { return static_cast<std::size_t>(std::min(piece, bytes - i * piece)); };
    // Piece i is fetched while piece i - 1 is moved on.
    for (std::int64_t i = 0; i <= pieces; ++i) {
        if (i < pieces) {
            PinnedBuffer& b = s.buffers[i % 2];
            // A copy of another stream may still be reading it.
            if (const Result r = synchronize(b.sent); !r.ok()) return r;
            if (const Result r = copy(Copy::to_host, b.memory, static_cast<const char*>(from) + i * piece, size(i),
                                      stream_of(call), call->operation);
                !r.ok())
                return r;
            if (const Result r = record(b.sent, stream_of(call)); !r.ok()) return r;
        }
        if (i > 0) {
            const PinnedBuffer& b = s.buffers[(i - 1) % 2];
            if (const Result r = synchronize(b.sent); !r.ok()) return r;
            std::memcpy(static_cast<char*>(to) + (i - 1) * piece, b.memory, size(i - 1));
        }
    }
    return {};
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
