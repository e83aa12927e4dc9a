// The calls of checker.hpp, and what went wrong in words.
#include "cuda/emulator/checked/access.hpp"

#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "cuda/emulator/memory.hpp"
#include "fathom/core/error.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {

// Epochs without their low 6 bits: the highest that any block has used.
constinit std::atomic<std::uint64_t> highest_epoch{1};
constinit std::atomic<std::uint32_t> next_number{0};

constexpr std::uint32_t most_serials = (1u << 20) - 1;
constexpr std::size_t cell_bytes = arena_bytes / 4 * sizeof(ShadowCell);

std::string place_of(const Worker& w, std::uintptr_t address) {
    const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(w.arena);
    if (offset >= arena_bytes) return describe_device(address);
    std::string nearest = "no shared array";
    for (int i = 0; i < w.array_count; ++i) {
        const SharedArrayAt& a = w.arrays[i];
        const std::string name = a.declaration ? join({"shared array ", a.declaration->name, " of ", a.bytes,
                                                       " bytes (line ", a.declaration->line, ")"})
                                               : join({"dynamic shared memory of ", a.bytes, " bytes"});
        if (offset >= a.offset && offset < a.offset + a.bytes) return join({"byte ", offset - a.offset, " of ", name});
        if (offset >= a.offset + a.bytes)
            nearest = join({offset - a.offset - a.bytes, " bytes behind the end of ", name});
        else if (i == 0)
            nearest = join({a.offset - offset, " bytes before ", name});
    }
    return nearest;
}

const char* verb(Access access) {
    return access == Access::read ? "read" : access == Access::write ? "write" : "atomic update";
}

std::string what_of(const Worker& w, const Touched& t) {
    return join({verb(t.access), " of ", t.bytes, " bytes, ", place_of(w, t.address)});
}

const void* absolute(std::uint32_t pc) { return reinterpret_cast<const void*>(image_base() + pc); }

// The program's and its libraries' own memory, where constants are.
bool in_image(std::uintptr_t address) {
    return dl_iterate_phdr(
               [](dl_phdr_info* info, std::size_t, void* wanted) {
                   const auto at = *static_cast<const std::uintptr_t*>(wanted);
                   for (int i = 0; i < info->dlpi_phnum; ++i) {
                       const auto& part = info->dlpi_phdr[i];
                       if (part.p_type == PT_LOAD && at - (info->dlpi_addr + part.p_vaddr) < part.p_memsz) return 1;
                   }
                   return 0;
               },
               &address) != 0;
}

}  // namespace

void bad_state(Worker& w, const ShadowCell& cell, unsigned mask, const Touched& touched) {
    Fault fault;
    fault.pc = touched.pc;
    const auto kind = static_cast<Kind>(cell.state >> 4 & 15);
    const bool shared = touched.address - reinterpret_cast<std::uintptr_t>(w.arena) < arena_bytes;
    const bool exists = cell.state >> 12 == (shared ? w.checker.serial : 0);
    if (!exists || kind == Kind::unallocated || (kind == Kind::allocated && (cell.state >> 8 & mask) != mask))
        fault.what = join({"out-of-bounds ", what_of(w, touched)});
    else if (kind == Kind::freed)
        fault.what = join({verb(touched.access), " of ", touched.bytes, " bytes of device memory that was released"});
    else if (kind == Kind::in_flight) {
        fault.what = join({"missing cp.async wait: ", what_of(w, touched), ", is being filled"});
        fault.other = "the copy began at %s";
        fault.other_pc = absolute(cell.write_pc);
    } else
        fault.what = join({"uninitialised memory: ", what_of(w, touched), ", which nothing has written"});
    raise_fault(w, std::move(fault));
}

void race(Worker& w, Record other, std::uint32_t other_pc, bool other_wrote, const Touched& touched) {
    Fault fault;
    fault.pc = touched.pc;
    fault.what = join({"race: ", what_of(w, touched)});
    fault.other_pc = absolute(other_pc);
    const char* const did = !other_wrote ? " reads" : other & flag_atomic ? " updates" : " writes";
    if (epoch_of(other) == w.checker.epoch) {
        const unsigned thread = thread_of(other);
        // Of several readers only the last is known, which may be the thread that writes now.
        const bool own = thread == w.warp * 32 + w.lane;
        const bool same_warp = own ? !(other & flag_warps) : thread / 32 == w.warp;
        const char* const between = same_warp ? "__syncwarp or __syncthreads" : "__syncthreads";
        fault.other = own ? join({"another thread has read it, and no ", between, " lies between"})
                          : join({"thread ", index_text(w.threads[thread].index), did, " it at %s, and no ", between,
                                  " lies between"});
    } else {
        fault.other = join({"another block", did, " it at %s"});
    }
    raise_fault(w, std::move(fault));
}

