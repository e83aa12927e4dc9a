// Launches a kernel: checks its shape and spreads its blocks over the threads of fathom::parallel_for. See
// block.hpp.
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>

#include "cuda/emulator/block.hpp"
#include "cuda/emulator/launch.hpp"
#include "fathom/core/parallel_for.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {

// FATHOM_EMULATOR_SEED: another order of a block's threads per seed; 0 is the order of their numbers.
std::uint64_t seed() {
    const char* text = std::getenv("FATHOM_EMULATOR_SEED");
    return text ? std::strtoull(text, nullptr, 10) : 0;
}

Worker& this_worker() {
    thread_local std::unique_ptr<Worker> mine = std::make_unique<Worker>();
    return *mine;
}

dim3 narrow(const Dim3& e) {
    return {static_cast<unsigned>(e.x), static_cast<unsigned>(e.y), static_cast<unsigned>(e.z)};
}

}  // namespace

Worker::Worker() {
    void* memory =
        mmap(nullptr, arena_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    arena = static_cast<unsigned char*>(memory);
    if constexpr (checked) check_worker_begin(*this);
}

Worker::~Worker() {
    if constexpr (checked) check_worker_end(*this);
    munmap(arena, arena_bytes);
}

std::string run_kernel(const char* operation, const LaunchShape& shape, const Kernel& kernel) {
    // The checked build's cells know one launch at a time.
    static std::mutex one_launch;
    std::unique_lock<std::mutex> lock;
    if constexpr (checked) lock = std::unique_lock(one_launch);

    Launch launch{operation, kernel, narrow(shape.grid), narrow(shape.block), shape.shared_bytes, seed()};
    if constexpr (checked) check_launch_begins(launch);
    const std::int64_t blocks = shape.grid.x * shape.grid.y * shape.grid.z;
    const std::int64_t grain = std::clamp<std::int64_t>(blocks / 64, 1, 64);
    parallel_for(0, blocks, grain, [&](std::int64_t first, std::int64_t last) {
        Worker& w = this_worker();
        for (std::int64_t i = first; i < last && !launch.failed.load(std::memory_order_relaxed); ++i)
            run_block(w, launch,
                      {static_cast<unsigned>(i % shape.grid.x), static_cast<unsigned>(i / shape.grid.x % shape.grid.y),
                       static_cast<unsigned>(i / shape.grid.x / shape.grid.y)});
    });
    return launch.fault;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
