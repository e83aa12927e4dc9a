// Loops of multiply-adds in registers: independent ones, as many as hide their latency, and chains.
namespace ceiling {

// As many sums as registers allow beside the two operands.
inline constexpr int fma_sums = vector_registers == 32 ? 24 : 12;

// Runs `rounds` multiply-adds on each of the vectors; gives the number of floating-point operations.
template <class T>
double fma_independent(std::int64_t rounds, T* sink) {
    constexpr int sums = fma_sums;
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

// A sum of products, each of which waits for the one before. It goes through the addition alone: without an instruction
// for both, products are ready by then. operands: [1 + 8 vectors]. Gives the number of floating-point operations.
template <class T>
double vector_chain(std::int64_t rounds, const T* operands, T* sink) {
    const Vec<T> a = splat(operands[0]);
    Vec<T> sum{};
    for (std::int64_t r = 0; r < rounds; ++r) sum = fma(a, load(operands + 1 + r % 8 * lanes<T>), sum);
    *sink = horizontal_sum<T>(sum);
    return 2.0 * static_cast<double>(rounds) * lanes<T>;
}

// The same of single numbers, as a naive loop has it: the compiler joins product and sum into one instruction where
// there is one. Apart from vectors, since processors lower their clock for long ones.
inline double scalar_chain(std::int64_t rounds, const float* operands, float* sink) {
    float sum = *sink;
    for (std::int64_t r = 0; r < rounds; ++r) sum += operands[0] * operands[1 + r % 8];
    *sink = sum;
    return 2.0 * static_cast<double>(rounds);
}

}  // namespace ceiling
