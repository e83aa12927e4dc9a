// What the checked build knows about memory: per 4-byte word of shared and of device memory, who read and wrote it last
// and when. The kernels' own accesses come in through checked/hooks.cpp; the plain build has none of this. Rules: two
// accesses of which one writes, by different threads, race unless a barrier lies between them, or, within a warp, a
// warp collective, or both are atomic. Blocks of one launch are never ordered. Next: checked/access.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/namespace.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

struct Worker;
struct Launch;

// Who accessed which bytes of a word, and when: epoch 48 bits | thread 10 | bytes 4 | flags 2.
using Record = std::uint64_t;

struct ShadowCell {
    Record write, read;
    std::uint32_t write_pc, read_pc;      // relative to the program's image
    std::uint16_t write_warp, read_warp;  // the warp's epoch
    std::uint32_t state;                  // serial 20 bits | bytes that exist 4 | Kind 4 | bytes that were written 4
};

enum class Kind : std::uint32_t { unallocated = 0, allocated = 1, in_flight = 2, freed = 3 };

struct CheckerState {
    std::uint64_t epoch = 0;        // of the barrier interval; the low 6 bits are the worker's number
    std::uint64_t block_epoch = 0;  // the block's first
    std::uint64_t launch_epoch = 0;
    std::uint32_t serial = 0;  // of the block: cells of shared memory with another are not allocated
    std::uint32_t number = 0;
    bool fenced = false;          // the block has called __threadfence: it may read what other blocks published
    ShadowCell* cells = nullptr;  // of the arena
    Record me = 0;                // what the running thread's accesses are recorded as
    std::uint16_t warp_epoch = 0;
    std::uintptr_t coordinates = 0, coordinates_end = 0;  // where threadIdx, blockIdx, blockDim and gridDim are
};

// Calls of launch.cpp and scheduler.cpp.
void check_worker_begin(Worker& w);
void check_worker_end(Worker& w);
void check_launch_begins(Launch& launch);
void check_block_begin(Worker& w);
void check_block_end(Worker& w);
void check_interval(Worker& w);  // a barrier was passed
void check_running(Worker& w);   // another thread runs, or its warp has met

// Calls of shared.cpp: an array of shared memory begins to exist; a cp.async begins, which reads its source and has its
// destination in flight; it has landed.
void check_shared_array(Worker& w, std::size_t offset, std::size_t bytes);
void check_copy_begins(Worker& w, const void* to, const void* from, std::size_t bytes, std::size_t copied,
                       const void* pc);
void check_copy_lands(Worker& w, const void* to, std::size_t bytes, const void* pc);

// The range of addresses that holds all device memory, and its cells (checked/range.cpp).
struct DeviceRange {
    std::uintptr_t base = 0;
    std::size_t bytes = 0;
    ShadowCell* cells = nullptr;
};
extern constinit DeviceRange device_range;

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
