#include "bench/ceilings/matrix_units.hpp"

#include <cstdint>

#include "bench/support/timing.hpp"

#if defined(__x86_64__) && defined(__linux__)

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fathom::bench {

namespace {

constexpr int rounds = 1 << 13;

// Compilers' names for processor features come and go; leaf 7 of CPUID stays.
bool cpuid_bit(unsigned subleaf, bool in_eax, int bit) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, subleaf, &a, &b, &c, &d)) return false;
    return ((in_eax ? a : d) >> bit & 1) != 0;
}

// Linux keeps the tiles' 8 KB out of a process's state until it asks.
bool tiles_allowed() {
    constexpr long request = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM
    return syscall(SYS_arch_prctl, request, tile_data) == 0;
}

// Twelve sums hide the latency of VDPBF16PS; each is 16 float += 32 products.
__attribute__((target("avx512f,avx512bf16"))) void vector_rounds(float* sink) {
    constexpr int sums = 12;  // unrolled, or they would lie in memory
    __m512 sum[sums];
#pragma GCC unroll 12
    for (int i = 0; i < sums; ++i) sum[i] = _mm512_set1_ps(static_cast<float>(i));
    const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(0.5f));
    for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
        for (int i = 0; i < sums; ++i) sum[i] = _mm512_dpbf16_ps(sum[i], a, a);
    }
    __m512 total = sum[0];
#pragma GCC unroll 12
    for (int i = 1; i < sums; ++i) total = _mm512_add_ps(total, sum[i]);
    _mm512_storeu_ps(sink, total);
}

struct alignas(64) TileShapes {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};
};

// A block of 2 x 2 tiles of sums: four loads for four products, as a kernel would have them.
__attribute__((target("amx-tile,amx-bf16"))) void tile_rounds(const std::uint16_t* a, const std::uint16_t* b) {
    TileShapes shapes;
    for (int i = 0; i < 8; ++i) shapes.row_bytes[i] = 64, shapes.rows[i] = 16;
    asm volatile("" : : "r"(&shapes) : "memory");  // g++ 12 believes that only the first bytes are read
    _tile_loadconfig(&shapes);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int r = 0; r < rounds; ++r) {
        _tile_loadd(4, a, 64);
        _tile_loadd(5, a + 512, 64);
        _tile_loadd(6, b, 64);
        _tile_loadd(7, b + 512, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_release();
}

}  // namespace

double measure_vector_bf16(double seconds) {
    if (!__builtin_cpu_supports("avx512f") || !cpuid_bit(1, true, 5)) return 0;
    float sink[16];
    const double flops = 2.0 * 32 * 12 * rounds;
    return flops / measure(seconds, [&] { vector_rounds(sink); }).best;
}

double measure_tile_bf16(double seconds) {
    if (!cpuid_bit(0, false, 24) || !cpuid_bit(0, false, 22) || !tiles_allowed()) return 0;
    alignas(64) static const std::uint16_t a[1024] = {}, b[1024] = {};  // [2 tiles][16, 32]
    const double flops = 2.0 * 4 * 16 * 16 * 32 * rounds;
    return flops / measure(seconds, [&] { tile_rounds(a, b); }).best;
}

}  // namespace fathom::bench

#else

namespace fathom::bench {

double measure_vector_bf16(double) { return 0; }
double measure_tile_bf16(double) { return 0; }

}  // namespace fathom::bench

#endif
