// What runs a block: its threads are fibres on one OS thread, 32 lanes to a warp. A Worker is one OS thread's state; it
// runs one block after the other. Next: scheduler.cpp (barriers and who runs next), collective.cpp (warps),
// checker.hpp (what the checked build notes).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cuda/emulator/checker.hpp"
#include "cuda/emulator/fibre.hpp"
#include "cuda/emulator/language.hpp"
#include "cuda/runtime.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

inline constexpr unsigned most_threads_per_block = 1024;
inline constexpr std::size_t most_shared_bytes = 227 * 1024, most_static_shared_bytes = 48 * 1024;

enum class Wait : std::uint8_t { nothing, barrier, warp };

struct Thread {
    void* stack_pointer;  // null: not started
    uint3 index;
    int stack;
    Site site;  // where it waits
    Wait wait;
};

struct Warp {
    std::uint32_t live;      // lanes that have not returned
    std::uint32_t runnable;  // live lanes that wait for nothing
    std::uint32_t waiting;   // lanes in a warp collective
    std::uint32_t epoch;     // collectives so far: what orders accesses within the warp
    std::uint32_t masks[32];
    void* payloads[32];
    Complete completes[32];
};

// A copy by cp.async that has not been waited for.
struct PendingCopy {
    void* to;
    const void* from;
    std::uint32_t bytes, copied;  // zeros beyond `copied`
    const void* pc;
};
struct PendingCopies {
    std::vector<PendingCopy> copies{};
    std::vector<std::size_t> groups{};  // where each committed group ends
};

// A kernel that runs, on all OS threads.
struct Launch {
    const char* operation;
    Kernel kernel;
    dim3 grid, block;
    std::size_t shared_bytes;
    std::uint64_t seed;
    std::uint64_t first_epoch = 0;
    std::atomic<bool> failed{false};
    std::mutex mutex{};
    std::string fault{};  // the first one's text
};

struct SharedArrayAt {
    const SharedDeclaration* declaration;  // null: the dynamic one
    std::size_t offset, bytes;
};

// What went wrong, filled in on the fibre that found it and put into words on the OS thread's own stack (report.cpp).
struct Fault {
    std::string what{};
    const void* pc = nullptr;  // of the access, or null: then `site`
    Site site{};
    const void* other_pc = nullptr;  // of the other access of a race, the write in flight, ...
    std::string other{};             // what the other is, with a %s for its place
};

struct Worker {
    explicit Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    Launch* launch = nullptr;
    Thread* thread = nullptr;  // the running one
    unsigned warp = 0, lane = 0;
    std::uint32_t ready = 0;  // warps with runnable lanes
    int live = 0, arrived = 0, votes = 0, returned = 0;
    BarrierCount barrier_count{};
    Site barrier_site{};
    bool down = false;  // the order in which lanes are taken
    std::uint64_t random = 0;
    void* main_stack_pointer = nullptr;
    Stacks stacks{};

    unsigned char* arena = nullptr;  // shared memory of the running block
    std::size_t arena_used = 0;
    SharedArrayAt arrays[64];
    int array_count = 0;
    std::size_t static_bytes = 0;
    void* dynamic = nullptr;

    std::unique_ptr<PendingCopies[]> pending{};  // made when the first copy is
    bool any_pending = false;

    CheckerState checker{};
    bool faulted = false;
    Fault fault{};

    Warp warps[32];
    Thread threads[most_threads_per_block];
};

// Of this OS thread while it runs a block, else null: what the checker's hooks ask first.
extern constinit thread_local Worker* worker;

inline constexpr std::size_t arena_bytes = 512 * 1024;

// Runs one block of the launch from beginning to end.
void run_block(Worker& w, Launch& launch, uint3 block);

// Ends the running block with a fault; the fibre is never resumed.
[[noreturn]] void raise_fault(Worker& w, Fault fault);

[[noreturn]] void stack_overflow(Worker& w, const void* pc);

// The running thread waits: another goes on.
void suspend(Worker& w, Thread& self);
// Lanes of the running thread's warp wait no longer.
void make_runnable(Worker& w, std::uint32_t lanes);
// Whether one of a warp's collectives is complete now that a lane has returned.
void lane_returned(Worker& w);

// What the fault was, where, in words (report.cpp).
std::string describe(const Worker& w, const Launch& launch, uint3 block);
std::string index_text(uint3 index);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
