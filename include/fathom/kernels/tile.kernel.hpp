// Eight tiles, used as registers whose numbers are known at compile time (sums in 0 to 3, operands in 4 to 7), and
// bfloat16 in and out of vectors. Included through tile.hpp, once per way to multiply.

// ---- bfloat16 as its bits.

typedef std::uint16_t Bfloat16Lanes __attribute__((vector_size(FATHOM_VECTOR_BYTES / 2), aligned(2), may_alias));
typedef std::uint32_t FloatBits __attribute__((vector_size(FATHOM_VECTOR_BYTES)));

[[gnu::always_inline]] inline Vec<float> load_bfloat16(const std::uint16_t* p) {
    return reinterpret_cast<Vec<float>>(__builtin_convertvector(*reinterpret_cast<const Bfloat16Lanes*>(p), FloatBits)
                                        << 16);
}

// To the nearest, ties to even; NaN stays NaN.
[[gnu::always_inline]] inline Bfloat16Lanes to_bfloat16(Vec<float> v) {
#ifdef FATHOM_TILES
    Bfloat16Lanes rounded;
    asm("vcvtneps2bf16 %1, %0" : "=v"(rounded) : "v"(v));
    return rounded;
#else
    const FloatBits bits = reinterpret_cast<FloatBits>(v), nan = reinterpret_cast<FloatBits>(is_nan(v));
    const FloatBits rounded = bits + 0x7fff + (bits >> 16 & 1);
    return __builtin_convertvector(((nan & (bits | 0x400000)) | (~nan & rounded)) >> 16, Bfloat16Lanes);
#endif
}
[[gnu::always_inline]] inline void store_bfloat16(std::uint16_t* p, Vec<float> v) {
    *reinterpret_cast<Bfloat16Lanes*>(p) = to_bfloat16(v);
}

// v, or slope * v where that is more: a leaky ReLU for a slope from 0 to 1. One instruction where compilers make two of
// a comparison.
[[gnu::always_inline]] inline Vec<float> leaky_relu(Vec<float> v, float slope) {
    const Vec<float> scaled = v * splat(slope);
#ifdef FATHOM_TILES
    Vec<float> most;
    asm("vmaxps %2, %1, %0" : "=v"(most) : "v"(v), "v"(scaled));
    return most;
#else
    return max(v, scaled);
#endif
}

// ---- Tiles.

#if defined(FATHOM_TILES) && FATHOM_TILES == 2

// AMX. The compilers' intrinsics take literals alone, so the instructions are spelled out; nothing else uses the
// hardware's tiles. A thread calls begin() before its first product and end() after the last: until then the system
// would save 8 KB of tiles at each switch.
struct Tiles {
    static void begin() {
        struct alignas(64) Configuration {
            std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
            std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
            std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
        };
        static constexpr Configuration configuration;
        asm volatile("ldtilecfg %0" ::"m"(configuration));
    }
    static void end() { asm volatile("tilerelease"); }

    // Each pixel's sums start as the 16 numbers at p. What was stored before is in memory then ("memory"), for take
    // too.
    template <int sums>
    [[gnu::always_inline]] void start(const float* p) {
        asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(p), "r"(std::int64_t{0}), "i"(sums) : "memory");
    }
    // They start as [16 pixels][16 outputs].
    template <int sums>
    [[gnu::always_inline]] void get(const float* p) {
        asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(p), "r"(std::int64_t{64}), "i"(sums) : "memory");
    }
    // `step` elements from one of its 16 rows to the next.
    template <int operand>
    [[gnu::always_inline]] void take(const std::uint16_t* p, std::int64_t step = tile_channels) {
        asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(p), "r"(2 * step), "i"(operand));
    }
    template <int sums, int pixels, int weights>
    [[gnu::always_inline]] void multiply() {
        asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(sums), "i"(pixels), "i"(weights));
    }
    template <int sums>
    [[gnu::always_inline]] void put(float* p) {  // [16 pixels][16 outputs]
        asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(p), "r"(std::int64_t{64}), "i"(sums) : "memory");
    }
};

#else

// The sums are memory, an operand is where it lies.
struct Tiles {
    alignas(64) float sums_[4][tile_pixels * tile_outputs];  // [16 pixels][16 outputs]
    const std::uint16_t* operands_[8];
    std::int64_t steps_[8];

