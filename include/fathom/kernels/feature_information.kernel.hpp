// Distributions over windows of nine pixels, as many windows at once as a vector has lanes. Included through
// feature_information.inl.hpp, once per ISA.

namespace feature_information {

using Numbers = Vec<double>;

// The sum of x log(x) over nine numbers from 0 to 1, each logarithm to 1e-14; 0 of 0. With x = 2^e m, m from sqrt(1/2)
// to sqrt(2):
//   log(x) = e ln 2 + 2 artanh(s), s = (m - 1) / (m + 1), by its series
// One division serves all nine, by the products of all denominators up to each.
[[gnu::always_inline]] inline Numbers sum_times_log(const Numbers* x) {  // [9]
    typedef std::uint64_t Bits __attribute__((vector_size(FATHOM_VECTOR_BYTES)));
    constexpr std::uint64_t root = 0x3FE6A09E667F3BCD, one_bits = std::uint64_t{1023} << 52;  // of sqrt(1/2) and 1
    const Numbers one = splat(1.0);
    Numbers m[9], exponent[9], up_to[9];
    FATHOM_UNROLL
    for (int k = 0; k < 9; ++k) {
        const auto bits = reinterpret_cast<Bits>(x[k]);
        const Bits biased = (bits + (one_bits - root)) >> 52;  // e + 1023
        m[k] = reinterpret_cast<Numbers>(bits - (biased << 52) + one_bits);
        // To double by way of 1.5 2^52, whose last bits are whole ones.
        exponent[k] =
            reinterpret_cast<Numbers>(biased + std::uint64_t{0x4338000000000000}) - splat(6755399441055744.0 + 1023);
        up_to[k] = k == 0 ? m[0] + one : up_to[k - 1] * (m[k] + one);
    }
    Numbers inverse = one / up_to[8], sum{};
    FATHOM_UNROLL
    for (int k = 8; k >= 0; --k) {
        const Numbers reciprocal = k == 0 ? inverse : inverse * up_to[k - 1];
        inverse *= m[k] + one;
        const Numbers s = (m[k] - one) * reciprocal, z = s * s;
        Numbers series = splat(1.0 / 19);
        FATHOM_UNROLL
        for (int n = 17; n >= 1; n -= 2) series = fma(series, z, splat(1.0 / n));
        sum = fma(x[k], fma(exponent[k], splat(0.69314718055994530942), (s + s) * series), sum);
    }
    return sum;
}

// What is made of an image's window.
enum Statistic { entropy, deviation, spread, statistics };

[[gnu::always_inline]] inline void distribution(const double* const* rows,  // [3]
                                                std::int64_t x, int some,
                                                Numbers* p,     // [9]: pixels column by column
                                                Numbers* cdf,   // [10]: 0, then the sums of p
                                                Numbers* of) {  // [statistics]
    FATHOM_UNROLL
    for (int i = 0; i < 9; ++i) p[i] = load_some(rows[i % 3] + x + i / 3, some);
    Numbers least = p[0];
    FATHOM_UNROLL
    for (int i = 1; i < 9; ++i) least = min(least, p[i]);
    Numbers sum{};
    FATHOM_UNROLL
    for (int i = 0; i < 9; ++i) p[i] -= least, sum += p[i];
    const Numbers ninth = splat(1.0 / 9);
    const Mask<double> even = sum == Numbers{};
    const Numbers scale = splat(1.0) / select(even, splat(1.0), sum);
    Numbers mean{}, squares{}, distances{};
    cdf[0] = Numbers{};
    FATHOM_UNROLL
    for (int i = 0; i < 9; ++i) {
        p[i] = select(even, ninth, p[i] * scale);
        cdf[i + 1] = cdf[i] + p[i];
        mean = fma(splat(static_cast<double>(i)), p[i], mean);
        squares = fma(splat(static_cast<double>(i * i)), p[i], squares);
        distances = fma(p[i] - ninth, p[i] - ninth, distances);
    }
    of[entropy] = negate(sum_times_log(p));
    of[deviation] = sqrt(max(squares - mean * mean, Numbers{}));
    of[spread] = select(even, Numbers{}, sqrt(distances));
}

// 2 I / (H + H) of a source's window and the fused image's.
[[gnu::always_inline]] inline Numbers shared(const Numbers* p, const Numbers* p_cdf, const Numbers* of_p,
                                             const Numbers* q, const Numbers* q_cdf, const Numbers* of_q) {
    const Numbers ninth = splat(1.0 / 9), one = splat(1.0), zero{};
    Numbers products{}, differences{};
    FATHOM_UNROLL
    for (int i = 0; i < 9; ++i) {
        products = fma(p[i] - ninth, q[i] - ninth, products);
        differences += abs(p[i] - q[i]);
    }
    // The extreme joint distribution has p's pixel i from p_cdf[i] to p_cdf[i + 1], and q's likewise, or from the other
    // end: what both have is where these intervals meet.
    const Mask<double> opposite = products < zero;
    Numbers low[9], high[9], covariance{};
    FATHOM_UNROLL
    for (int j = 0; j < 9; ++j) {
        low[j] = select(opposite, one - q_cdf[j + 1], q_cdf[j]);
        high[j] = select(opposite, one - q_cdf[j], q_cdf[j + 1]);
    }
    // Hoeffding: the covariance of the pixels' numbers is the sum of what the joint distribution function differs by
    // from that of independent ones.
    for (int i = 1; i < 9; ++i) {
        FATHOM_UNROLL
        for (int j = 1; j < 9; ++j) {
            const Numbers together = select(opposite, max(p_cdf[i] + q_cdf[j] - one, zero), min(p_cdf[i], q_cdf[j]));
            covariance += together - p_cdf[i] * q_cdf[j];
        }
    }
    const Numbers most = of_p[spread] * of_q[spread] * covariance;
    const Mask<double> related = most != zero;
    const Numbers ratio = products * (of_p[deviation] * of_q[deviation]) / select(related, most, one);
    const Numbers phi = select(related, min(max(ratio, zero), one), zero), rest = one - phi;
    Numbers joint{};
    for (int i = 0; i < 9; ++i) {
        const Numbers from = p_cdf[i], to = p_cdf[i + 1], weight = rest * p[i];
        Numbers cells[9];
        FATHOM_UNROLL
        for (int j = 0; j < 9; ++j) {
            const Numbers extreme = max(min(to, high[j]) - max(from, low[j]), zero);
            cells[j] = fma(phi, extreme, weight * q[j]);
        }
        joint -= sum_times_log(cells);
    }
    const Numbers both = of_p[entropy] + of_q[entropy];
    const Mask<double> known = both > zero;
    const Numbers value = select(known, (both - joint) / select(known, both, one), zero);
    return select(differences == zero, one, value + value);
}

inline void both_sources(const double* const* sources,  // [2 * 3][count + 2]
                         const double* const* fused,    // [3][count + 2]
                         std::int64_t count,
                         double* out) {  // [count]
    for (std::int64_t x = 0; x < count; x += lanes<double>) {
        const int some = count - x < lanes<double> ? static_cast<int>(count - x) : lanes<double>;
        Numbers q[9], q_cdf[10], of_q[statistics], p[9], p_cdf[10], of_p[statistics], sum{};
        distribution(fused, x, some, q, q_cdf, of_q);
        for (int s = 0; s < 2; ++s) {
            distribution(sources + 3 * s, x, some, p, p_cdf, of_p);
            sum += shared(p, p_cdf, of_p, q, q_cdf, of_q);
        }
        store_some(out + x, sum, some);
    }
}

}  // namespace feature_information
