// Fourier transforms of as many signals at once as a vector has lanes. Included through dft.inl.hpp, once per ISA.
// A buffer is [length][2, lanes]: real parts, then imaginary parts.

namespace dft {

inline constexpr int n = lanes<double>;
inline constexpr std::int64_t step = 2 * n;

// y[j] = sum over k of x[k] exp(-2 pi i j k / radix), in place.
template <int radix>
[[gnu::always_inline]] inline void butterfly(Vec<double>* re, Vec<double>* im) {
    if constexpr (radix == 2) {
        const Vec<double> r = re[0], i = im[0];
        re[0] = r + re[1], im[0] = i + im[1];
        re[1] = r - re[1], im[1] = i - im[1];
    } else if constexpr (radix == 3) {
        const Vec<double> half = splat(0.5), sine = splat(0.86602540378443864676);  // sqrt(3) / 2
        const Vec<double> sr = re[1] + re[2], si = im[1] + im[2], dr = sine * (re[1] - re[2]),
                          di = sine * (im[1] - im[2]);
        const Vec<double> mr = re[0] - half * sr, mi = im[0] - half * si;
        re[0] += sr, im[0] += si;
        re[1] = mr + di, im[1] = mi - dr;
        re[2] = mr - di, im[2] = mi + dr;
    } else if constexpr (radix == 4) {
        const Vec<double> ar = re[0] + re[2], ai = im[0] + im[2], br = re[0] - re[2], bi = im[0] - im[2];
        const Vec<double> cr = re[1] + re[3], ci = im[1] + im[3], dr = re[1] - re[3], di = im[1] - im[3];
        re[0] = ar + cr, im[0] = ai + ci;
        re[1] = br + di, im[1] = bi - dr;
        re[2] = ar - cr, im[2] = ai - ci;
        re[3] = br - di, im[3] = bi + dr;
    } else {
        static_assert(radix == 5);
        const Vec<double> c1 = splat(0.30901699437494742410), c2 = splat(-0.80901699437494742410),
                          s1 = splat(0.95105651629515357212), s2 = splat(0.58778525229247312917);
        const Vec<double> ar = re[1] + re[4], ai = im[1] + im[4], br = re[1] - re[4], bi = im[1] - im[4];
        const Vec<double> cr = re[2] + re[3], ci = im[2] + im[3], dr = re[2] - re[3], di = im[2] - im[3];
        const Vec<double> m1r = fma(c2, cr, fma(c1, ar, re[0])), m1i = fma(c2, ci, fma(c1, ai, im[0]));
        const Vec<double> m2r = fma(c1, cr, fma(c2, ar, re[0])), m2i = fma(c1, ci, fma(c2, ai, im[0]));
        const Vec<double> n1r = fma(s2, dr, s1 * br), n1i = fma(s2, di, s1 * bi);
        const Vec<double> n2r = s2 * br - s1 * dr, n2i = s2 * bi - s1 * di;
        re[0] += ar + cr, im[0] += ai + ci;
        re[1] = m1r + n1i, im[1] = m1i - n1r;
        re[4] = m1r - n1i, im[4] = m1i + n1r;
        re[2] = m2r + n2i, im[2] = m2i - n2r;
        re[3] = m2r - n2i, im[3] = m2i + n2r;
    }
}

template <int radix>
void run_pass(const DftPlan::Pass& pass, const double* twiddles, const double* x, double* y) {
    const std::int64_t s = pass.stride;
    for (std::int64_t p = 0; p < pass.groups; ++p) {
        const double* w = twiddles + p * (radix - 1) * 2;
        for (std::int64_t q = 0; q < s; ++q) {
            Vec<double> re[radix], im[radix];
            FATHOM_UNROLL
            for (int k = 0; k < radix; ++k) {
                const double* from = x + (q + s * (p + pass.groups * k)) * step;
                re[k] = load(from), im[k] = load(from + n);
            }
            butterfly<radix>(re, im);
            double* to = y + (q + s * radix * p) * step;
            store(to, re[0]), store(to + n, im[0]);
            FATHOM_UNROLL
            for (int j = 1; j < radix; ++j) {
                const Vec<double> wr = splat(w[2 * j - 2]), wi = splat(w[2 * j - 1]);
                store(to + s * j * step, wr * re[j] - wi * im[j]);
                store(to + s * j * step + n, fma(wr, im[j], wi * re[j]));
            }
        }
    }
}

// The transform by mixed radix; the result is in the buffer that is returned.
inline double* run_passes(const DftPlan& plan,
                          double* x,        // [length][2, lanes]
                          double* other) {  // [length][2, lanes]
    for (const DftPlan::Pass& pass : plan.passes) {
        const double* w = plan.twiddles.data() + pass.twiddles;
        if (pass.radix == 2) run_pass<2>(pass, w, x, other);
        if (pass.radix == 3) run_pass<3>(pass, w, x, other);
        if (pass.radix == 4) run_pass<4>(pass, w, x, other);
        if (pass.radix == 5) run_pass<5>(pass, w, x, other);
        std::swap(x, other);
    }
    return x;
}

// to = from w, of complex numbers; real and imaginary part of the result are exchanged where the next transform shall
// be an inverse one: DFT^-1(x) is DFT(x') ' n^-1, ' being that exchange.
template <bool exchange>
[[gnu::always_inline]] inline void multiply(const double* from, const double* w, double* to) {
    const Vec<double> re = load(from), im = load(from + n), wr = splat(w[0]), wi = splat(w[1]);
    store(to + (exchange ? n : 0), wr * re - wi * im);
    store(to + (exchange ? 0 : n), fma(wr, im, wi * re));
}

// The transform of a plan's length; the result is in the buffer that is returned.
inline double* transform(const DftPlan& plan,
                         double* x,        // [buffer_length][2, lanes]
                         double* other) {  // [buffer_length][2, lanes]
    if (!plan.inner) return run_passes(plan, x, other);
    const DftPlan& inner = *plan.inner;
    const double *chirp = plan.chirp.data(), *spectrum = plan.chirp_spectrum.data();
    for (std::int64_t k = 0; k < plan.length; ++k) multiply<false>(x + k * step, chirp + 2 * k, x + k * step);
    for (std::int64_t i = plan.length * step; i < inner.length * step; ++i) x[i] = 0;
    double* y = run_passes(inner, x, other);
    for (std::int64_t k = 0; k < inner.length; ++k) multiply<true>(y + k * step, spectrum + 2 * k, y + k * step);
    y = run_passes(inner, y, y == x ? other : x);
    for (std::int64_t k = 0; k < plan.length; ++k) {
        double* at = y + k * step;
        const Vec<double> exchanged = load(at);
        store(at, load(at + n));
        store(at + n, exchanged);
        multiply<false>(at, chirp + 2 * k, at);
    }
    return y;
}

inline std::int64_t buffer_length(const DftPlan& plan) { return plan.inner ? plan.inner->length : plan.length; }

// One signal of pairs, in place: of use where a plan is made.
inline void transform_one(const DftPlan& plan, double* x) {  // [length, 2]
    const Scratch memory(plan.length * step * 2 * std::int64_t{sizeof(double)}, "dft");
    double* in = memory.as<double>();
    for (std::int64_t k = 0; k < plan.length; ++k)
        for (int lane = 0; lane < n; ++lane) in[k * step + lane] = x[2 * k], in[k * step + n + lane] = x[2 * k + 1];
    const double* out = run_passes(plan, in, in + plan.length * step);
    for (std::int64_t k = 0; k < plan.length; ++k) x[2 * k] = out[k * step], x[2 * k + 1] = out[k * step + n];
}

// f(lane, k) for all lanes and all k below count: some columns at a time, whose pixels share cache lines in the buffer.
template <class F>
[[gnu::always_inline]] inline void for_pixels(int lane_count, std::int64_t count, F f) {
    constexpr std::int64_t together = 16;
    for (std::int64_t first = 0; first < count; first += together) {
        const std::int64_t last = first + together < count ? first + together : count;
        for (int lane = 0; lane < lane_count; ++lane)
            for (std::int64_t k = first; k < last; ++k) f(lane, k);
    }
}

// Rows, transformed in place. With a and b exchanged it is the inverse, times its length.
inline void transform_rows(const DftPlan& plan, double* a, double* b, std::int64_t rows, double* x, double* other) {
    const std::int64_t columns = plan.length;
    for (std::int64_t first = 0; first < rows; first += n) {
        const int some = rows - first < n ? static_cast<int>(rows - first) : n;
        double *p = a + first * columns, *q = b + first * columns;
        if (some < n)
            for (std::int64_t i = 0; i < columns * step; ++i) x[i] = 0;
        for_pixels(some, columns, [=](int lane, std::int64_t k) {
            x[k * step + lane] = p[lane * columns + k], x[k * step + n + lane] = q[lane * columns + k];
        });
        const double* y = transform(plan, x, other);
        for_pixels(some, columns, [=](int lane, std::int64_t k) {
            p[lane * columns + k] = y[k * step + lane], q[lane * columns + k] = y[k * step + n + lane];
        });
    }
}

// Columns, transformed, filtered and transformed back, a few at a time while they are in the cache.
inline void filter_columns(const DftPlan& plan, double* a, double* b, std::int64_t columns, const double* filter,
                           double* x, double* other) {
    const std::int64_t rows = plan.length, half = columns / 2 + 1;
    const double scale = 1 / (static_cast<double>(rows) * static_cast<double>(columns));
    for (std::int64_t first = 0; first < columns; first += n) {
        const int some = columns - first < n ? static_cast<int>(columns - first) : n;
        for (std::int64_t k = 0; k < rows; ++k) {
            store(x + k * step, load_some(a + k * columns + first, some));
            store(x + k * step + n, load_some(b + k * columns + first, some));
        }
        double* y = transform(plan, x, other);
        for (std::int64_t k = 0; k < rows; ++k) {
            const double* row = filter + (k < rows - k ? k : rows - k) * half;
            double factors[n];
            for (int lane = 0; lane < n; ++lane) {
                const std::int64_t v = lane < some ? first + lane : 0;
                factors[lane] = scale * row[v < columns - v ? v : columns - v];
            }
            const Vec<double> factor = load(factors), re = load(y + k * step), im = load(y + k * step + n);
            store(y + k * step, factor * im);  // exchanged for the way back
            store(y + k * step + n, factor * re);
        }
        y = transform(plan, y, y == x ? other : x);
        for (std::int64_t k = 0; k < rows; ++k) {
            store_some(a + k * columns + first, load(y + k * step + n), some);
            store_some(b + k * columns + first, load(y + k * step), some);
        }
    }
}

inline void filter(const DftPlan& along_rows, const DftPlan& along_columns,
                   double* a,               // [rows, columns]
                   double* b,               // [rows, columns]
                   const double* filter) {  // [rows / 2 + 1, columns / 2 + 1]
    const std::int64_t rows = along_columns.length, columns = along_rows.length, p = buffer_length(along_rows),
                       q = buffer_length(along_columns), longest = p < q ? q : p;
    const Scratch memory(longest * step * 2 * std::int64_t{sizeof(double)}, "dft");
    double *x = memory.as<double>(), *other = x + longest * step;
    transform_rows(along_rows, a, b, rows, x, other);
    filter_columns(along_columns, a, b, columns, filter, x, other);
    transform_rows(along_rows, b, a, rows, x, other);  // exchanged: the inverse
}

}  // namespace dft
