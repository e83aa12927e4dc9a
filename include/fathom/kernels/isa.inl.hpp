// Definitions of isa.hpp.
#pragma once

#include <cstdlib>
#include <string_view>

#include "fathom/core/error.hpp"
#include "fathom/core/runtime.hpp"

namespace fathom::inline v0 {

// clang 14 knows no __builtin_cpu_supports("x86-64-v4"): single features.
FATHOM_INLINE Isa best_isa() {
#ifdef __x86_64__
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Isa::baseline;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return Isa::avx2;
    return Isa::avx512;
#else
    return Isa::baseline;
#endif
}

namespace detail {

FATHOM_INLINE void check_isa(const char* operation, Isa isa, Isa lowest) {
    if (isa > best_isa())
        fail(operation, {}, {"this machine has no ", name_of(isa), ", its best is ", name_of(best_isa())});
    if (isa < lowest)
        fail(operation, {},
             {name_of(isa), " was not compiled in: the compiler's flags (-march=...) demand ", name_of(lowest)});
}

}  // namespace detail

inline namespace FATHOM_ISA_RANGE {

FATHOM_INLINE Isa lowest_isa() { return static_cast<Isa>(FATHOM_LOWEST_ISA); }

FATHOM_INLINE void set_isa(Isa isa) {
    detail::check_isa("set_isa", isa, lowest_isa());
    detail::runtime.isa.store(static_cast<int>(isa), std::memory_order_relaxed);
}

FATHOM_INLINE Isa isa() {
    const int known = detail::runtime.isa.load(std::memory_order_relaxed);
    if (known >= FATHOM_LOWEST_ISA) [[likely]]
        return static_cast<Isa>(known);
    if (known >= 0) detail::check_isa("isa", static_cast<Isa>(known), lowest_isa());  // a unit of other flags chose it
    Isa chosen = best_isa();
    if (const char* text = std::getenv("FATHOM_ISA"); text && *text) {
        const std::string_view name = text;
        bool found = false;
        for (Isa candidate : {Isa::baseline, Isa::avx2, Isa::avx512})
            if (name == name_of(candidate)) chosen = candidate, found = true;
        if (!found) fail("FATHOM_ISA", {}, {"expected baseline, avx2 or avx512, got \"", text, "\""});
    }
    detail::check_isa("FATHOM_ISA", chosen, lowest_isa());
    detail::runtime.isa.store(static_cast<int>(chosen), std::memory_order_relaxed);
    return chosen;
}

}  // namespace FATHOM_ISA_RANGE
}  // namespace fathom::inline v0
