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

FATHOM_INLINE void set_isa(Isa isa) {
    if (isa > best_isa())
        fail("set_isa", {}, {"this machine has no ", name_of(isa), ", its best is ", name_of(best_isa())});
    detail::runtime.isa.store(static_cast<int>(isa), std::memory_order_relaxed);
}

FATHOM_INLINE Isa isa() {
    const int known = detail::runtime.isa.load(std::memory_order_relaxed);
    if (known >= 0) [[likely]]
        return static_cast<Isa>(known);
    Isa chosen = best_isa();
    if (const char* text = std::getenv("FATHOM_ISA"); text && *text) {
        const std::string_view name = text;
        bool found = false;
        for (Isa candidate : {Isa::baseline, Isa::avx2, Isa::avx512})
            if (name == name_of(candidate)) chosen = candidate, found = true;
        if (!found) fail("FATHOM_ISA", {}, {"expected baseline, avx2 or avx512, got \"", text, "\""});
        if (chosen > best_isa())
            fail("FATHOM_ISA", {}, {"this machine has no ", name_of(chosen), ", its best is ", name_of(best_isa())});
    }
    detail::runtime.isa.store(static_cast<int>(chosen), std::memory_order_relaxed);
    return chosen;
}

}  // namespace fathom::inline v0
