// Lines of tensors, into the buffers of dft.kernel.hpp and back. Included through fft.inl.hpp, once per ISA.

namespace fft {

inline std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// `width` lines at once: their first elements, and a buffer for each step.
template <class T>
struct Group {
    const FftJob& job;
    const T* x[lanes<T>];
    T* y[lanes<T>];
    int width;
    std::int64_t plane;
    T *buffer, *other;  // [2, buffer_length, width]
};

// The first `count` numbers of each line, which lie side by side there: number i comes to to + at(i). As many whole
// vectors as there are; how many numbers that are is returned.
template <class T, class At>
std::int64_t read_side_by_side(const Group<T>& g, std::int64_t count, T* to, At at) {
    constexpr int n = lanes<T>;
    std::int64_t i = 0;
    for (; g.width == n && i + n <= count; i += n) {
        Vec<T> rows[n];
        FATHOM_UNROLL
        for (int lane = 0; lane < n; ++lane) rows[lane] = load(g.x[lane] + i);
        transpose::turn<T>(rows);
        FATHOM_UNROLL
        for (int k = 0; k < n; ++k) store(to + at(i + k), rows[k]);
    }
    return i;
}
// The way back, times `scale`.
template <class T, class At>
std::int64_t write_side_by_side(const Group<T>& g, std::int64_t count, const T* from, At at, T scale) {
    constexpr int n = lanes<T>;
    std::int64_t i = 0;
    for (; g.width == n && i + n <= count; i += n) {
        Vec<T> rows[n];
        FATHOM_UNROLL
        for (int k = 0; k < n; ++k) rows[k] = splat(scale) * load(from + at(i + k));
        transpose::turn<T>(rows);
        FATHOM_UNROLL
        for (int lane = 0; lane < n; ++lane) store(g.y[lane] + i, rows[lane]);
    }
    return i;
}
inline bool pairs_side_by_side(const FftSide& side) { return side.step == 2 && side.part == 1; }

// Buffers of an inverse transform have real and imaginary parts exchanged.
template <class T>
void complex_lines(const DftPlan& plan, const Group<T>& g) {
    const FftSide &x = g.job.x, &y = g.job.y;
    const std::int64_t given = least(x.count, g.job.n), wanted = least(y.count, g.job.n), width = g.width;
    const std::int64_t re = g.job.inverse ? g.plane : 0, im = g.plane - re;
    T* const in = g.buffer;
    const auto at = [=](std::int64_t i) { return (i & 1 ? im : re) + (i >> 1) * width; };
    const std::int64_t read = pairs_side_by_side(x) ? read_side_by_side(g, 2 * given, in, at) / 2 : 0;
    dft::for_pixels(g.width, given - read, [&](int lane, std::int64_t i) {
        const std::int64_t k = read + i;
        const T* from = g.x[lane] + k * x.step;
        in[re + k * width + lane] = from[0], in[im + k * width + lane] = from[x.part];
    });
    for (std::int64_t i = given * width; i < g.job.n * width; ++i) in[i] = in[i + g.plane] = 0;
    const T *const out = dft::transform(plan, width, g.plane, in, g.other), scale = static_cast<T>(g.job.scale);
    const std::int64_t written = pairs_side_by_side(y) ? write_side_by_side(g, 2 * wanted, out, at, scale) / 2 : 0;
    dft::for_pixels(g.width, wanted - written, [&](int lane, std::int64_t i) {
        const std::int64_t k = written + i;
        T* to = g.y[lane] + k * y.step;
        to[0] = scale * out[re + k * width + lane], to[y.part] = scale * out[im + k * width + lane];
    });
    dft::for_pixels(g.width, y.count - wanted, [&](int lane, std::int64_t k) {
        T* to = g.y[lane] + (wanted + k) * y.step;
        to[0] = to[y.part] = 0;
    });
}

// What frequency k of a real line's spectrum is multiplied by.
template <class T>
T factor_at(const FftJob& job, std::int64_t k) {
    return static_cast<T>(k == 0 || 2 * k == job.n ? job.scale : job.scale * job.inner);
}

// A line of even length counts as one of half the length, of pairs of numbers: z[j] = x[2j] + i x[2j + 1]. Its
// transform Z gives that of x, with m = n / 2 and ' for conjugates:
//   X[k] = (Z[k] + Z'[m - k]) / 2 + exp(-2 pi i k / n) (Z[k] - Z'[m - k]) / 2i
// V: numbers, or vectors of them.
template <class V>
[[gnu::always_inline]] inline void spectrum_of_pair(V half, V wr, V wi, V pr, V pi, V qr, V qi, V& re, V& im) {
    const V er = pr + qr, ei = pi - qi, odd_r = pi + qi, odd_i = qr - pr;
    re = half * (er + wr * odd_r - wi * odd_i);
    im = half * (ei + wr * odd_i + wi * odd_r);
}
// Of all, of whole vectors of lines. X[m], which is real as X[0] is, stands where the imaginary part of X[0] would.
template <class T>
void spectra_of_pairs(const FftJob& job, const DftPlan& plan, std::int64_t plane,
                      const T* z,   // [2, m, lanes]
                      T* result) {  // [2, m, lanes]
    const std::int64_t m = plan.length, width = lanes<T>;
    const double* const roots = plan.half_roots.data();
    const Vec<T> first = splat(factor_at<T>(job, 0)), half = splat(factor_at<T>(job, 1) * T(0.5));
    store(result, first * (load(z) + load(z + plane))), store(result + plane, first * (load(z) - load(z + plane)));
    for (std::int64_t k = 1; k < m; ++k) {
        const T* const p = z + k * width;
        const T* const q = z + (m - k) * width;
        Vec<T> re, im;
        spectrum_of_pair(half, splat(static_cast<T>(roots[2 * k])), splat(static_cast<T>(roots[2 * k + 1])), load(p),
                         load(p + plane), load(q), load(q + plane), re, im);
        store(result + k * width, re), store(result + k * width + plane, im);
    }
}

template <class T>
void from_real_lines(const DftPlan& plan, const Group<T>& g) {
    const FftSide &x = g.job.x, &y = g.job.y;
    const std::int64_t n = g.job.n, m = plan.length, given = least(x.count, n), width = g.width;
    const bool pairs = m != n;
    T* const in = g.buffer;
    for (std::int64_t i = pairs ? given / 2 * width : 0; i < m * width; ++i) in[i] = in[i + g.plane] = 0;
    const auto at = [=](std::int64_t i) { return pairs ? (i >> 1) * width + (i & 1) * g.plane : i * width; };
    const std::int64_t read = x.step == 1 ? read_side_by_side(g, given, in, at) : 0;
    dft::for_pixels(g.width, given - read,
                    [&](int lane, std::int64_t i) { in[at(read + i) + lane] = g.x[lane][(read + i) * x.step]; });
    const T* re = dft::transform(plan, width, g.plane, in, g.other);
    const std::int64_t wanted = least(y.count, n / 2 + 1);
    std::int64_t written = 0;
    if (pairs && width == lanes<T> && pairs_side_by_side(y)) {
        T* const spectrum = re == in ? g.other : in;
        spectra_of_pairs(g.job, plan, g.plane, re, spectrum);
        written = write_side_by_side(g, 2 * least(wanted, m), spectrum, at, T(1)) / 2;
        for (int lane = 0; written > 0 && lane < g.width; ++lane) g.y[lane][1] = 0;
    }
    const T* const im = re + g.plane;
    const double* const roots = plan.half_roots.data();
    dft::for_pixels(g.width, wanted - written, [&](int lane, std::int64_t i) {
        const std::int64_t k = written + i;
        T* to = g.y[lane] + k * y.step;
        const T factor = factor_at<T>(g.job, k);
        if (!pairs) {
            to[0] = factor * re[k * width + lane], to[y.part] = k == 0 ? T(0) : factor * im[k * width + lane];
            return;
        }
        if (k == 0 || k == m) {
            to[0] = factor * (k == 0 ? re[lane] + im[lane] : re[lane] - im[lane]), to[y.part] = 0;
            return;
        }
        const std::int64_t p = k * width + lane, q = (m - k) * width + lane;
        spectrum_of_pair(factor * T(0.5), static_cast<T>(roots[2 * k]), static_cast<T>(roots[2 * k + 1]), re[p], im[p],
                         re[q], im[q], to[0], to[y.part]);
    });
    dft::for_pixels(g.width, y.count - wanted, [&](int lane, std::int64_t k) {
        T* to = g.y[lane] + (wanted + k) * y.step;
        to[0] = to[y.part] = 0;
    });
}

// The way back:
//   Z[k] = X[k] + X'[m - k] + i exp(2 pi i k / n) (X[k] - X'[m - k])
// Here of whole vectors of lines, each of whose spectra lies side by side.
template <class T>
void pairs_of_spectra(const DftPlan& plan, const Group<T>& g,
                      T* re,    // [m, lanes]
                      T* im) {  // [m, lanes]
    const std::int64_t m = plan.length, width = lanes<T>, plane = g.plane;
    const double* const roots = plan.half_roots.data();
    T* const spectrum = g.other;  // [2, m, lanes]; X[m] where the imaginary part of X[0], which counts as 0, would be
    const auto at = [=](std::int64_t i) { return (i & 1) * plane + (i >> 1) * width; };
    const std::int64_t read = read_side_by_side(g, 2 * m, spectrum, at);
    dft::for_pixels(g.width, 2 * m - read,
                    [&](int lane, std::int64_t i) { spectrum[at(read + i) + lane] = g.x[lane][read + i]; });
    for (std::int64_t lane = 0; lane < width; ++lane) spectrum[plane + lane] = g.x[lane][2 * m];
    const Vec<T> first = splat(factor_at<T>(g.job, 0)) * load(spectrum),
                 last = splat(factor_at<T>(g.job, m)) * load(spectrum + plane);
    store(re, first + last), store(im, first - last);
    const Vec<T> factor = splat(factor_at<T>(g.job, 1));
    for (std::int64_t k = 1; k < m; ++k) {
        const T* const p = spectrum + k * width;
        const T* const q = spectrum + (m - k) * width;
        const Vec<T> ar = factor * load(p), ai = factor * load(p + plane), br = factor * load(q),
                     bi = factor * load(q + plane);
        const Vec<T> wr = splat(static_cast<T>(roots[2 * k])), wi = splat(static_cast<T>(-roots[2 * k + 1]));
        const Vec<T> dr = ar - br, di = ai + bi;
        store(re + k * width, ar + br - (wr * di + wi * dr));
        store(im + k * width, ai - bi + (wr * dr - wi * di));
    }
}

template <class T>
void to_real_lines(const DftPlan& plan, const Group<T>& g) {
    const FftSide &x = g.job.x, &y = g.job.y;
    const std::int64_t n = g.job.n, m = plan.length, given = least(x.count, n / 2 + 1), width = g.width;
    const bool pairs = m != n;
    const double* const roots = plan.half_roots.data();
    T *const im = g.buffer, *const re = im + g.plane;  // exchanged
    const auto value = [&](int lane, std::int64_t k, T& real, T& imaginary) {
        real = imaginary = 0;
        if (k >= given) return;
        const T *const from = g.x[lane] + k * x.step, factor = factor_at<T>(g.job, k);
        real = factor * from[0];
        if (k != 0 && 2 * k != n) imaginary = factor * from[x.part];
    };
    if (pairs && width == lanes<T> && given > m && pairs_side_by_side(x)) {
        pairs_of_spectra(plan, g, re, im);
    } else if (pairs) {
        dft::for_pixels(g.width, m, [&](int lane, std::int64_t k) {
            T ar, ai, br, bi;
            value(lane, k, ar, ai), value(lane, m - k, br, bi);
            const T wr = static_cast<T>(roots[2 * k]), wi = static_cast<T>(-roots[2 * k + 1]);
            const T dr = ar - br, di = ai + bi;
            re[k * width + lane] = ar + br - (wr * di + wi * dr);
            im[k * width + lane] = ai - bi + (wr * dr - wi * di);
        });
    } else {
        dft::for_pixels(g.width, n / 2 + 1, [&](int lane, std::int64_t k) {
            T real, imaginary;
            value(lane, k, real, imaginary);
            re[k * width + lane] = real, im[k * width + lane] = imaginary;
            if (k > 0) re[(n - k) * width + lane] = real, im[(n - k) * width + lane] = -imaginary;
        });
    }
    const T* const out = dft::transform(plan, width, g.plane, im, g.other);
    const std::int64_t wanted = least(y.count, n);
    const auto at = [=](std::int64_t i) { return pairs ? (i >> 1) * width + (~i & 1) * g.plane : i * width + g.plane; };
    const std::int64_t written = y.step == 1 ? write_side_by_side(g, wanted, out, at, T(1)) : 0;
    dft::for_pixels(g.width, wanted - written,
                    [&](int lane, std::int64_t i) { g.y[lane][(written + i) * y.step] = out[at(written + i) + lane]; });
    dft::for_pixels(g.width, y.count - wanted, [&](int lane, std::int64_t k) { g.y[lane][(wanted + k) * y.step] = 0; });
}

template <class T>
void lines(const FftJob& job, const DftPlan& plan, std::int64_t first, std::int64_t last, const T* x, T* y) {
    const std::int64_t most = least(last - first, lanes<T>), length = dft::buffer_length(plan);
    const Scratch memory(4 * length * most * static_cast<std::int64_t>(sizeof(T)), "fft");
    LoopPosition position(job.lines, first);
    for (std::int64_t line = first; line < last; line += lanes<T>) {
        Group<T> group{job, {}, {}, static_cast<int>(least(last - line, lanes<T>)), 0, nullptr, nullptr};
        for (int lane = 0; lane < group.width; ++lane, position.advance(job.lines, 1))
            group.x[lane] = x + position.offset[0], group.y[lane] = y + position.offset[1];
        group.plane = length * group.width;
        group.buffer = memory.as<T>(), group.other = group.buffer + 2 * group.plane;
        if (job.x.part == 0)
            from_real_lines(plan, group);
        else if (job.y.part == 0)
            to_real_lines(plan, group);
        else
            complex_lines(plan, group);
    }
}

}  // namespace fft
