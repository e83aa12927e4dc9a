// Numbers below the smallest normal one (1.2e-38 in float) cost an x86 processor a hundred times what others do: a net
// whose weights decay towards zero slows down by as much. A program may have them taken for zeros.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {

namespace detail {

// The thread's floating-point control register, and its bits that flush results and take inputs for zeros.
#if defined(__x86_64__) || defined(__i386__)
inline constexpr bool can_flush_denormal = true;
inline constexpr std::uint64_t flush_bits = 0x8040;
inline std::uint64_t float_control() { return __builtin_ia32_stmxcsr(); }
inline void set_float_control(std::uint64_t bits) { __builtin_ia32_ldmxcsr(static_cast<unsigned>(bits)); }
#elif defined(__aarch64__)
inline constexpr bool can_flush_denormal = true;
inline constexpr std::uint64_t flush_bits = 1u << 24;
inline std::uint64_t float_control() {
    std::uint64_t bits;
    asm volatile("mrs %0, fpcr" : "=r"(bits));
    return bits;
}
inline void set_float_control(std::uint64_t bits) { asm volatile("msr fpcr, %0" ::"r"(bits)); }
#else
inline constexpr bool can_flush_denormal = false;
inline constexpr std::uint64_t flush_bits = 0;
inline std::uint64_t float_control() { return 0; }
inline void set_float_control(std::uint64_t) {}
#endif

inline bool flushes_denormal() { return (float_control() & flush_bits) != 0; }

// As another thread has it, for as long as the scope lasts.
class FlushDenormalScope {
public:
    explicit FlushDenormalScope(bool on) : before_(float_control()) {
        const std::uint64_t wanted = on ? before_ | flush_bits : before_ & ~flush_bits;
        changed_ = wanted != before_;
        if (changed_) set_float_control(wanted);
    }
    FlushDenormalScope(const FlushDenormalScope&) = delete;
    FlushDenormalScope& operator=(const FlushDenormalScope&) = delete;
    ~FlushDenormalScope() {
        if (changed_) set_float_control(before_);
    }

private:
    std::uint64_t before_;
    bool changed_;
};

}  // namespace detail

// For this thread and for those that work for it in parallel_for. False where the processor cannot: then nothing
// changes.
inline bool set_flush_denormal(bool on) {
    using namespace detail;
    if (can_flush_denormal) set_float_control(on ? float_control() | flush_bits : float_control() & ~flush_bits);
    return can_flush_denormal;
}

}  // namespace fathom::inline v0
