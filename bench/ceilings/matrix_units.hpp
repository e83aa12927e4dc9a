// What bfloat16 instructions can do at most, where the machine has them: VDPBF16PS (AVX512_BF16: a vector of pairs) and
// TDPBF16PS (AMX: tiles of 16 rows of 64 bytes). On one thread; 0 where there is none. x86-64 with Linux alone.
#pragma once

namespace fathom::bench {

// FLOP/s, a multiply-add being two.
double measure_vector_bf16(double seconds);
double measure_tile_bf16(double seconds);

}  // namespace fathom::bench