void check_elsewhere(Worker& w, const Touched& touched) {
    const std::uintptr_t a = touched.address;
    if (touched.access == Access::read) {
        const Kernel& kernel = w.launch->kernel;
        if (a - reinterpret_cast<std::uintptr_t>(kernel.closure) < kernel.closure_bytes || in_image(a)) return;
    }
    Fault fault;
    fault.pc = touched.pc;
    fault.what = join({"out-of-bounds ", verb(touched.access), " of ", touched.bytes,
                       " bytes: not memory of the device (a pointer of the host?)"});
    raise_fault(w, std::move(fault));
}

void note_atomic(const volatile void* address, std::size_t bytes, const void* pc) {
    check_access(address, bytes, Access::atomic, true, pc);
}

void check_worker_begin(Worker& w) {
    void* memory =
        mmap(nullptr, cell_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    w.checker.cells = static_cast<ShadowCell*>(memory);
    w.checker.number = next_number.fetch_add(1) & 63;
    // Thread-local variables of one unit, so they are neighbours.
    for (const void* one : {static_cast<const void*>(&threadIdx), static_cast<const void*>(&blockIdx),
                            static_cast<const void*>(&blockDim), static_cast<const void*>(&gridDim)}) {
        const auto at = reinterpret_cast<std::uintptr_t>(one);
        CheckerState& c = w.checker;
        c.coordinates = c.coordinates ? std::min(c.coordinates, at) : at;
        c.coordinates_end = std::max(c.coordinates_end, at + sizeof(uint3));
    }
}

void check_worker_end(Worker& w) { munmap(w.checker.cells, cell_bytes); }

void check_launch_begins(Launch& launch) { launch.first_epoch = (highest_epoch.load() + 1) << 6; }

void check_block_begin(Worker& w) {
    CheckerState& c = w.checker;
    c.launch_epoch = w.launch->first_epoch;
    c.epoch = (std::max(c.epoch >> 6, c.launch_epoch >> 6) + 1) << 6 | c.number;
    c.block_epoch = c.epoch;
    c.fenced = false;
    if (++c.serial == most_serials) {
        c.serial = 1;  // cells of the blocks that had these numbers must not count as allocated
        std::memset(static_cast<void*>(c.cells), 0, cell_bytes);
    }
}

void check_block_end(Worker& w) {
    const std::uint64_t mine = w.checker.epoch >> 6;
    std::uint64_t highest = highest_epoch.load();
    while (highest < mine && !highest_epoch.compare_exchange_weak(highest, mine)) {
    }
}

void check_interval(Worker& w) {
    w.checker.epoch += 64;
    check_running(w);
}

void check_running(Worker& w) {
    w.checker.me = w.checker.epoch << 16 | static_cast<Record>(w.warp * 32 + w.lane) << 6;
    w.checker.warp_epoch = static_cast<std::uint16_t>(w.warps[w.warp].epoch);
}

void check_shared_array(Worker& w, std::size_t offset, std::size_t bytes) {
    const auto state = [&](unsigned exists) {
        return w.checker.serial << 12 | exists << 8 | static_cast<std::uint32_t>(Kind::allocated) << 4;
    };
    ShadowCell* cell = w.checker.cells + offset / 4;
    for (std::size_t i = 0; i < bytes / 4; ++i) *cell++ = {0, 0, 0, 0, 0, 0, state(15)};
    if (bytes % 4) *cell = {0, 0, 0, 0, 0, 0, state((1u << bytes % 4) - 1)};
}

namespace {
// The cells of shared memory that a copy of cp.async fills; null when its destination is elsewhere.
ShadowCell* cells_of(const Worker& w, const void* to) {
    const std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(w.arena);
    return offset < arena_bytes ? w.checker.cells + offset / 4 : nullptr;
}
}  // namespace

void check_copy_begins(Worker& w, const void* to, const void* from, std::size_t bytes, std::size_t copied,
                       const void* pc) {
    ShadowCell* cell = cells_of(w, to);
    if (!cell || (reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from)) % bytes) {
        Fault fault;
        fault.pc = pc;
        fault.what = cell ? "cp.async from or to an address that is not a multiple of 16"
                          : "cp.async to memory that is not shared";
        raise_fault(w, std::move(fault));
    }
    check_access(from, copied, Access::read, false, pc);
    check_access(to, bytes, Access::write, false, pc);
    for (std::size_t i = 0; i < bytes / 4; ++i)
        cell[i].state = (cell[i].state & ~0xf0u) | static_cast<std::uint32_t>(Kind::in_flight) << 4;
}

void check_copy_lands(Worker& w, const void* to, std::size_t bytes, const void* pc) {
    ShadowCell* cell = cells_of(w, to);
    for (std::size_t i = 0; i < bytes / 4; ++i)
        cell[i].state = (cell[i].state & ~0xf0u) | static_cast<std::uint32_t>(Kind::allocated) << 4;
    check_access(to, bytes, Access::write, false, pc);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
