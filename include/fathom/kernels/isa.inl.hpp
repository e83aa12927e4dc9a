// Definitions of isa.hpp.
#pragma once

#include <cstdlib>
#include <string_view>

#include "fathom/core/error.hpp"
#include "fathom/core/runtime.hpp"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

FATHOM_INLINE TileIsa best_tile_isa() {
    if (best_isa() != Isa::avx512) return TileIsa::vectors;
#if defined(__x86_64__) && defined(__linux__)
    static const TileIsa best = [] {
        unsigned a = 0, b = 0, c = 0, d = 0;
        constexpr unsigned amx = 1u << 22 | 1u << 24;            // AMX-BF16, AMX-TILE
        constexpr long request_permission = 0x1023, tiles = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
        if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & amx) == amx &&
            syscall(SYS_arch_prctl, request_permission, tiles) == 0)
            return TileIsa::amx;
        return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 5 & 1) ? TileIsa::avx512bf16 : TileIsa::vectors;
    }();
    return best;
#else
    return TileIsa::vectors;
#endif
}

namespace detail {

// What FATHOM_ISA says; not given: false.
struct IsaSetting {
    bool given = false;
    Isa isa{};
    TileIsa tiles{};
};
FATHOM_INLINE IsaSetting isa_setting() {
    const char* text = std::getenv("FATHOM_ISA");
    if (!text || !*text) return {};
    const std::string_view name = text;
    for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
        if (name == name_of(isa)) return {true, isa, TileIsa::vectors};
    for (TileIsa tiles : {TileIsa::avx512bf16, TileIsa::amx})
        if (name == name_of(tiles)) return {true, Isa::avx512, tiles};
    fail("FATHOM_ISA", {}, {"expected baseline, avx2, avx512, avx512bf16 or amx, got \"", text, "\""});
}

FATHOM_INLINE void check_tile_isa(const char* operation, TileIsa isa) {
    if (isa > best_tile_isa())
        fail(operation, {}, {"this machine has no ", name_of(isa), ", its best is ", name_of(best_tile_isa())});
}

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
    const detail::IsaSetting setting = detail::isa_setting();
    const Isa chosen = setting.given ? setting.isa : best_isa();
    detail::check_isa("FATHOM_ISA", chosen, lowest_isa());
    detail::runtime.isa.store(static_cast<int>(chosen), std::memory_order_relaxed);
    return chosen;
}

FATHOM_INLINE void set_tile_isa(TileIsa isa) {
    detail::check_tile_isa("set_tile_isa", isa);
    detail::runtime.tile_isa.store(static_cast<int>(isa), std::memory_order_relaxed);
}

FATHOM_INLINE TileIsa tile_isa() {
    if (isa() != Isa::avx512) return TileIsa::vectors;
    const int known = detail::runtime.tile_isa.load(std::memory_order_relaxed);
    if (known >= 0) [[likely]]
        return static_cast<TileIsa>(known);
    const detail::IsaSetting setting = detail::isa_setting();
    const TileIsa chosen = setting.given && setting.isa == Isa::avx512 ? setting.tiles : best_tile_isa();
    detail::check_tile_isa("FATHOM_ISA", chosen);
    detail::runtime.tile_isa.store(static_cast<int>(chosen), std::memory_order_relaxed);
    return chosen;
}

}  // namespace FATHOM_ISA_RANGE
}  // namespace fathom::inline v0
