// Device memory of the checked build: one range of addresses, reserved once, with a cell for each of its words. What is
// released is used again as late as possible, so that late accesses to it are found. See ../memory.hpp.
#include <sys/mman.h>

#include <cstring>
#include <map>
#include <mutex>

#include "cuda/emulator/checker.hpp"
#include "cuda/emulator/memory.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

constinit DeviceRange device_range{};

namespace {

constexpr std::size_t alignment = 256, redzone = 256;

struct Free {
    std::mutex mutex{};
    std::map<std::size_t, std::size_t> ranges{};  // offset to bytes
    std::size_t next = 0;                         // where the last search ended
};
Free& free_ranges() {
    static Free* f = new Free;
    return *f;
}

std::size_t footprint(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment + redzone; }

void* map(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? nullptr : memory;
}

// Address space only: pages come when they are touched. Where that much is not to be had, half, and so on.
bool reserve(Free& f) {
    for (std::size_t bytes = std::size_t{64} << 30; bytes >= std::size_t{64} << 20; bytes /= 2) {
        void* data = map(bytes);
        void* cells = map(bytes / 4 * sizeof(ShadowCell));
        if (data && cells) {
            device_range = {reinterpret_cast<std::uintptr_t>(data), bytes, static_cast<ShadowCell*>(cells)};
            f.ranges[redzone] = bytes - redzone;
            return true;
        }
        if (data) munmap(data, bytes);
        if (cells) munmap(cells, bytes / 4 * sizeof(ShadowCell));
    }
    return false;
}

constexpr std::uint32_t state_of(Kind kind, unsigned exists, unsigned written) {
    return exists << 8 | static_cast<std::uint32_t>(kind) << 4 | written;
}

ShadowCell* cells_at(const void* memory) {
    return device_range.cells + (reinterpret_cast<std::uintptr_t>(memory) - device_range.base) / 4;
}

// The cells of [memory, memory + bytes), which begins at a word, as nobody has touched it.
void mark(const void* memory, std::size_t bytes, Kind kind) {
    ShadowCell* cell = cells_at(memory);
    for (std::size_t i = 0; i < bytes / 4; ++i) *cell++ = {0, 0, 0, 0, 0, 0, state_of(kind, 15, 0)};
    if (bytes % 4) *cell = {0, 0, 0, 0, 0, 0, state_of(kind, (1u << bytes % 4) - 1, 0)};
}

}  // namespace

void* take_range(std::size_t bytes) {
    Free& f = free_ranges();
    std::lock_guard lock(f.mutex);
    if (!device_range.base && !reserve(f)) return nullptr;
    const std::size_t wanted = footprint(bytes);
    // From where the last search ended, round to there again.
    auto at = f.ranges.upper_bound(f.next);
    if (at != f.ranges.begin()) --at;
    for (std::size_t tries = f.ranges.size() + 1; tries > 0; --tries, ++at) {
        if (at == f.ranges.end()) at = f.ranges.begin();
        if (at == f.ranges.end()) return nullptr;
        const std::size_t begin = at->first, end = begin + at->second;
        std::size_t offset = f.next > begin && f.next < end ? f.next : begin;
        if (end - offset < wanted) offset = begin;
        if (end - offset < wanted) continue;
        f.ranges.erase(at);
        if (offset > begin) f.ranges[begin] = offset - begin;
        if (end > offset + wanted) f.ranges[offset + wanted] = end - offset - wanted;
        f.next = offset + wanted;
        void* memory = reinterpret_cast<void*>(device_range.base + offset);
        mark(memory, bytes, Kind::allocated);
        return memory;
    }
    return nullptr;
}

void give_range(void* memory, std::size_t bytes) {
    Free& f = free_ranges();
    std::lock_guard lock(f.mutex);
    const std::size_t offset = reinterpret_cast<std::uintptr_t>(memory) - device_range.base;
    std::size_t size = footprint(bytes);
    mark(memory, bytes, Kind::freed);
    constexpr std::size_t large = std::size_t{1} << 20;
    if (bytes >= large) {
        // Gives the pages back; their cells become zeros, which is unallocated.
        madvise(memory, bytes / 4096 * 4096, MADV_DONTNEED);
        const auto first = (reinterpret_cast<std::uintptr_t>(cells_at(memory)) + 4095) / 4096 * 4096;
        madvise(reinterpret_cast<void*>(first), (bytes / 4 - 128) * sizeof(ShadowCell) / 4096 * 4096, MADV_DONTNEED);
    }
    auto next = f.ranges.lower_bound(offset);
    std::size_t begin = offset;
    if (next != f.ranges.begin()) {
        const auto before = std::prev(next);
        if (before->first + before->second == offset) {
            begin = before->first, size += before->second;
            f.ranges.erase(before);
        }
    }
    if (next != f.ranges.end() && next->first == begin + size) {
        size += next->second;
        f.ranges.erase(next);
    }
    f.ranges[begin] = size;
}

void note_written(const void* memory, std::size_t bytes) {
    const std::size_t skipped = reinterpret_cast<std::uintptr_t>(memory) & 3;
    ShadowCell* cell = cells_at(memory);
    for (std::size_t done = 0; done < bytes;) {
        const std::size_t first = done ? 0 : skipped, left = bytes - done;
        const std::size_t count = left < 4 - first ? left : 4 - first;
        (cell++)->state |= ((1u << count) - 1) << first;
        done += count;
    }
}

void note_copied(const void* to, const void* from, std::size_t bytes) {
    // Where words do not meet words, everything counts as written.
    if (((reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from) | bytes) & 3) != 0)
        return note_written(to, bytes);
    ShadowCell* target = cells_at(to);
    const ShadowCell* source = cells_at(from);
    for (std::size_t i = 0; i < bytes / 4; ++i) target[i].state = (target[i].state & ~15u) | (source[i].state & 15u);
}

void note_reused(const void* block, std::size_t block_bytes, std::size_t used) {
    mark(block, block_bytes, Kind::unallocated);
    mark(block, used, Kind::allocated);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
