// Compiles the kernel body FATHOM_KERNEL once per way to multiply tiles of bfloat16 (isa.hpp's TileIsa): in a region
// for AMX, in one for AVX512_BF16, and in every region of foreach_isa.hpp, where products go through float. The body
// sees FATHOM_TILES: 2, 1, or nothing. Use as foreach_isa.hpp, with tile.hpp before it; FATHOM_DISPATCH_TILES calls the
// version in use. No guard: to be included once per body.
#ifndef FATHOM_KERNEL
#error "define FATHOM_KERNEL, the kernel body's path, before foreach_tile.hpp"
#endif

#ifdef __x86_64__
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

#define FATHOM_TILES 1
#define FATHOM_REGION avx512bf16
#define FATHOM_REGION_TARGET "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"
#define FATHOM_VECTOR_BYTES 64
#include "fathom/kernels/isa_region.inl.hpp"
#undef FATHOM_TILES

#define FATHOM_TILES 2
#define FATHOM_REGION amx
#define FATHOM_REGION_TARGET "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16"
#define FATHOM_VECTOR_BYTES 64
#include "fathom/kernels/isa_region.inl.hpp"
#undef FATHOM_TILES

#ifdef __clang__
#pragma clang diagnostic pop
#endif
#endif

// The other regions; simd.kernel.hpp has been through them.
#ifdef FATHOM_TILE_REGIONS_ALONE
#undef FATHOM_KERNEL
#else
#include "fathom/kernels/foreach_isa.hpp"
#endif
