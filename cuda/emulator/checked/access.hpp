// One access of a kernel to memory, checked against the cells of its words (checker.hpp). What is found wrong is put
// into words by access.cpp. Read from hooks.cpp, which is where accesses come from.
#pragma once

#include "cuda/emulator/block.hpp"

// Where the linker put the program; every program has it.
extern "C" [[gnu::visibility("hidden")]] const char __ehdr_start;

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

inline std::uintptr_t image_base() { return reinterpret_cast<std::uintptr_t>(&__ehdr_start); }

enum class Access : std::uint8_t { read, write, atomic };

inline constexpr Record flag_atomic = 1;                // of a write
inline constexpr Record flag_many = 1, flag_warps = 2;  // of a read: other threads, of other warps, read too

inline Record epoch_of(Record r) { return r >> 16; }
inline unsigned thread_of(Record r) { return static_cast<unsigned>(r >> 6) & 1023; }

// What was accessed: for the report.
struct Touched {
    std::uintptr_t address;
    std::size_t bytes;
    Access access;
    const void* pc;
};

[[noreturn]] void bad_state(Worker& w, const ShadowCell& cell, unsigned bytes_mask, const Touched& touched);
[[noreturn]] void race(Worker& w, Record other, std::uint32_t other_pc, bool other_wrote, const Touched& touched);
// An address that is neither shared nor device memory.
void check_elsewhere(Worker& w, const Touched& touched);

// Whether an access of `other` is unordered with one that the running thread makes now.
inline bool unordered(const Worker& w, Record other, std::uint16_t other_warp_epoch) {
    const CheckerState& c = w.checker;
    const std::uint64_t epoch = epoch_of(other);
    if (epoch == c.epoch) return thread_of(other) / 32 != w.warp || other_warp_epoch == c.warp_epoch;
    if (epoch < c.launch_epoch) return false;
    const bool this_block = (epoch & 63) == c.number && epoch >= c.block_epoch;
    return !this_block;
}

// Where two threads have read a word since the last barrier, nothing can have been written: another reader adds
// nothing.
[[gnu::always_inline]] inline bool known_to_be_read(const Worker& w, const ShadowCell& cell, std::uint32_t serial) {
    constexpr Record known = 15 << 2 | flag_many;
    const Record read = cell.read;
    return cell.state == (serial << 12 | 0xf1f) && (read & known) == known && epoch_of(read) == w.checker.epoch &&
           ((read & flag_warps) || (thread_of(read) / 32 == w.warp && cell.read_warp == w.checker.warp_epoch));
}

// Constants under the optimizer: `access` and `mask` where the hook knows them.
[[gnu::always_inline]] inline void check_cell(Worker& w, ShadowCell& cell, std::uint32_t serial, unsigned mask,
                                              const Touched& touched) {
    const std::uint32_t exists = serial << 12 | mask << 8 | static_cast<std::uint32_t>(Kind::allocated) << 4;
    const std::uint32_t wanted = touched.access == Access::write ? exists : exists | mask;
    if ((cell.state & (0xfffff0f0u | mask << 8 | (touched.access == Access::write ? 0 : mask))) != wanted) [[unlikely]]
        bad_state(w, cell, mask, touched);

    const Record bytes = static_cast<Record>(mask) << 2;
    const std::uint16_t warp_epoch = w.checker.warp_epoch;
    const Record read = cell.read;
    const Record me = w.checker.me;
    const auto pc = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(touched.pc) - image_base());

    const Record write = cell.write;
    const bool mine = write >> 6 == me >> 6;
    if (!mine && (write & bytes) && unordered(w, write, cell.write_warp)) [[unlikely]] {
        const bool both_atomic = touched.access == Access::atomic && (write & flag_atomic);
        const bool published = touched.access == Access::read && w.checker.fenced && epoch_of(write) != w.checker.epoch;
        if (!both_atomic && !published) race(w, write, cell.write_pc, true, touched);
    }
    if (touched.access == Access::read) {
        Record now = me | bytes;
        if (epoch_of(read) == w.checker.epoch) {
            const bool same_warp = thread_of(read) / 32 == w.warp;
            const bool older = same_warp && !(read & flag_warps) && cell.read_warp != warp_epoch;
            if (!older) {
                now |= read & (bytes | 0x3f);
                if (read >> 6 != me >> 6) now |= same_warp ? flag_many : flag_many | flag_warps;
            }
        }
        cell.read = now, cell.read_pc = pc, cell.read_warp = warp_epoch;
        return;
    }
    if ((read & bytes) && (read >> 6 != me >> 6 || (read & flag_many)) &&
        ((epoch_of(read) == w.checker.epoch && (read & flag_warps)) || unordered(w, read, cell.read_warp))) [[unlikely]]
        race(w, read, cell.read_pc, false, touched);
    cell.write = me | bytes | (mine ? write & 0x3c : 0) | (touched.access == Access::atomic ? flag_atomic : 0);
    cell.write_pc = pc, cell.write_warp = warp_epoch;
    cell.state |= mask;
}

// Out of line, so that the hooks of reads stay short.
[[gnu::noinline]] inline void check_read(Worker& w, ShadowCell& cell, std::uint32_t serial, std::uintptr_t address,
                                         std::size_t bytes, const void* pc) {
    check_cell(w, cell, serial, 15, {address, bytes, Access::read, pc});
}

// `bytes` is 1, 2, 4, 8 or 16 and the address a multiple of it, or anything with `aligned` false.
[[gnu::always_inline]] inline void check_access(const volatile void* pointer, std::size_t bytes, Access access,
                                                bool aligned, const void* pc) {
    Worker* const running = worker;
    if (!running) return;
    Worker& w = *running;
    const auto address = reinterpret_cast<std::uintptr_t>(pointer);
    std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(w.arena);
    ShadowCell* cell;
    std::uint32_t serial;
    if (offset < arena_bytes) {
        cell = w.checker.cells + offset / 4, serial = w.checker.serial;
    } else if (offset = address - device_range.base; offset < device_range.bytes) {
        cell = device_range.cells + offset / 4, serial = 0;
    } else if (address - w.checker.coordinates < w.checker.coordinates_end - w.checker.coordinates ||
               w.stacks.contains(address)) {
        return;
    } else {
        return check_elsewhere(w, {address, bytes, access, pc});
    }
    if (aligned && bytes >= 4) {
        for (std::size_t i = 0; i < bytes / 4; ++i)
            if (access != Access::read)
                check_cell(w, cell[i], serial, 15, {address, bytes, access, pc});
            else if (!known_to_be_read(w, cell[i], serial))
                check_read(w, cell[i], serial, address, bytes, pc);
    } else if (aligned) {
        const unsigned mask = ((1u << bytes) - 1) << (offset & 3);
        check_cell(w, *cell, serial, mask, {address, bytes, access, pc});
    } else {
        for (std::size_t done = 0; done < bytes;) {
            const std::size_t first = (offset + done) & 3, count = bytes - done < 4 - first ? bytes - done : 4 - first;
            check_cell(w, *cell++, serial, ((1u << count) - 1) << first, {address, bytes, access, pc});
            done += count;
        }
    }
}

// Of a copy by memcpy and its like, which the emulator itself makes too, on the host's memory.
inline void check_copy(const void* address, std::size_t bytes, Access access, const void* pc) {
    const Worker* const w = worker;
    if (!w) return;
    const auto a = reinterpret_cast<std::uintptr_t>(address);
    if (a - reinterpret_cast<std::uintptr_t>(w->arena) < arena_bytes || a - device_range.base < device_range.bytes)
        check_access(address, bytes, access, false, pc);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
