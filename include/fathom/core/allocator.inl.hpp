// Definitions of allocator.hpp. A block is a 64-byte header and the payload behind it. Below 1 MiB sizes are rounded up
// to classes of (8..15) * 2^k bytes, so that above 512 bytes at most an eighth is wasted and a step's blocks fit the
// next step's requests. Free blocks of up to 64 KiB wait in lists of the thread that freed them, up to a bound; the
// others, and what a thread leaves behind, in lists shared under one mutex. Blocks of 1 MiB and more are mapped, cut
// and joined (large_blocks.inl.hpp).
#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "fathom/core/lock.hpp"

// Present in programs built with AddressSanitizer, null elsewhere: cached blocks, and the rounding at a block's end,
// are then out of bounds.
extern "C" [[gnu::weak]] void __asan_poison_memory_region(const volatile void* address, std::size_t size);
extern "C" [[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* address, std::size_t size);

namespace fathom::inline v0 {
namespace detail {

struct alignas(64) Block {
    Block* next;            // in the list of its class, or of the large blocks that are in use
    Block* previous;        // of large blocks
    Block *before, *after;  // large: the neighbours that were cut from the same mapping
    const char* operation;
    const char* file;
    std::int64_t capacity;  // bytes of the payload
    std::int32_t line;
    std::int16_t size_class;  // large: the largest whose capacity is not above this one's
    bool free;                // of large blocks
    bool first;               // large: at the beginning of its mapping

    void* payload() { return this + 1; }
};
static_assert(sizeof(Block) == 64);

inline constexpr int small_classes = 64, size_classes = 424;
inline constexpr std::int64_t small_bytes = 64 << 10;        // up to here a block goes through the thread's lists
inline constexpr std::int64_t large_bytes = 1 << 20;         // from here it is mapped and can be named as a holder
inline constexpr std::int64_t thread_cache_bytes = 2 << 20;  // bound of a thread's lists
inline constexpr std::int64_t largest_bytes = std::int64_t{1} << 60;

// All state of the process. Never destroyed: static tensors may outlive every other static object.
struct AllocatorState {
    std::atomic<std::int64_t> active{0}, peak{0};
    std::atomic<std::int64_t> reserved{0};  // what the system gave: active and cached
    std::atomic<std::int64_t> highest{0};   // the most `active` ever was
    std::atomic<std::int64_t> limit{0};
    std::atomic<MemoryObserver*> observer{nullptr};
    Mutex observing;  // held while the observer is called or changed
    Mutex mutex;      // guards what follows
    Block* free[size_classes] = {};
    Block* large = nullptr;  // large blocks in use
};

[[gnu::visibility("default")]] inline constinit AllocatorState allocator;
static_assert(std::is_trivially_destructible_v<AllocatorState>);

// A thread's free blocks. Trivially destructible, so that it can be used before and after any other thread-local object
// lives.
struct ThreadCache {
    enum State : std::uint8_t { unused, open, closed };
    Block* free[small_classes];
    std::int64_t bytes;
    State state;
};
inline constinit thread_local ThreadCache thread_cache{};

// Hands a thread's blocks to the shared lists when the thread ends; from then on the thread uses those directly.
struct ThreadCacheFlusher {
    ThreadCacheFlusher() { thread_cache.state = ThreadCache::open; }
    ~ThreadCacheFlusher();
};
inline void open_thread_cache() { static thread_local ThreadCacheFlusher flusher; }

constexpr int size_class_of(std::int64_t bytes) {
    if (bytes <= 512) return bytes <= 64 ? 0 : static_cast<int>((bytes - 1) / 64);
    const auto last = static_cast<std::uint64_t>(bytes - 1);
    const int shift = static_cast<int>(std::bit_width(last)) - 4;
    return (shift - 6) * 8 + static_cast<int>(last >> shift);
}

constexpr std::int64_t capacity_of(int size_class) {
    if (size_class < 8) return (size_class + 1) * std::int64_t{64};
    return std::int64_t{size_class % 8 + 9} << (size_class / 8 + 5);
}
static_assert(size_class_of(512) == 7 && size_class_of(513) == 8 && capacity_of(8) == 576);
static_assert(size_class_of(small_bytes) == small_classes - 1 && capacity_of(small_classes - 1) == small_bytes);
static_assert(size_class_of(largest_bytes) < size_classes);

FATHOM_INLINE void poison(void* from, std::int64_t bytes) {
    if (&__asan_poison_memory_region) __asan_poison_memory_region(from, static_cast<std::size_t>(bytes));
}

FATHOM_INLINE void unpoison(void* from, std::int64_t bytes) {
    if (&__asan_unpoison_memory_region) __asan_unpoison_memory_region(from, static_cast<std::size_t>(bytes));
}

}  // namespace detail
}  // namespace fathom::inline v0

#include "fathom/core/large_blocks.inl.hpp"

namespace fathom::inline v0 {
namespace detail {

FATHOM_INLINE void free_small(Block* block) {
    allocator.reserved.fetch_sub(block->capacity, std::memory_order_relaxed);
    unpoison(block->payload(), block->capacity);
    std::free(block);
}

// Hands the calling thread's free blocks to the shared lists.
FATHOM_INLINE void flush_thread_cache() {
    const Lock lock(allocator.mutex);
    for (int c = 0; c < small_classes; ++c)
        while (Block* block = thread_cache.free[c]) {
            thread_cache.free[c] = block->next;
            block->next = std::exchange(allocator.free[c], block);
        }
    thread_cache.bytes = 0;
}

inline ThreadCacheFlusher::~ThreadCacheFlusher() {
    thread_cache.state = ThreadCache::closed;
    flush_thread_cache();
}

// Gives free blocks of the shared lists, the largest first, back to the system until `wanted` bytes went or none is
// left.
FATHOM_INLINE std::int64_t trim_shared(std::int64_t wanted) {
    std::int64_t freed = 0;
    const Lock lock(allocator.mutex);
    for (int c = size_classes - 1; c >= 0; --c)
        while (freed < wanted && allocator.free[c]) {
            Block* block = allocator.free[c];
            freed += block->capacity;
            if (block->capacity >= large_bytes) {
                unlink(allocator.free[c], block);
                unmap(block);
            } else {
                allocator.free[c] = block->next;
                free_small(block);
            }
        }
    return freed;
}

// Counts `capacity` as reserved if the limit allows it.
FATHOM_INLINE bool reserve_bytes(std::int64_t capacity) {
    AllocatorState& state = allocator;
    const std::int64_t limit = state.limit.load(std::memory_order_relaxed);
    std::int64_t reserved = state.reserved.load(std::memory_order_relaxed);
    do {
        if (limit > 0 && (capacity > limit || reserved > limit - capacity)) return false;
    } while (!state.reserved.compare_exchange_weak(reserved, reserved + capacity, std::memory_order_relaxed));
    return true;
}

// Null when the system has no memory.
FATHOM_INLINE Block* system_allocate(std::int64_t capacity) {
    if (capacity >= large_bytes) return map_block(capacity);
    void* memory = std::aligned_alloc(alignof(Block), static_cast<std::size_t>(capacity) + sizeof(Block));
    if (!memory) return nullptr;
    Block* block = new (memory) Block{};
    block->capacity = capacity;
    block->size_class = static_cast<std::int16_t>(size_class_of(capacity));
    return block;
}

// A new block from the system, for which cached memory is given back where limit or system demand it; null when there
// is no more.
FATHOM_INLINE Block* new_block(std::int64_t capacity) {
    AllocatorState& state = allocator;
    // Requests whose sizes keep changing would fill the lists with blocks that nobody asks for again: what is reserved
    // stays below the most that was ever in use, and some.
    const std::int64_t bound = state.highest.load(std::memory_order_relaxed) + (std::int64_t{128} << 20);
    const std::int64_t reserved = state.reserved.load(std::memory_order_relaxed);
    if (reserved > bound - capacity) trim_shared(reserved + capacity - bound);
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (reserve_bytes(capacity)) {
            if (Block* block = system_allocate(capacity)) return block;
            state.reserved.fetch_sub(capacity, std::memory_order_relaxed);
        }
        if (attempt == 0) empty_cache();
    }
    return nullptr;
}

// Null where there is none that fits.
FATHOM_INLINE Block* take_shared(int size_class, std::int64_t capacity) {
    const Lock lock(allocator.mutex);
    if (capacity >= large_bytes) return take_large(capacity);
    Block* block = allocator.free[size_class];
    if (block) allocator.free[size_class] = block->next;
    return block;
}

FATHOM_INLINE Block* take_from_thread(int size_class) {
    if (thread_cache.state == ThreadCache::unused) open_thread_cache();
    Block* block = thread_cache.free[size_class];
    if (block) {
        thread_cache.free[size_class] = block->next;
        thread_cache.bytes -= block->capacity;
    }
    return block;
}

// False when the thread's lists are full or closed.
FATHOM_INLINE bool give_to_thread(Block* block) {
    if (thread_cache.state == ThreadCache::unused) open_thread_cache();
    if (thread_cache.state == ThreadCache::closed || thread_cache.bytes + block->capacity > thread_cache_bytes)
        return false;
    thread_cache.bytes += block->capacity;
    block->next = std::exchange(thread_cache.free[block->size_class], block);
    return true;
}

FATHOM_INLINE void raise_to(std::atomic<std::int64_t>& maximum, std::int64_t value) {
    std::int64_t seen = maximum.load(std::memory_order_relaxed);
    while (seen < value && !maximum.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
    }
}

// What asked for large blocks that are in use.
struct LargeHolder {
    const char *operation, *file;
    int line;
    std::int64_t bytes, blocks;

    std::string place() const {
        const std::string at = to_string(Where{file, line});
        return at.empty() ? operation : join({operation, " at ", at});
    }
    // By bytes, equal ones by name and line.
    bool before(const LargeHolder& other) const {
        if (bytes != other.bytes) return bytes > other.bytes;
        const int name = std::strcmp(operation, other.operation);
        return name != 0 ? name < 0 : line < other.line;
    }
};

// The largest first. Groups and sorts by plain loops: std::sort and std::stable_sort would be a tenth of the code of a
// small header-only program.
FATHOM_INLINE List<LargeHolder> large_holders() {
    AllocatorState& state = allocator;
    List<LargeHolder> holders;
    {
        const Lock lock(state.mutex);
        for (const Block* block = state.large; block; block = block->next) {
            std::size_t i = 0;
            while (i < holders.size() &&
                   (holders[i].line != block->line || std::strcmp(holders[i].operation, block->operation) != 0 ||
                    std::strcmp(holders[i].file, block->file) != 0))
                ++i;
            if (i == holders.size()) holders.push_back({block->operation, block->file, block->line, 0, 0});
            holders[i].bytes += block->capacity;
            holders[i].blocks += 1;
        }
    }
    for (std::size_t i = 1; i < holders.size(); ++i)
        for (std::size_t j = i; j > 0 && holders[j].before(holders[j - 1]); --j) std::swap(holders[j], holders[j - 1]);
    return holders;
}

FATHOM_INLINE std::int64_t cached_bytes() {
    const std::int64_t cached =
        allocator.reserved.load(std::memory_order_relaxed) - allocator.active.load(std::memory_order_relaxed);
    return cached > 0 ? cached : 0;
}

[[noreturn, gnu::cold]] FATHOM_INLINE void fail_out_of_memory(std::int64_t bytes, const char* operation, Where site,
                                                              const Shape& shape) {
    const std::int64_t limit = allocator.limit.load(std::memory_order_relaxed);
    std::string text = join({"out of memory: ", bytes, " bytes asked for"});
    if (shape.rank() > 0) text += join({", shape ", shape});
    text += limit > 0 ? join({", limit ", limit}) : ", no limit set";
    text += join({", active ", allocator.active.load(std::memory_order_relaxed), ", cached ", cached_bytes()});
    const char* separator = ", largest holders: ";
    const List<LargeHolder> holders = large_holders();
    for (std::size_t i = 0; i < holders.size() && i < 3; ++i, separator = ", ")
        text += join({separator, holders[i].place(), " (", holders[i].bytes, " bytes in ", holders[i].blocks,
                      holders[i].blocks == 1 ? " block)" : " blocks)"});
    fail(operation, site, {text});
}

FATHOM_INLINE bool observe_memory(MemoryObserver* observer) {
    AllocatorState& state = allocator;
    const Lock lock(state.observing);
    if (observer && state.observer.load(std::memory_order_relaxed)) return false;
    state.observer.store(observer, std::memory_order_relaxed);
    return true;
}

template <class F>
[[gnu::cold, gnu::noinline]] void tell_memory_observer(F f) {
    AllocatorState& state = allocator;
    const Lock lock(state.observing);
    if (MemoryObserver* observer = state.observer.load(std::memory_order_relaxed)) f(*observer);
}

FATHOM_INLINE void* allocate(std::int64_t bytes, const char* operation, Where site, const Shape& shape) {
    if (bytes < 0) fail(operation, site, {"asks for ", bytes, " bytes"});
    if (bytes > largest_bytes) fail_out_of_memory(bytes, operation, site, shape);
    const int size_class = size_class_of(bytes);
    Block* block = size_class < small_classes ? take_from_thread(size_class) : nullptr;
    const std::int64_t rounded = capacity_of(size_class),
                       capacity = rounded < large_bytes ? rounded : large_capacity(bytes);
    if (!block) block = take_shared(size_class, capacity);
    if (!block) block = new_block(capacity);
    if (!block) fail_out_of_memory(bytes, operation, site, shape);

    AllocatorState& state = allocator;
    block->operation = operation;
    block->file = site.file;
    block->line = site.line;
    const std::int64_t active = state.active.fetch_add(block->capacity, std::memory_order_relaxed) + block->capacity;
    raise_to(state.peak, active);
    raise_to(state.highest, active);
    if (block->capacity >= large_bytes) {
        const Lock lock(state.mutex);
        link(state.large, block);
    }
    unpoison(block->payload(), bytes);
    poison(static_cast<char*>(block->payload()) + bytes, block->capacity - bytes);
    if (state.observer.load(std::memory_order_relaxed))
        tell_memory_observer(
            [&](MemoryObserver& observer) { observer.taken(block->payload(), block->capacity, operation, site); });
    return block->payload();
}

FATHOM_INLINE void deallocate(void* data) noexcept {
    if (!data) return;
    AllocatorState& state = allocator;
    Block* block = static_cast<Block*>(data) - 1;
    if (state.observer.load(std::memory_order_relaxed))
        tell_memory_observer([&](MemoryObserver& observer) { observer.given_back(data); });
    state.active.fetch_sub(block->capacity, std::memory_order_relaxed);
    poison(block->payload(), block->capacity);
    const std::int64_t limit = state.limit.load(std::memory_order_relaxed);
    const bool keep = limit <= 0 || state.reserved.load(std::memory_order_relaxed) <= limit;
    if (keep && block->capacity <= small_bytes && give_to_thread(block)) return;
    const Lock lock(state.mutex);
    if (block->capacity >= large_bytes) {
        unlink(state.large, block);
        keep ? give_large(block) : unmap(block);
    } else if (keep) {
        block->next = std::exchange(state.free[block->size_class], block);
    } else {
        free_small(block);
    }
}

}  // namespace detail

FATHOM_INLINE MemoryReport memory_report() {
    MemoryReport report;
    report.active = detail::allocator.active.load(std::memory_order_relaxed);
    report.peak = detail::allocator.peak.load(std::memory_order_relaxed);
    report.cached = detail::cached_bytes();
    report.limit = detail::allocator.limit.load(std::memory_order_relaxed);
    const detail::List<detail::LargeHolder> holders = detail::large_holders();
    report.holders = std::vector<MemoryReport::Holder>(holders.size());
    for (std::size_t i = 0; i < holders.size(); ++i)
        report.holders[i] = {holders[i].place(), holders[i].bytes, holders[i].blocks};
    return report;
}

FATHOM_INLINE std::string to_string(const MemoryReport& report) {
    std::string text = join({"active ", report.active, ", peak ", report.peak, ", cached ", report.cached, " bytes, "});
    text += report.limit > 0 ? join({"limit ", report.limit}) : "no limit";
    for (const MemoryReport::Holder& holder : report.holders)
        text += join({"\n  ", holder.operation, ": ", holder.bytes, " bytes in ", holder.blocks,
                      holder.blocks == 1 ? " block" : " blocks"});
    return text;
}

FATHOM_INLINE void reset_peak_memory() {
    detail::allocator.peak.store(detail::allocator.active.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

FATHOM_INLINE void set_memory_limit(std::int64_t bytes) {
    detail::AllocatorState& state = detail::allocator;
    state.limit.store(std::max<std::int64_t>(bytes, 0), std::memory_order_relaxed);
    if (bytes > 0 && state.reserved.load(std::memory_order_relaxed) > bytes) empty_cache();
}

FATHOM_INLINE void empty_cache() {
    detail::flush_thread_cache();
    detail::trim_shared(detail::largest_bytes);
}

}  // namespace fathom::inline v0
