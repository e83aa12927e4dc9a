// The caching allocator of device memory, by device and by stream. Next: allocator.cu.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/runtime.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// A block for work on `stream`. Who had it before on another stream is waited for, in the order of the streams: the
// host waits for nothing. On a stream that is being captured the block stays with the graph (take_pool).
Result allocate_block(std::int32_t device, Stream stream, void** block, std::int64_t bytes, const char* operation);
// Given back in the order of `stream`, whose work was the last to use it. Null is nothing.
void release_block(void* block, Stream stream);

// What was allocated during a capture belongs to its graph from then on: nobody else gets it until drop_pool, before
// which the last replay has to be done. end_pool: the capture is over.
void begin_pool(std::uint64_t capture, Stream stream);
void end_pool(std::uint64_t capture);
void drop_pool(std::uint64_t capture);

// The stream is idle and about to be destroyed.
void forget_stream(Stream stream);

struct MemoryUse {
    std::int64_t active, kept, peak;  // bytes: in use, kept for reuse, the most in use since the last trim
};
MemoryUse memory_use(std::int32_t device);
// Gives what is kept back to the device, but for what graphs keep.
Result trim(std::int32_t device);

// Fails where a block lies at `address` that a reset of the device has destroyed.
Result check_alive(const void* address, const char* operation);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
