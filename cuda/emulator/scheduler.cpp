// Runs a block: starts its threads, lets them take turns, and keeps the block's barrier. A thread runs until it waits
// or returns. Whoever completes a barrier goes on at once, so a barrier costs one switch per thread. A kernel that
// never waits runs all its threads on one stack without a switch. See block.hpp.
#include <bit>

#include "cuda/emulator/block.hpp"
#include "fathom/core/error.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

constinit thread_local uint3 threadIdx{0, 0, 0}, blockIdx{0, 0, 0};
constinit thread_local dim3 blockDim{}, gridDim{};

namespace detail {

constinit thread_local Worker* worker = nullptr;

namespace {

// The first bit of `mask` behind `from`, cyclically, upwards or downwards. mask != 0.
unsigned next_bit(std::uint32_t mask, unsigned from, bool down) {
    if (!down)
        return (from + 1 + static_cast<unsigned>(std::countr_zero(std::rotr(mask, static_cast<int>(from + 1))))) & 31;
    const auto turned = std::rotl(mask, static_cast<int>(32 - from));
    return (from + 31 - static_cast<unsigned>(std::countl_zero(turned))) & 31;
}

// SplitMix64.
std::uint64_t next_random(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Without a seed in the order of their numbers; with one, the direction and the first change at every barrier.
void shuffle_order(Worker& w) {
    if (!w.launch->seed) return;
    const std::uint64_t r = next_random(w.random);
    w.down = r & 1;
}

// Chooses who runs next and makes it the running thread; null when nobody can. Lanes of the same warp come first, as
// their stacks are near.
Thread* pick(Worker& w) {
    std::uint32_t runnable = w.warps[w.warp].runnable;
    if (!runnable) {
        if (!w.ready) return nullptr;
        w.warp = next_bit(w.ready, w.warp, w.down);
        runnable = w.warps[w.warp].runnable;
    }
    w.lane = next_bit(runnable, w.lane, w.down);
    Thread* next = &w.threads[w.warp * 32 + w.lane];
    w.thread = next;
    threadIdx = next->index;
    if constexpr (checked) check_running(w);
    return next;
}

[[noreturn]] void deadlock(Worker& w) {
    const Thread *at_barrier = nullptr, *in_warp = nullptr;
    for (unsigned i = 0; i < most_threads_per_block; ++i) {
        if (!(w.warps[i / 32].live >> (i % 32) & 1)) continue;
        if (w.threads[i].wait == Wait::barrier) at_barrier = &w.threads[i];
        if (w.threads[i].wait == Wait::warp) in_warp = &w.threads[i];
    }
    w.thread = &w.threads[(in_warp ? in_warp : at_barrier) - w.threads];
    Fault fault;
    fault.what = "deadlock: the thread waits for lanes of its warp that wait elsewhere";
    if (in_warp && at_barrier)
        fault.what +=
            join({", thread ", index_text(at_barrier->index), " at __syncthreads in line ", at_barrier->site.line});
    fault.site = w.thread->site;
    raise_fault(w, std::move(fault));
}

[[noreturn]] [[gnu::cold]] [[gnu::noinline]] [[maybe_unused]] void divergent_barrier(Worker& w, Site site) {
    Fault fault;
    fault.what =
        w.returned ? join({"divergent barrier: __syncthreads, but ", w.returned, " threads of the block have returned"})
                   : join({"divergent barrier: __syncthreads here, but other threads of the block wait at line ",
                           w.barrier_site.line});
    fault.site = site;
    raise_fault(w, std::move(fault));
}

void pass_barrier(Worker& w) {
    w.barrier_count = {w.live, w.votes};
    w.arrived = w.votes = 0;
    w.ready = 0;
    for (unsigned i = 0; i < 32; ++i) {
        w.warps[i].runnable = w.warps[i].live;
        if (w.warps[i].live) w.ready |= 1u << i;
    }
    shuffle_order(w);
    if constexpr (checked) check_interval(w);
}

// The running thread has returned. True when the next one can begin on the same stack; otherwise does not return.
bool thread_returned(Worker& w) {
    Warp& warp = w.warps[w.warp];
    const std::uint32_t bit = 1u << w.lane;
    const int stack = w.thread->stack;
    if (!w.stacks.intact(stack)) stack_overflow(w, nullptr);
    if constexpr (checked)
        if (w.arrived) {
            Fault fault;
            fault.what = "divergent barrier: the thread returns while others wait at __syncthreads";
            fault.site = w.barrier_site;
            raise_fault(w, std::move(fault));
        }
    warp.live &= ~bit, warp.runnable &= ~bit;
    if (!warp.runnable) w.ready &= ~(1u << w.warp);
    --w.live, ++w.returned;
    if (warp.waiting) lane_returned(w);
    if (w.arrived && w.arrived == w.live) pass_barrier(w);
    void* unused = nullptr;
    if (!w.live) {
        w.stacks.give(stack);
        switch_fibre(&unused, w.main_stack_pointer);
    }
    Thread* next = pick(w);
    if (!next) deadlock(w);
    if (!next->stack_pointer) {
        next->stack = stack;
        next->stack_pointer = w.main_stack_pointer;  // anything but null: it has started
        return true;
    }
    w.stacks.give(stack);
    switch_fibre(&unused, next->stack_pointer);
    return false;
}

// What a fibre runs: threads, until one waits and another stack goes on.
void run_threads() {
    Worker& w = *worker;
    do w.launch->kernel.run(w.launch->kernel.closure);
    while (thread_returned(w));
}

void start(Worker& w, Thread& thread) { thread.stack_pointer = w.stacks.take(run_threads, &thread.stack); }

}  // namespace

void stack_overflow(Worker& w, const void* pc) {
    Fault fault;
    fault.what = join({"stack overflow: a thread of the emulator has ", Stacks::bytes / 1024, " KiB"});
    fault.pc = pc;
    raise_fault(w, std::move(fault));
}

void suspend(Worker& w, Thread& self) {
    Warp& warp = w.warps[w.warp];
    warp.runnable &= ~(1u << w.lane);
    if (!warp.runnable) w.ready &= ~(1u << w.warp);
    if (w.stacks.overflows(self.stack, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))))
        stack_overflow(w, nullptr);
    Thread* next = pick(w);
    if (!next) deadlock(w);
    if (!next->stack_pointer) start(w, *next);
    switch_fibre(&self.stack_pointer, next->stack_pointer);
}

