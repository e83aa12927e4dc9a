// Loops of multiply-adds in registers: independent ones, as many as hide their latency, and chains.
namespace ceiling {

// As many sums as registers allow beside the two operands.
inline constexpr int fma_sums = vector_registers == 32 ? 24 : 12;

// Runs `rounds` multiply-adds on each of `sums` vectors, each of which waits for the one before; gives the number of
// floating-point operations.
template <class T, int sums>
double fma_rounds(std::int64_t rounds, T* sink) {
    Vec<T> sum[sums];
    FATHOM_UNROLL
    for (int i = 0; i < sums; ++i) sum[i] = splat(static_cast<T>(i));
    const Vec<T> a = splat(static_cast<T>(1 - 0x1p-10)), b = splat(static_cast<T>(0x1p-10));
    for (std::int64_t r = 0; r < rounds; ++r) {
        FATHOM_UNROLL
        for (int i = 0; i < sums; ++i) sum[i] = fma(sum[i], a, b);
    }
    Vec<T> total{};
    FATHOM_UNROLL
    for (int i = 0; i < sums; ++i) total += sum[i];
    *sink = horizontal_sum<T>(total);
    return 2.0 * static_cast<double>(rounds) * sums * lanes<T>;
}

// Independent ones: the ceiling.
template <class T>
double fma_independent(std::int64_t rounds, T* sink) {
    return fma_rounds<T, fma_sums>(rounds, sink);
}

// A chain of single numbers, as a naive loop has it: the compiler joins product and sum into one instruction where
// there is one. Apart from the chain of vectors, beside which processors lower their clock.
inline void scalar_chain(std::int64_t rounds,
                         float* sink) {  // [10]
    float sum = *sink;
    const float a = sink[1];
    for (std::int64_t r = 0; r < rounds; ++r) sum += a * sink[2 + r % 8];
    *sink = sum;
}

}  // namespace ceiling
