// Shared memory of a block: an arena in which every array stands between redzones, and the copies of cp.async, which
// are carried out when they are waited for. See block.hpp and ptx.hpp.
#include "cuda/emulator/block.hpp"
#include "cuda/emulator/ptx.hpp"
#include "fathom/core/error.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {
constexpr std::size_t redzone = 128;

PendingCopies& pending_of(Worker& w) {
    if (!w.pending) w.pending = std::make_unique<PendingCopies[]>(most_threads_per_block);
    return w.pending[static_cast<std::size_t>(w.thread - w.threads)];
}
}  // namespace

void* shared_memory(const SharedDeclaration* declaration) {
    Worker& w = *worker;
    for (int i = 0; i < w.array_count; ++i)
        if (w.arrays[i].declaration == declaration) return w.arena + w.arrays[i].offset;
    w.static_bytes += declaration->bytes;
    if (w.static_bytes > most_static_shared_bytes || w.static_bytes + w.launch->shared_bytes > most_shared_bytes ||
        w.array_count == static_cast<int>(std::size(w.arrays))) {
        Fault fault;
        fault.what =
            join({"too much shared memory: ", w.static_bytes, " bytes static and ", w.launch->shared_bytes,
                  " dynamic with ", declaration->name, ", allowed are 49152 static and 232448 together, in 63 arrays"});
        fault.site = {nullptr, declaration->line};
        raise_fault(w, std::move(fault));
    }
    const std::size_t alignment = declaration->alignment < redzone ? redzone : declaration->alignment;
    const std::size_t offset = (w.arena_used + alignment - 1) & ~(alignment - 1);
    w.arrays[w.array_count++] = {declaration, offset, declaration->bytes};
    w.arena_used = offset + ((declaration->bytes + redzone - 1) & ~(redzone - 1)) + redzone;
    if constexpr (checked) check_shared_array(w, offset, declaration->bytes);
    return w.arena + offset;
}

void* dynamic_shared_memory() { return worker->dynamic; }

void begin_copy(void* to, const void* from, std::uint32_t bytes, std::uint32_t copied, const void* pc) {
    Worker& w = *worker;
    w.any_pending = true;
    if constexpr (checked) check_copy_begins(w, to, from, bytes, copied, pc);
    pending_of(w).copies.push_back({to, from, bytes, copied, pc});
}

void commit_copies() {
    PendingCopies& mine = pending_of(*worker);
    worker->any_pending = true;
    mine.groups.push_back(mine.copies.size());
}

void wait_copies(std::size_t groups_left) {
    Worker& w = *worker;
    if (!w.pending) return;
    PendingCopies& mine = pending_of(w);
    if (mine.groups.size() <= groups_left) return;
    const std::size_t groups = mine.groups.size() - groups_left, count = mine.groups[groups - 1];
    for (std::size_t i = 0; i < count; ++i) {
        const PendingCopy& copy = mine.copies[i];
        // Not by memcpy, which the checked build would take for the kernel's.
        const auto* from = static_cast<const unsigned char*>(copy.from);
        auto* to = static_cast<volatile unsigned char*>(copy.to);
        for (std::uint32_t k = 0; k < copy.bytes; ++k) to[k] = k < copy.copied ? from[k] : 0;
        if constexpr (checked) check_copy_lands(w, copy.to, copy.bytes, copy.pc);
    }
    mine.copies.erase(mine.copies.begin(), mine.copies.begin() + static_cast<std::ptrdiff_t>(count));
    mine.groups.erase(mine.groups.begin(), mine.groups.begin() + static_cast<std::ptrdiff_t>(groups));
    for (auto& end : mine.groups) end -= count;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
