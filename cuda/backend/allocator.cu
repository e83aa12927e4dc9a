// The caching allocator of device memory: blocks in sizes of an eighth of a power of two, kept for reuse when they are
// released. A block belongs to the order of one stream: who gets it next on that stream comes after its last user and
// may have it at once; another stream is made to wait for an event first. When memory runs out, what is kept goes back
// to the device.
#include "cuda/backend/allocator.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "cuda/errors.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

struct Block {
    void* memory = nullptr;
    std::int32_t device = 0;
    std::size_t bytes = 0;
    Stream owner = nullptr;    // whose order its users keep
    Event left = nullptr;      // where the last user was on another stream: behind its work
    std::uint64_t pool = 0;    // the capture whose graph keeps it; 0: anybody's
    std::uint64_t resets = 0;  // of the device, when it was allocated
};

struct DeviceCache {
    std::map<std::uint64_t, std::multimap<std::size_t, Block>> kept;  // by pool, by size
    std::vector<Event> events;                                        // that nobody uses
    std::size_t active = 0, kept_bytes = 0, peak = 0;
    std::uint64_t resets = 0;
};

struct Cache {
    std::mutex mutex;
    std::map<void*, Block> used;
    std::map<std::int32_t, DeviceCache> devices;
    std::map<std::uint64_t, Stream> captures;  // under way, and the stream that each began on
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

// What a reset of the device has destroyed: the emulator's memory still lives.
void release_lost([[maybe_unused]] void* memory) {
    if constexpr (emulated) static_cast<void>(release(memory));
}

// The device's part, without what a reset has destroyed since.
DeviceCache& device_cache(Cache& c, std::int32_t device) {
    DeviceCache& d = c.devices[device];
    if (const std::uint64_t now = resets(device); d.resets != now) {
        for (auto& [pool, blocks] : d.kept)
            for (auto& [bytes, block] : blocks) release_lost(block.memory);
        d = {};
        d.resets = now;
    }
    return d;
}

std::uint64_t capture_number(const Cache& c, Stream stream) {
    std::uint64_t number = 0;
    if (!c.captures.empty()) static_cast<void>(capture_of(stream, &number));
    return number;
}

Result take_event(DeviceCache& d, Event* event) {
    if (d.events.empty()) return create_event(event);
    *event = d.events.back();
    d.events.pop_back();
    return {};
}

void give_event(DeviceCache& d, Event& event) {
    if (event) d.events.push_back(std::exchange(event, nullptr));
}

// `stream` gets the block in its own order.
Result take_over(DeviceCache& d, Block& block, Stream stream) {
    if (block.left) {
        const Result r = wait(stream, block.left);
        give_event(d, block.left);
        if (!r.ok()) return r;
    }
    if (block.owner == stream) return {};
    Event event = nullptr;
    if (const Result r = take_event(d, &event); !r.ok()) return r;
    Result r = record(event, block.owner);
    if (r.ok()) r = wait(stream, event);
    give_event(d, event);
    block.owner = stream;
    return r;
}

// The best of the kept blocks of a pool, at most an eighth larger than asked for: first one of the stream's own order,
// for which nothing has to wait, otherwise one of another stream unless a capture is about, which neither may wait for
// what is outside of it nor be waited for.
using Kept = std::multimap<std::size_t, Block>;
Kept::iterator best(const Cache& c, Kept& kept, std::size_t bytes, Stream stream, bool own_only) {
    const auto end = kept.upper_bound(bytes + bytes / 8);
    auto other = kept.end();
    for (auto at = kept.lower_bound(bytes); at != end; ++at) {
        const Block& block = at->second;
        if (block.owner == stream && !block.left) return at;
        if (!own_only && other == kept.end() && capture_number(c, block.owner) == capture_number(c, stream)) other = at;
    }
    return other;
}

bool take_kept(Cache& c, DeviceCache& d, std::uint64_t pool, std::size_t bytes, Stream stream, bool own_only,
               Block* block, Result* result) {
    const auto list = d.kept.find(pool);
    if (list == d.kept.end()) return false;
    const auto at = best(c, list->second, bytes, stream, own_only);
    if (at == list->second.end()) return false;
    *block = at->second;
    list->second.erase(at);
    d.kept_bytes -= block->bytes;
    *result = take_over(d, *block, stream);
    return true;
}

Result release_kept(DeviceCache& d) {
    Result result;
    for (auto& [bytes, block] : d.kept[0]) {
        give_event(d, block.left);
        if (const Result r = release(block.memory); !r.ok()) result = r;
        d.kept_bytes -= bytes;
    }
    d.kept.erase(0);
    return result;
}

// An address that a tensor from before a reset still names would be released twice: it is asked for in vain.
Result allocate_unnamed(const Cache& c, Block* block, const char* operation) {
    std::vector<void*> named;
    Result result = allocate(&block->memory, block->bytes, operation);
    for (; result.ok() && c.used.count(block->memory) > 0; result = allocate(&block->memory, block->bytes, operation))
        named.push_back(block->memory);
    for (void* memory : named) static_cast<void>(release(memory));
    return result;
}

Result allocate_new(const Cache& c, DeviceCache& d, Block* block, bool capturing, const char* operation) {
    Result result = allocate_unnamed(c, block, operation);
    if (result.code == error::out_of_memory && !capturing) {
        if (const Result r = synchronize_device(); !r.ok()) return r;
        if (const Result r = release_kept(d); !r.ok()) return r;
        result = allocate_unnamed(c, block, operation);
    }
    if (result.code != error::out_of_memory) return result;
    return detail::failed(result.code, join({error_text(), "; tensors hold ", d.active, " bytes",
                                             capturing ? "; nothing kept is given back during a capture" : ""}));
}

Result allocate_locked(Cache& c, std::int32_t device, Stream stream, void** memory, std::int64_t asked,
                       const char* operation) {
    if (const Result r = set_device(device); !r.ok()) return r;
    DeviceCache& d = device_cache(c, device);
    const std::uint64_t pool = capture_number(c, stream);
    const std::size_t bytes = rounded(asked);
    Block block{.device = device, .bytes = bytes, .owner = stream, .resets = d.resets};
    // Of the blocks from outside, a capture takes those that only the stream it began on has used: replays come after.
    const bool outside = !pool || c.captures.at(pool) == stream;
    Result result;
    if ((pool && take_kept(c, d, pool, bytes, stream, false, &block, &result)) ||
        (outside && take_kept(c, d, 0, bytes, stream, pool != 0, &block, &result))) {
        // A replay runs all who had the block, so there what the last of them asked for is not all that is used.
        if (result.ok()) reuse(block.memory, block.bytes, pool ? block.bytes : static_cast<std::size_t>(asked));
    } else {
        result = allocate_new(c, d, &block, pool != 0, operation);
    }
    if (!result.ok()) return result;
    block.pool = pool;
    *memory = block.memory;
    d.active += block.bytes;
    d.peak = std::max(d.peak, d.active);
    c.used.emplace(block.memory, block);
    return {};
}

// f(block) for every block there is.
template <class F>
void for_each_block(Cache& c, F f) {
    for (auto& [memory, block] : c.used) f(block);
    for (auto& [device, d] : c.devices)
        for (auto& [pool, blocks] : d.kept)
            for (auto& [bytes, block] : blocks) f(block);
}

}  // namespace

