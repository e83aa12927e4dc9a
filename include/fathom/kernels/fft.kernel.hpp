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

// Buffers of an inverse transform have real and imaginary parts exchanged.
template <class T>
void complex_lines(const DftPlan& plan, const Group<T>& g) {
    const FftSide &x = g.job.x, &y = g.job.y;
    const std::int64_t given = least(x.count, g.job.n), wanted = least(y.count, g.job.n), width = g.width;
    const std::int64_t re = g.job.inverse ? g.plane : 0, im = g.plane - re;
    T* const in = g.buffer;
    dft::for_pixels(g.width, given, [&](int lane, std::int64_t k) {
        const T* from = g.x[lane] + k * x.step;
        in[re + k * width + lane] = from[0], in[im + k * width + lane] = from[x.part];
    });
    for (std::int64_t i = given * width; i < g.job.n * width; ++i) in[i] = in[i + g.plane] = 0;
    const T *const out = dft::transform(plan, width, g.plane, in, g.other), scale = static_cast<T>(g.job.scale);
    dft::for_pixels(g.width, wanted, [&](int lane, std::int64_t k) {
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
template <class T>
void from_real_lines(const DftPlan& plan, const Group<T>& g) {
    const FftSide &x = g.job.x, &y = g.job.y;
    const std::int64_t n = g.job.n, m = plan.length, given = least(x.count, n), width = g.width;
    const bool pairs = m != n;
    const double* const roots = plan.half_roots.data();
    T* const in = g.buffer;
    for (std::int64_t i = pairs ? given / 2 * width : 0; i < m * width; ++i) in[i] = in[i + g.plane] = 0;
    dft::for_pixels(g.width, given, [&](int lane, std::int64_t k) {
        const std::int64_t at = pairs ? k / 2 * width + (k % 2) * g.plane : k * width;
        in[at + lane] = g.x[lane][k * x.step];
    });
    const T* const re = dft::transform(plan, width, g.plane, in, g.other);
    const T* const im = re + g.plane;
    const std::int64_t wanted = least(y.count, n / 2 + 1);
    dft::for_pixels(g.width, wanted, [&](int lane, std::int64_t k) {
        T* to = g.y[lane] + k * y.step;
        const T factor = factor_at<T>(g.job, k);
        if (!pairs) {
            to[0] = factor * re[k * width + lane], to[y.part] = k == 0 ? T(0) : factor * im[k * width + lane];
            return;
        }
        const std::int64_t p = (k == m ? 0 : k) * width + lane, q = (k == 0 ? 0 : m - k) * width + lane;
        if (k == 0 || k == m) {
            to[0] = factor * (k == 0 ? re[p] + im[p] : re[p] - im[p]), to[y.part] = 0;
            return;
        }
        const T wr = static_cast<T>(roots[2 * k]), wi = static_cast<T>(roots[2 * k + 1]);
        const T er = re[p] + re[q], ei = im[p] - im[q], odd_r = im[p] + im[q], odd_i = re[q] - re[p];
        to[0] = factor * T(0.5) * (er + wr * odd_r - wi * odd_i);
        to[y.part] = factor * T(0.5) * (ei + wr * odd_i + wi * odd_r);
    });
    dft::for_pixels(g.width, y.count - wanted, [&](int lane, std::int64_t k) {
        T* to = g.y[lane] + (wanted + k) * y.step;
        to[0] = to[y.part] = 0;
    });
}

// The way back:
//   Z[k] = X[k] + X'[m - k] + i exp(2 pi i k / n) (X[k] - X'[m - k])
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
    if (pairs) {
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
    dft::for_pixels(g.width, wanted, [&](int lane, std::int64_t k) {
        const std::int64_t at = pairs ? k / 2 * width + (k % 2 == 0) * g.plane : k * width + g.plane;
        g.y[lane][k * y.step] = out[at + lane];
    });
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
