// Float16<fraction> and float. By integer arithmetic on each ISA, so that bits agree, NaN's too; subnormals hold where
// the processor takes those of float for 0.

namespace float16_kernel {

typedef std::uint16_t Stored __attribute__((vector_size(FATHOM_VECTOR_BYTES / 2), aligned(2), may_alias));
typedef std::uint32_t Bits __attribute__((vector_size(FATHOM_VECTOR_BYTES)));

// Of numbers below 2^31.
[[gnu::always_inline]] inline Bits below(Bits a, std::int32_t limit) {
    return reinterpret_cast<Bits>(reinterpret_cast<Mask<float>>(a) < (limit - Mask<float>{}));
}
[[gnu::always_inline]] inline Bits choose(Bits mask, Bits a, Bits b) { return (mask & a) | (~mask & b); }

// What is added to a half's exponent for float's.
inline constexpr std::uint32_t half_bias = 112u << 23;

template <int fraction>
[[gnu::always_inline]] inline Vec<float> widened(const std::uint16_t* p) {
    const Bits bits = __builtin_convertvector(*reinterpret_cast<const Stored*>(p), Bits);
    if constexpr (fraction == 7) {  // the upper half of a float
        return reinterpret_cast<Vec<float>>(bits << 16);
    } else {
        const Bits sign = (bits & 0x8000) << 16, rest = (bits & 0x7fff) << 13, normal = rest + half_bias;
        // As the fraction of a number with a leading 1, which is then taken away.
        const Vec<float> with_one = reinterpret_cast<Vec<float>>(normal + (1 << 23));
        const Bits subnormal = reinterpret_cast<Bits>(with_one - splat(0x1p-14f));
        const Bits finite = choose(below(rest, 1 << 23), subnormal, normal);
        return reinterpret_cast<Vec<float>>(sign | choose(below(rest, 0x7c00 << 13), finite, normal + half_bias));
    }
}

template <int fraction>
[[gnu::always_inline]] inline void store_narrowed(std::uint16_t* p, Vec<float> v) {
    const Bits bits = reinterpret_cast<Bits>(v), sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
    constexpr int cut = 23 - fraction;
    constexpr std::uint32_t infinity = 0x7fff >> fraction << fraction, quiet = 1u << (fraction - 1);
    const Bits even = rest + ((1 << (cut - 1)) - 1) + (rest >> cut & 1);  // a carry runs on into the exponent
    Bits finite = even >> cut;
    if constexpr (fraction != 7) {
        // Numbers from 1/2 to 1 lie as far apart as half's subnormals do.
        const Vec<float> shifted = reinterpret_cast<Vec<float>>(rest) + splat(0.5f);
        finite =
            choose(below(rest, 113 << 23), reinterpret_cast<Bits>(shifted) - (126u << 23), (even - half_bias) >> cut);
        finite = choose(below(rest, 143 << 23), finite, infinity - Bits{});
    }
    const Bits result = sign | choose(below(rest, 0x7f800001), finite, (infinity | quiet) - Bits{});
    *reinterpret_cast<Stored*>(p) = __builtin_convertvector(result, Stored);
}

template <int fraction>
void widen(const std::uint16_t* in,  // [n]
           float* out,               // [n]
           std::int64_t n) {
    std::int64_t i = 0;
    for (; i + lanes<float> <= n; i += lanes<float>) store(out + i, widened<fraction>(in + i));
    if (const int rest = static_cast<int>(n - i); rest > 0) {
        std::uint16_t last[lanes<float>] = {};
        for (int j = 0; j < rest; ++j) last[j] = in[i + j];
        store_partial(out + i, widened<fraction>(last), rest);
    }
}

template <int fraction>
void narrow(const float* in,     // [n]
            std::uint16_t* out,  // [n]
            std::int64_t n) {
    std::int64_t i = 0;
    for (; i + lanes<float> <= n; i += lanes<float>) store_narrowed<fraction>(out + i, load(in + i));
    if (const int rest = static_cast<int>(n - i); rest > 0) {
        std::uint16_t last[lanes<float>];
        store_narrowed<fraction>(last, load_partial(in + i, rest));
        for (int j = 0; j < rest; ++j) out[i + j] = last[j];
    }
}

}  // namespace float16_kernel
