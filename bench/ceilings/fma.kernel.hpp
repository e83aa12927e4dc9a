// A loop of independent multiply-adds, as many as hide their latency.
namespace ceiling {

// Runs `rounds` of them, and gives the number of floating-point operations.
template <class T>
double fma_rounds(std::int64_t rounds, T* sink) {
    constexpr int sums = vector_registers == 32 ? 24 : 12;
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

}  // namespace ceiling
