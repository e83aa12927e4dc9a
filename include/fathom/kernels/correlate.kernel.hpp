// Correlations along and down rows. Included through correlate.inl.hpp, once per ISA.

namespace correlate {

// Sums of as many vectors as hide the latency of a multiply-add. at(k): where tap k's numbers begin.
template <class At>
[[gnu::always_inline]] inline void weighted_sums(At at, const double* weights, int taps, std::int64_t count,
                                                 double* out) {
    constexpr int n = lanes<double>, block = 4;
    std::int64_t i = 0;
    for (; i + block * n <= count; i += block * n) {
        Vec<double> sums[block] = {};
        for (int k = 0; k < taps; ++k) {
            const Vec<double> w = splat(weights[k]);
            const double* from = at(k) + i;
            FATHOM_UNROLL
            for (int b = 0; b < block; ++b) sums[b] = fma(w, load(from + b * n), sums[b]);
        }
        FATHOM_UNROLL
        for (int b = 0; b < block; ++b) store(out + i + b * n, sums[b]);
    }
    for (; i < count; i += n) {
        const int some = count - i < n ? static_cast<int>(count - i) : n;
        Vec<double> sum{};
        for (int k = 0; k < taps; ++k) sum = fma(splat(weights[k]), load_some(at(k) + i, some), sum);
        store_some(out + i, sum, some);
    }
}

inline void along_row(const double* in,       // [count + taps - 1]
                      const double* weights,  // [taps]
                      int taps, std::int64_t count,
                      double* out) {  // [count]
    weighted_sums([in](int k) { return in + k; }, weights, taps, count, out);
}

inline void down_rows(const double* const* rows,  // [taps][count]
                      const double* weights,      // [taps]
                      int taps, std::int64_t count,
                      double* out) {  // [count]
    weighted_sums([rows](int k) { return rows[k]; }, weights, taps, count, out);
}

}  // namespace correlate
