// The process's settings for kernels: how many threads, which instruction set. Each belongs to the header named beside
// it, which reads and writes it. They are constant-initialised atomics, so that no static initialiser comes too early
// and nothing is destroyed at exit. What else a process keeps stands where it is used: memory in allocator.inl.hpp.
#pragma once

#include <atomic>

namespace fathom::inline v0::detail {

struct [[gnu::visibility("default")]] Runtime {
    std::atomic<int> threads{0};    // core/parallel_for.hpp; 0: not asked yet
    std::atomic<int> isa{-1};       // kernels/isa.hpp; -1: not asked yet
    std::atomic<int> tile_isa{-1};  // the same
};

[[gnu::visibility("default")]] inline constinit Runtime runtime;

}  // namespace fathom::inline v0::detail
