// Fourier transforms of several signals at once. Included through dft.inl.hpp, once per ISA.
// A buffer is [2, length, width]: the real parts of `width` signals, then their imaginary parts, `plane` elements on.

namespace dft {

// y[j] = sum over k of x[k] exp(-2 pi i j k / radix), in place.
template <class T, int radix>
[[gnu::always_inline]] inline void butterfly(Vec<T>* re, Vec<T>* im) {
    if constexpr (radix == 2) {
        const Vec<T> r = re[0], i = im[0];
        re[0] = r + re[1], im[0] = i + im[1];
        re[1] = r - re[1], im[1] = i - im[1];
    } else if constexpr (radix == 3) {
        const Vec<T> half = splat(T(0.5)), sine = splat(T(0.86602540378443864676));  // sqrt(3) / 2
        const Vec<T> sr = re[1] + re[2], si = im[1] + im[2], dr = sine * (re[1] - re[2]), di = sine * (im[1] - im[2]);
        const Vec<T> mr = re[0] - half * sr, mi = im[0] - half * si;
        re[0] += sr, im[0] += si;
        re[1] = mr + di, im[1] = mi - dr;
        re[2] = mr - di, im[2] = mi + dr;
    } else if constexpr (radix == 4) {
        const Vec<T> ar = re[0] + re[2], ai = im[0] + im[2], br = re[0] - re[2], bi = im[0] - im[2];
        const Vec<T> cr = re[1] + re[3], ci = im[1] + im[3], dr = re[1] - re[3], di = im[1] - im[3];
        re[0] = ar + cr, im[0] = ai + ci;
        re[1] = br + di, im[1] = bi - dr;
        re[2] = ar - cr, im[2] = ai - ci;
        re[3] = br - di, im[3] = bi + dr;
    } else {
        static_assert(radix == 5);
        const Vec<T> c1 = splat(T(0.30901699437494742410)), c2 = splat(T(-0.80901699437494742410)),
                     s1 = splat(T(0.95105651629515357212)), s2 = splat(T(0.58778525229247312917));
        const Vec<T> ar = re[1] + re[4], ai = im[1] + im[4], br = re[1] - re[4], bi = im[1] - im[4];
        const Vec<T> cr = re[2] + re[3], ci = im[2] + im[3], dr = re[2] - re[3], di = im[2] - im[3];
        const Vec<T> m1r = fma(c2, cr, fma(c1, ar, re[0])), m1i = fma(c2, ci, fma(c1, ai, im[0]));
        const Vec<T> m2r = fma(c1, cr, fma(c2, ar, re[0])), m2i = fma(c1, ci, fma(c2, ai, im[0]));
        const Vec<T> n1r = fma(s2, dr, s1 * br), n1i = fma(s2, di, s1 * bi);
        const Vec<T> n2r = s2 * br - s1 * dr, n2i = s2 * bi - s1 * di;
        re[0] += ar + cr, im[0] += ai + ci;
        re[1] = m1r + n1i, im[1] = m1i - n1r;
        re[4] = m1r - n1i, im[4] = m1i + n1r;
        re[2] = m2r + n2i, im[2] = m2i - n2r;
        re[3] = m2r - n2i, im[3] = m2i + n2r;
    }
}

// `some` butterflies side by side, those of one twiddle factor w^j per output.
template <class T, int radix>
[[gnu::always_inline]] inline void butterflies(const T* x, std::int64_t x_step, T* y, std::int64_t y_step,
                                               std::int64_t plane, const Vec<T>* wr, const Vec<T>* wi, int some) {
    Vec<T> re[radix], im[radix];
    FATHOM_UNROLL
    for (int k = 0; k < radix; ++k)
        re[k] = load_some(x + x_step * k, some), im[k] = load_some(x + x_step * k + plane, some);
    butterfly<T, radix>(re, im);
    store_some(y, re[0], some), store_some(y + plane, im[0], some);
    FATHOM_UNROLL
    for (int j = 1; j < radix; ++j) {
        store_some(y + y_step * j, wr[j] * re[j] - wi[j] * im[j], some);
        store_some(y + y_step * j + plane, fma(wr[j], im[j], wi[j] * re[j]), some);
    }
}

template <class T, int radix>
void run_pass(const DftPlan::Pass& pass, std::int64_t width, std::int64_t plane, const double* twiddles, const T* x,
              T* y) {
    const std::int64_t s = pass.stride * width, x_step = s * pass.groups;
    for (std::int64_t p = 0; p < pass.groups; ++p) {
        const double* w = twiddles + p * (radix - 1) * 2;
        Vec<T> wr[radix], wi[radix];
        FATHOM_UNROLL
        for (int j = 1; j < radix; ++j)
            wr[j] = splat(static_cast<T>(w[2 * j - 2])), wi[j] = splat(static_cast<T>(w[2 * j - 1]));
        const T* from = x + s * p;
        T* to = y + s * radix * p;
        std::int64_t q = 0;
        for (; q + lanes<T> <= s; q += lanes<T>)
            butterflies<T, radix>(from + q, x_step, to + q, s, plane, wr, wi, lanes<T>);
        if (q < s) butterflies<T, radix>(from + q, x_step, to + q, s, plane, wr, wi, static_cast<int>(s - q));
    }
}

// The transform by mixed radix; the result is in the buffer that is returned.
template <class T>
T* run_passes(const DftPlan& plan, std::int64_t width, std::int64_t plane,
              T* x,        // [2, length, width]
              T* other) {  // [2, length, width]
    for (const DftPlan::Pass& pass : plan.passes) {
        const double* w = plan.twiddles.data() + pass.twiddles;
        if (pass.radix == 2) run_pass<T, 2>(pass, width, plane, w, x, other);
        if (pass.radix == 3) run_pass<T, 3>(pass, width, plane, w, x, other);
        if (pass.radix == 4) run_pass<T, 4>(pass, width, plane, w, x, other);
        if (pass.radix == 5) run_pass<T, 5>(pass, width, plane, w, x, other);
        std::swap(x, other);
    }
    return x;
}

// x[k] w[k] for k below `count`, in place.
template <class T>
void multiply(std::int64_t count, std::int64_t width, std::int64_t plane, const double* w,
              T* x) {  // [2, length, width]
    for (std::int64_t k = 0; k < count; ++k) {
        const Vec<T> wr = splat(static_cast<T>(w[2 * k])), wi = splat(static_cast<T>(w[2 * k + 1]));
        for (std::int64_t q = k * width; q < (k + 1) * width; q += lanes<T>) {
            const std::int64_t left = (k + 1) * width - q;
            const int some = left < lanes<T> ? static_cast<int>(left) : lanes<T>;
            const Vec<T> re = load_some(x + q, some), im = load_some(x + q + plane, some);
            store_some(x + q, wr * re - wi * im, some);
            store_some(x + q + plane, fma(wr, im, wi * re), some);
        }
    }
}

// The transform of a plan's length; the result is in the buffer that is returned.
template <class T>
T* transform(const DftPlan& plan, std::int64_t width, std::int64_t plane,
             T* x,        // [2, buffer_length, width]
             T* other) {  // [2, buffer_length, width]
    if (!plan.inner) return run_passes(plan, width, plane, x, other);
    const DftPlan& inner = *plan.inner;
    multiply(plan.length, width, plane, plan.chirp.data(), x);
    for (std::int64_t i = plan.length * width; i < inner.length * width; ++i) x[i] = x[i + plane] = 0;
    T* y = run_passes(inner, width, plane, x, other);
    multiply(inner.length, width, plane, plan.chirp_spectrum.data(), y);
    T* const spare = y == x ? other : x;
    // Back: DFT^-1(x) is DFT(x')' n^-1, ' being an exchange of real and imaginary parts. Here of the pointers to them.
    y = run_passes(inner, width, -plane, y + plane, spare + plane) - plane;
    multiply(plan.length, width, plane, plan.chirp.data(), y);
    return y;
}

inline std::int64_t buffer_length(const DftPlan& plan) { return plan.inner ? plan.inner->length : plan.length; }

// One signal of pairs, in place: of use where a plan is made.
inline void transform_one(const DftPlan& plan, double* x) {  // [length, 2]
    const std::int64_t n = plan.length;
    const Scratch memory(4 * n * std::int64_t{sizeof(double)}, "dft");
    double* in = memory.as<double>();
    for (std::int64_t k = 0; k < n; ++k) in[k] = x[2 * k], in[n + k] = x[2 * k + 1];
    const double* out = run_passes(plan, 1, n, in, in + 2 * n);
    for (std::int64_t k = 0; k < n; ++k) x[2 * k] = out[k], x[2 * k + 1] = out[n + k];
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
inline void transform_rows(const DftPlan& plan, std::int64_t plane, double* a, double* b, std::int64_t rows, double* x,
                           double* other) {
    constexpr int n = lanes<double>;
    const std::int64_t columns = plan.length;
    for (std::int64_t first = 0; first < rows; first += n) {
        const int some = rows - first < n ? static_cast<int>(rows - first) : n;
        double *p = a + first * columns, *q = b + first * columns;
        if (some < n)
            for (std::int64_t i = 0; i < columns * n; ++i) x[i] = x[i + plane] = 0;
        for_pixels(some, columns, [=](int lane, std::int64_t k) {
            x[k * n + lane] = p[lane * columns + k], x[plane + k * n + lane] = q[lane * columns + k];
        });
        const double* y = transform(plan, n, plane, x, other);
        for_pixels(some, columns, [=](int lane, std::int64_t k) {
            p[lane * columns + k] = y[k * n + lane], q[lane * columns + k] = y[plane + k * n + lane];
        });
    }
}

// Columns, transformed, filtered and transformed back, a few at a time while they are in the cache.
inline void filter_columns(const DftPlan& plan, std::int64_t plane, double* a, double* b, std::int64_t columns,
                           const double* filter, double* x, double* other) {
    constexpr int n = lanes<double>;
    const std::int64_t rows = plan.length, half = columns / 2 + 1;
    const double scale = 1 / (static_cast<double>(rows) * static_cast<double>(columns));
    for (std::int64_t first = 0; first < columns; first += n) {
        const int some = columns - first < n ? static_cast<int>(columns - first) : n;
        for (std::int64_t k = 0; k < rows; ++k) {
            store(x + k * n, load_some(a + k * columns + first, some));
            store(x + plane + k * n, load_some(b + k * columns + first, some));
        }
        double* y = transform(plan, n, plane, x, other);
        for (std::int64_t k = 0; k < rows; ++k) {
            const double* row = filter + (k < rows - k ? k : rows - k) * half;
            double factors[n];
            for (int lane = 0; lane < n; ++lane) {
                const std::int64_t v = lane < some ? first + lane : 0;
                factors[lane] = scale * row[v < columns - v ? v : columns - v];
            }
            const Vec<double> factor = load(factors), re = load(y + k * n), im = load(y + plane + k * n);
            store(y + k * n, factor * im);  // exchanged for the way back
            store(y + plane + k * n, factor * re);
        }
        y = transform(plan, n, plane, y, y == x ? other : x);
        for (std::int64_t k = 0; k < rows; ++k) {
            store_some(a + k * columns + first, load(y + plane + k * n), some);
            store_some(b + k * columns + first, load(y + k * n), some);
        }
    }
}

inline void filter(const DftPlan& along_rows, const DftPlan& along_columns,
                   double* a,               // [rows, columns]
                   double* b,               // [rows, columns]
                   const double* filter) {  // [rows / 2 + 1, columns / 2 + 1]
    const std::int64_t rows = along_columns.length, columns = along_rows.length, p = buffer_length(along_rows),
                       q = buffer_length(along_columns), longest = p < q ? q : p;
    const std::int64_t plane = longest * lanes<double>;
    const Scratch memory(4 * plane * std::int64_t{sizeof(double)}, "dft");
    double *x = memory.as<double>(), *other = x + 2 * plane;
    transform_rows(along_rows, plane, a, b, rows, x, other);
    filter_columns(along_columns, plane, a, b, columns, filter, x, other);
    transform_rows(along_rows, plane, b, a, rows, x, other);  // exchanged: the inverse
}

}  // namespace dft
