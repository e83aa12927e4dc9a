// The instruction set that kernels run on: the best that this machine supports, unless
// FATHOM_ISA=baseline|avx2|avx512|avx512bf16|amx or set_isa() says otherwise; the last two are AVX-512 with products of
// bfloat16. Next: simd.hpp (the vector type), foreach_isa.hpp (how one kernel body becomes three kernels), tile.hpp
// (products of bfloat16).
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

// Where a unit's own flags (-march=native) demand an ISA, that is the lowest it compiles: code for a lower one would
// not run on a lower machine anyway. So units of differing flags have functions of differing names for it. The compiled
// library has those of its own flags.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__FMA__)
#define FATHOM_LOWEST_ISA 2
#define FATHOM_ISA_RANGE avx512_only
#elif defined(__AVX2__) && defined(__FMA__)
#define FATHOM_LOWEST_ISA 1
#define FATHOM_ISA_RANGE avx2_and_above
#else
#define FATHOM_LOWEST_ISA 0
#define FATHOM_ISA_RANGE every_isa
#endif
#ifdef FATHOM_COMPILED
#undef FATHOM_ISA_RANGE
#define FATHOM_ISA_RANGE library_isa
#endif

namespace fathom::inline v0 {

// baseline: what every machine of the architecture has (SSE2 on x86-64, NEON on AArch64). avx2: AVX2 and FMA. avx512:
// F, BW, DQ and VL.
enum class Isa : std::int32_t { baseline, avx2, avx512 };

constexpr const char* name_of(Isa isa) {
    return isa == Isa::avx512 ? "avx512" : isa == Isa::avx2 ? "avx2" : "baseline";
}

// What multiplies tiles of bfloat16. vectors: the ISA's own vectors, through float. avx512bf16: VDPBF16PS. amx:
// TDPBF16PS.
enum class TileIsa : std::int32_t { vectors, avx512bf16, amx };

constexpr const char* name_of(TileIsa isa) {
    return isa == TileIsa::amx ? "amx" : isa == TileIsa::avx512bf16 ? "avx512bf16" : "vectors";
}

// The best of this machine. The first call for tiles asks the system to let this process use them.
Isa best_isa();
TileIsa best_tile_isa();

inline namespace FATHOM_ISA_RANGE {
// The lowest that was compiled in.
Isa lowest_isa();
// The one in use. Throws Error when FATHOM_ISA names none, or one that this machine lacks or that was not compiled in.
Isa isa();
// For tests and benches. Throws Error when the machine lacks it or it was not compiled in.
void set_isa(Isa isa);
// The one in use: vectors unless isa() is avx512. What computes in float or double does not depend on it.
TileIsa tile_isa();
// For tests and benches. Throws Error when the machine lacks it.
void set_tile_isa(TileIsa isa);
}  // namespace FATHOM_ISA_RANGE

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/kernels/isa.inl.hpp"
#endif
