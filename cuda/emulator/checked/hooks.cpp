// What g++ and clang++ call in units compiled with -fsanitize=thread, for each access to memory, each function and each
// atomic: an own, small runtime in place of the sanitizer's library. Kernel units are compiled so; this file is not.
#include <cstdint>

#include "cuda/emulator/checked/access.hpp"

namespace {

namespace emulator = fathom::emulator_checked::detail;
using emulator::Access;

[[gnu::always_inline]] inline const void* caller() { return __builtin_return_address(0); }

// Unknown to the optimizer, which would turn the checked form of memmove back into memmove, and so into an endless
// loop.
inline std::size_t no_limit() {
    std::size_t limit = SIZE_MAX;
    __asm__("" : "+r"(limit));
    return limit;
}

}  // namespace

#define FATHOM_ACCESS(name, bytes, access, aligned) \
    void __tsan_##name(void* address) { emulator::check_access(address, bytes, Access::access, aligned, caller()); }
#define FATHOM_ACCESSES(bytes)                               \
    FATHOM_ACCESS(read##bytes, bytes, read, true)            \
    FATHOM_ACCESS(write##bytes, bytes, write, true)          \
    FATHOM_ACCESS(unaligned_read##bytes, bytes, read, false) \
    FATHOM_ACCESS(unaligned_write##bytes, bytes, write, false)

// Atomics of the language, should a kernel unit have any (CUDA's own tell the checker themselves: atomics.hpp).
#define FATHOM_ATOMIC_CHANGE(bits, name)                                                                            \
    std::uint##bits##_t __tsan_atomic##bits##_##name(volatile std::uint##bits##_t* p, std::uint##bits##_t v, int) { \
        emulator::check_access(p, bits / 8, Access::atomic, true, caller());                                        \
        return __atomic_##name(p, v, __ATOMIC_SEQ_CST);                                                             \
    }
#define FATHOM_ATOMICS(bits)                                                                                          \
    std::uint##bits##_t __tsan_atomic##bits##_load(const volatile std::uint##bits##_t* p, int) {                      \
        emulator::check_access(p, bits / 8, Access::atomic, true, caller());                                          \
        return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                                  \
    }                                                                                                                 \
    void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* p, std::uint##bits##_t v, int) {                   \
        emulator::check_access(p, bits / 8, Access::write, true, caller());                                           \
        __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                                                     \
    }                                                                                                                 \
    std::uint##bits##_t __tsan_atomic##bits##_exchange(volatile std::uint##bits##_t* p, std::uint##bits##_t v, int) { \
        emulator::check_access(p, bits / 8, Access::atomic, true, caller());                                          \
        return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                                           \
    }                                                                                                                 \
    FATHOM_ATOMIC_CHANGE(bits, fetch_add)                                                                             \
    FATHOM_ATOMIC_CHANGE(bits, fetch_sub)                                                                             \
    FATHOM_ATOMIC_CHANGE(bits, fetch_and)                                                                             \
    FATHOM_ATOMIC_CHANGE(bits, fetch_or)                                                                              \
    FATHOM_ATOMIC_CHANGE(bits, fetch_xor)                                                                             \
    FATHOM_ATOMIC_CHANGE(bits, fetch_nand)                                                                            \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile std::uint##bits##_t* p, std::uint##bits##_t* expected, \
                                                      std::uint##bits##_t v, int, int) {                              \
        emulator::check_access(p, bits / 8, Access::atomic, true, caller());                                          \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                \
    }                                                                                                                 \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile std::uint##bits##_t* p, std::uint##bits##_t* expected,   \
                                                    std::uint##bits##_t v, int success, int failure) {                \
        return __tsan_atomic##bits##_compare_exchange_strong(p, expected, v, success, failure);                       \
    }                                                                                                                 \
    std::uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                                   \
        volatile std::uint##bits##_t* p, std::uint##bits##_t expected, std::uint##bits##_t v, int, int) {             \
        emulator::check_access(p, bits / 8, Access::atomic, true, caller());                                          \
        __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                      \
        return expected;                                                                                              \
    }

extern "C" {

void __tsan_init() {}

FATHOM_ACCESSES(1)
FATHOM_ACCESSES(2)
FATHOM_ACCESSES(4)
FATHOM_ACCESSES(8)
FATHOM_ACCESSES(16)

void __tsan_read_range(void* address, unsigned long bytes) {
    emulator::check_access(address, bytes, Access::read, false, caller());
}
void __tsan_write_range(void* address, unsigned long bytes) {
    emulator::check_access(address, bytes, Access::write, false, caller());
}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}

// Every function of a kernel unit: the place to see that the fibre's stack ends.
void __tsan_func_entry(void* pc) {
    emulator::Worker* const w = emulator::worker;
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (w && w->stacks.overflows(w->thread->stack, frame)) [[unlikely]]
        emulator::stack_overflow(*w, pc);
}
void __tsan_func_exit() {}

FATHOM_ATOMICS(8)
FATHOM_ATOMICS(16)
FATHOM_ATOMICS(32)
FATHOM_ATOMICS(64)
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) {}

#ifdef __GLIBC__
// Copies of structs may become these calls, which are not instrumented; a thread sanitizer intercepts them, and so does
// this: the program's definitions come before the C library's, whose checked forms do the work.
void* __memmove_chk(void*, const void*, std::size_t, std::size_t);
void* __memset_chk(void*, int, std::size_t, std::size_t);

void* memcpy(void* to, const void* from, std::size_t bytes) noexcept {
    emulator::check_copy(from, bytes, Access::read, caller());
    emulator::check_copy(to, bytes, Access::write, caller());
    return __memmove_chk(to, from, bytes, no_limit());
}
void* memmove(void* to, const void* from, std::size_t bytes) noexcept {
    emulator::check_copy(from, bytes, Access::read, caller());
    emulator::check_copy(to, bytes, Access::write, caller());
    return __memmove_chk(to, from, bytes, no_limit());
}
void* memset(void* to, int value, std::size_t bytes) noexcept {
    emulator::check_copy(to, bytes, Access::write, caller());
    return __memset_chk(to, value, bytes, no_limit());
}
#endif

}  // extern "C"