void make_runnable(Worker& w, std::uint32_t lanes) {
    w.warps[w.warp].runnable |= lanes;
    w.ready |= 1u << w.warp;
}

BarrierCount sync_block(Site site, bool vote) {
    Worker& w = *worker;
    Thread& self = *w.thread;
    self.site = site;
    if constexpr (checked) {
        if (w.returned || (w.arrived && w.barrier_site.line != site.line)) [[unlikely]]
            divergent_barrier(w, site);
        w.barrier_site = site;
    }
    w.votes += vote;
    if (++w.arrived == w.live) {
        pass_barrier(w);
        return w.barrier_count;
    }
    self.wait = Wait::barrier;
    suspend(w, self);
    self.wait = Wait::nothing;
    return w.barrier_count;
}

void raise_fault(Worker& w, Fault fault) {
    w.faulted = true;
    w.fault = std::move(fault);
    void* unused = nullptr;
    switch_fibre(&unused, w.main_stack_pointer);
    __builtin_unreachable();
}

void run_block(Worker& w, Launch& launch, uint3 block) {
    const dim3 size = launch.block;
    const unsigned count = size.x * size.y * size.z;
    w.launch = &launch;
    w.ready = 0;
    w.live = static_cast<int>(count), w.arrived = w.votes = w.returned = 0;
    w.random = launch.seed +
               ((static_cast<std::uint64_t>(block.z) << 42) ^ (static_cast<std::uint64_t>(block.y) << 21) ^ block.x) *
                   0x2545f4914f6cdd1du;
    w.down = false, w.warp = 31, w.lane = 31;
    shuffle_order(w);
    if (launch.seed) {
        const std::uint64_t first = next_random(w.random);
        w.warp = first & 31, w.lane = first >> 5 & 31;
    }
    uint3 index{0, 0, 0};
    for (unsigned i = 0; i < count; ++i) {
        w.threads[i].stack_pointer = nullptr, w.threads[i].index = index, w.threads[i].wait = Wait::nothing;
        if (++index.x == size.x) {
            index.x = 0;
            if (++index.y == size.y) index.y = 0, ++index.z;
        }
    }
    for (unsigned i = 0; i < 32; ++i) {
        const unsigned lanes = count > i * 32 ? (count - i * 32 < 32 ? count - i * 32 : 32) : 0;
        Warp& warp = w.warps[i];
        warp.live = warp.runnable = lanes == 32 ? 0xffffffffu : (1u << lanes) - 1;
        warp.waiting = 0, warp.epoch = 0;
        if (lanes) w.ready |= 1u << i;
    }
    w.array_count = 0, w.arena_used = 128, w.static_bytes = 0, w.dynamic = w.arena + arena_bytes - 128;
    blockIdx = block, blockDim = size, gridDim = launch.grid;
    if constexpr (checked) check_block_begin(w);
    if (launch.shared_bytes) {
        w.dynamic = w.arena + w.arena_used;
        w.arrays[w.array_count++] = {nullptr, w.arena_used, launch.shared_bytes};
        if constexpr (checked) check_shared_array(w, w.arena_used, launch.shared_bytes);
        w.arena_used = (w.arena_used + launch.shared_bytes + 255) & ~std::size_t{127};
    }
    worker = &w;
    Thread* first = pick(w);
    start(w, *first);
    switch_fibre(&w.main_stack_pointer, first->stack_pointer);
    worker = nullptr;
    if constexpr (checked) check_block_end(w);
    if (w.any_pending)  // never waited for, so they never happened
        for (unsigned i = 0; i < count; ++i) w.pending[i].copies.clear(), w.pending[i].groups.clear();
    w.any_pending = false;
    if (!w.faulted) return;
    w.stacks.give_all();
    w.faulted = false;
    const std::string text = describe(w, launch, block);
    std::lock_guard lock(launch.mutex);
    if (!launch.failed.exchange(true)) launch.fault = text;
}

}  // namespace detail
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
