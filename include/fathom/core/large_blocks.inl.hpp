// Part of allocator.inl.hpp: blocks of large_bytes and more. They are mapped, and cut where less is asked for, so that
// what a step has released serves its next requests, whatever their sizes; a free block is joined with its free
// neighbours at once. All but map_block under the allocator's mutex.
//
//   mapping:  [page][payload ...][page][payload ...]    a block's header is the end of the page before its payload
#include <sys/mman.h>

namespace fathom::inline v0::detail {

#if defined(__x86_64__)
inline constexpr std::int64_t page_bytes = 4096;
#else
inline constexpr std::int64_t page_bytes = 65536;  // a multiple of the system's, whichever it is
#endif
inline constexpr std::int64_t huge_page_bytes = 4 << 20;  // from here huge pages: first touch 5x faster, streaming 1.2x

constexpr std::int64_t large_capacity(std::int64_t bytes) {
    return std::max(large_bytes, (bytes + page_bytes - 1) / page_bytes * page_bytes);
}
// The list of free blocks of this capacity.
constexpr std::int16_t large_class_of(std::int64_t capacity) {
    const int above = size_class_of(capacity);
    return static_cast<std::int16_t>(capacity_of(above) == capacity ? above : above - 1);
}
inline char* begin_of(Block* block) { return static_cast<char*>(block->payload()) - page_bytes; }
inline std::size_t mapped_bytes(std::int64_t capacity) { return static_cast<std::size_t>(capacity + page_bytes); }

// Its part of `reserved`, which counts a mapping as its payloads and the pages between them.
inline std::int64_t reserved_for(const Block* block) { return block->capacity + (block->first ? 0 : page_bytes); }

inline void link(Block*& list, Block* block) {
    block->previous = nullptr;
    block->next = std::exchange(list, block);
    if (block->next) block->next->previous = block;
}
inline void unlink(Block*& list, Block* block) {
    (block->previous ? block->previous->next : list) = block->next;
    if (block->next) block->next->previous = block->previous;
}

// The header of a block whose page begins there.
inline Block* new_header(char* page, std::int64_t capacity) {
    char* header = page + page_bytes - sizeof(Block);
    unpoison(header, sizeof(Block));
    Block* block = new (header) Block{};
    block->capacity = capacity;
    block->size_class = large_class_of(capacity);
    return block;
}

// Null when the system has no memory.
FATHOM_INLINE Block* map_block(std::int64_t capacity) {
    void* memory = mmap(nullptr, mapped_bytes(capacity), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
#ifdef MADV_HUGEPAGE
    if (capacity >= huge_page_bytes) madvise(memory, mapped_bytes(capacity), MADV_HUGEPAGE);
#endif
    Block* block = new_header(static_cast<char*>(memory), capacity);
    block->first = true;
    return block;
}

// Gives a block that is in no list back to the system.
FATHOM_INLINE void unmap(Block* block) {
    if (block->before) block->before->after = nullptr;
    if (block->after) block->after->before = nullptr;
    allocator.reserved.fetch_sub(reserved_for(block), std::memory_order_relaxed);
    unpoison(begin_of(block), block->capacity + page_bytes);
    munmap(begin_of(block), mapped_bytes(block->capacity));
}

// Joins the block, which is in no list, with its free neighbours, and keeps it.
FATHOM_INLINE void give_large(Block* block) {
    Block** const lists = allocator.free;
    const auto join = [](Block* left, Block* right) {
        left->capacity += page_bytes + right->capacity;
        left->after = right->after;
        if (left->after) left->after->before = left;
    };
    if (Block* right = block->after; right && right->free) {
        unlink(lists[right->size_class], right);
        join(block, right);
    }
    if (Block* left = block->before; left && left->free) {
        unlink(lists[left->size_class], left);
        join(left, block);
        block = left;
    }
    block->free = true;
    block->size_class = large_class_of(block->capacity);
    poison(block->payload(), block->capacity);
    link(lists[block->size_class], block);
}

// The smallest free block from which `capacity` bytes can be cut with what is left as another large block, or which
// wastes at most an eighth; null where there is none.
FATHOM_INLINE Block* take_large(std::int64_t capacity) {
    Block** const lists = allocator.free;
    Block* found = nullptr;
    for (int c = large_class_of(capacity); c < size_classes && !found; ++c)
        for (Block* block = lists[c]; block; block = block->next) {
            const std::int64_t left = block->capacity - capacity;
            const bool fits = left >= 0 && (left <= capacity / 8 || left >= page_bytes + large_bytes);
            if (fits && (!found || block->capacity < found->capacity)) found = block;
        }
    if (!found) return nullptr;
    unlink(lists[found->size_class], found);
    found->free = false;
    if (const std::int64_t left = found->capacity - capacity; left >= page_bytes + large_bytes) {
        Block* rest = new_header(static_cast<char*>(found->payload()) + capacity, left - page_bytes);
        rest->before = found;
        rest->after = std::exchange(found->after, rest);
        if (rest->after) rest->after->before = rest;
        rest->free = true;
        link(lists[rest->size_class], rest);
        found->capacity = capacity;
        found->size_class = large_class_of(capacity);
    }
    return found;
}

}  // namespace fathom::inline v0::detail