Result allocate_block(std::int32_t device, Stream stream, void** block, std::int64_t bytes, const char* operation) {
    try {
        Cache& c = cache();
        const std::lock_guard lock(c.mutex);
        return allocate_locked(c, device, stream, block, bytes, operation);
    } catch (const std::bad_alloc&) {
        return detail::failed(error::out_of_memory, "the host has no memory for the list of device memory");
    }
}

void release_block(void* memory, Stream stream) {
    if (!memory) return;
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    auto node = c.used.extract(memory);
    if (node.empty()) return;
    Block& block = node.mapped();
    DeviceCache& d = device_cache(c, block.device);
    if (block.resets != d.resets) return release_lost(memory);
    d.active -= block.bytes;
    try {
        // What a capture only notes down has used nothing yet.
        if (stream != block.owner && capture_number(c, stream) == capture_number(c, block.owner)) {
            Result r = set_device(block.device);
            if (r.ok()) r = take_event(d, &block.left);
            if (r.ok()) r = record(block.left, stream);
            if (!r.ok()) static_cast<void>(synchronize_device());
        }
        d.kept[block.pool].emplace(block.bytes, block);
        d.kept_bytes += block.bytes;
    } catch (const std::bad_alloc&) {  // not kept: the device gets it back, which waits for its users
        static_cast<void>(release(memory));
    }
}

void begin_pool(std::uint64_t capture, Stream stream) {
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    c.captures.emplace(capture, stream);
}

void end_pool(std::uint64_t capture) {
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    c.captures.erase(capture);
    // Events of the capture mean nothing outside of it; replays are in order by themselves.
    for (auto& [device, d] : c.devices)
        if (const auto pool = d.kept.find(capture); pool != d.kept.end())
            for (auto& [bytes, block] : pool->second) give_event(d, block.left);
}

void drop_pool(std::uint64_t capture) {
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    for (auto& [memory, block] : c.used)
        if (block.pool == capture) block.pool = 0;
    for (auto& [device, d] : c.devices) {
        auto pool = d.kept.extract(capture);
        if (pool.empty()) continue;
        for (auto& [bytes, block] : pool.mapped()) block.pool = 0;
        d.kept[0].merge(pool.mapped());
    }
}

void forget_stream(Stream stream) {
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    for_each_block(c, [&](Block& block) {
        if (block.owner == stream) block.owner = nullptr;
    });
}

MemoryUse memory_use(std::int32_t device) {
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    const DeviceCache& d = device_cache(c, device);
    return {static_cast<std::int64_t>(d.active), static_cast<std::int64_t>(d.kept_bytes),
            static_cast<std::int64_t>(d.peak)};
}

Result trim(std::int32_t device) {
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    if (const Result r = set_device(device); !r.ok()) return r;
    if (!c.captures.empty())
        return detail::failed(error::capture_unsupported, "memory is given back after the capture only");
    if (const Result r = synchronize_device(); !r.ok()) return r;
    DeviceCache& d = device_cache(c, device);
    d.peak = d.active;
    return release_kept(d);
}

Result check_alive(const void* address, const char* operation) {
    Cache& c = cache();
    const std::lock_guard lock(c.mutex);
    auto at = c.used.upper_bound(const_cast<void*>(address));
    if (at == c.used.begin()) return {};
    const Block& block = (--at)->second;
    if (block.resets == resets(block.device)) return {};
    const auto offset = static_cast<const char*>(address) - static_cast<const char*>(block.memory);
    if (static_cast<std::size_t>(offset) >= block.bytes) return {};
    return detail::failed(error::invalid_value,
                          join({operation, ": the device was reset, which has destroyed this memory"}));
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