    static void begin() {}
    static void end() {}

    template <int sums>
    void start(const float* p) {
        for (int m = 0; m < tile_pixels; ++m)
            for (int n = 0; n < tile_outputs; ++n) sums_[sums][m * tile_outputs + n] = p[n];
    }
    template <int sums>
    void get(const float* p) {  // [16 pixels][16 outputs]
        for (int i = 0; i < tile_pixels * tile_outputs; ++i) sums_[sums][i] = p[i];
    }
    template <int operand>
    void take(const std::uint16_t* p, std::int64_t step = tile_channels) {
        operands_[operand] = p, steps_[operand] = step;
    }
    template <int sums, int pixels, int weights>
    void multiply() {
        add_product(operands_[pixels], steps_[pixels], operands_[weights], sums_[sums]);
    }
    template <int sums>
    void put(float* p) {  // [16 pixels][16 outputs]
        for (int i = 0; i < tile_pixels * tile_outputs; ++i) p[i] = sums_[sums][i];
    }

private:
#ifdef FATHOM_TILES
    // All sums in registers; a pair of a pixel's channels is broadcast from memory.
    [[gnu::noinline]] static void add_product(const std::uint16_t* x,  // [16 pixels][16 pairs][2]
                                              std::int64_t step,       // of x, from pixel to pixel
                                              const std::uint16_t* w,  // [16 pairs][16 outputs][2]
                                              float* sums) {           // [16 pixels][16 outputs]
        typedef std::int32_t Pair __attribute__((may_alias));
        Vec<float> sum[tile_pixels];
        FATHOM_UNROLL
        for (int m = 0; m < tile_pixels; ++m) sum[m] = load(sums + m * tile_outputs);
        for (int k = 0; k < tile_channels; k += 2) {
            const Vec<float> weights = load(reinterpret_cast<const float*>(w + k * tile_outputs));
            FATHOM_UNROLL
            for (int m = 0; m < tile_pixels; ++m)
                asm("vdpbf16ps %2%{1to16%}, %1, %0"
                    : "+v"(sum[m])
                    : "v"(weights), "m"(*reinterpret_cast<const Pair*>(x + m * step + k)));
        }
        FATHOM_UNROLL
        for (int m = 0; m < tile_pixels; ++m) store(sums + m * tile_outputs, sum[m]);
    }
#else
    // Through float: the even channels of 16 outputs are the lower halves of their pairs, the odd ones the upper.
    [[gnu::noinline]] static void add_product(const std::uint16_t* x,  // [16 pixels][16 pairs][2]
                                              std::int64_t step,       // of x, from pixel to pixel
                                              const std::uint16_t* w,  // [16 pairs][16 outputs][2]
                                              float* sums) {           // [16 pixels][16 outputs]
        typedef FloatBits Pairs __attribute__((aligned(2), may_alias));
        constexpr int pixels = 4;  // at once
        for (int m = 0; m < tile_pixels; m += pixels)
            for (int n = 0; n < tile_outputs; n += lanes<float>) {
                Vec<float> sum[pixels];
                FATHOM_UNROLL
                for (int i = 0; i < pixels; ++i) sum[i] = load(sums + (m + i) * tile_outputs + n);
                for (int k = 0; k < tile_channels; k += 2) {
                    const FloatBits pairs = *reinterpret_cast<const Pairs*>(w + k * tile_outputs + 2 * n);
                    const Vec<float> even = reinterpret_cast<Vec<float>>(pairs << 16),
                                     odd = reinterpret_cast<Vec<float>>(pairs & 0xffff0000u);
                    FATHOM_UNROLL
                    for (int i = 0; i < pixels; ++i) {
                        const std::uint16_t* pixel = x + (m + i) * step + k;
                        sum[i] = fma(splat(to_float(pixel[0])), even, sum[i]);
                        sum[i] = fma(splat(to_float(pixel[1])), odd, sum[i]);
                    }
                }
                FATHOM_UNROLL
                for (int i = 0; i < pixels; ++i) store(sums + (m + i) * tile_outputs + n, sum[i]);
            }
    }
    static float to_float(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
#endif
};

#endif
