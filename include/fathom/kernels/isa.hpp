// The instruction set that kernels run on: the best that this machine supports, unless FATHOM_ISA=baseline|avx2|avx512
// or set_isa() says otherwise. Next: simd.hpp (the vector type), foreach_isa.hpp (how one kernel body becomes three
// kernels).
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {

// baseline: what every machine of the architecture has (SSE2 on x86-64, NEON on AArch64). avx2: AVX2 and FMA. avx512:
// F, BW, DQ and VL.
enum class Isa : std::int32_t { baseline, avx2, avx512 };

constexpr const char* name_of(Isa isa) {
    constexpr const char* names[] = {"baseline", "avx2", "avx512"};
    return names[static_cast<int>(isa)];
}

// The best of this machine.
Isa best_isa();
// The one in use. Throws Error when FATHOM_ISA names none, or one that this machine lacks.
Isa isa();
// For tests and benches. Throws Error when the machine lacks it.
void set_isa(Isa isa);

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/kernels/isa.inl.hpp"
#endif
