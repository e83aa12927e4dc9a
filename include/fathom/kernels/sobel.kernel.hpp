// Sobel stencils on rows of images. Included through sobel.inl.hpp, once per ISA. Only whole vectors here: packed rows
// have slack behind them, and where rows lie in an image its channels are whole vectors.

namespace sobel_kernel {

// Both convolutions at vector i, by the exact filters:
//   gx = [1 2 1]^T [1 0 -1]
//   gy = [1 0 -1]^T [1 2 1]
template <class T>
[[gnu::always_inline]] inline void exact(const detail::StencilRows<T>& r, std::int64_t i, Vec<T>& gx, Vec<T>& gy) {
    const std::int64_t c = i + r.pixel, e = c + r.pixel;
    const Vec<T> up_left = load(r.up + i), up_right = load(r.up + e), down_left = load(r.down + i),
                 down_right = load(r.down + e), two = splat(T{2});
    gx = fma(two, load(r.middle + i) - load(r.middle + e), (up_left - up_right) + (down_left - down_right));
    gy = fma(two, load(r.up + c) - load(r.down + c), (up_left - down_left) + (up_right - down_right));
}

// One convolution at vector i with the taps w[9][pitch], at channel `phase`.
template <class T>
[[gnu::always_inline]] inline Vec<T> weighted(const detail::StencilRows<T>& r,
                                              const T* w,  // [9, pitch]
                                              std::int64_t pitch, std::int64_t i, std::int64_t phase) {
    const T* rows[] = {r.up + i, r.middle + i, r.down + i};
    Vec<T> sum{};
    for (int k = 0; k < 9; ++k) sum = fma(load(w + k * pitch + phase), load(rows[k / 3] + k % 3 * r.pixel), sum);
    return sum;
}

// Calls f(p, i, gx, gy) for each vector of each run.
template <class T, class F>
[[gnu::always_inline]] inline void for_gradients(const detail::StencilRows<T>& r, const detail::SobelWeights<T>& w,
                                                 const detail::PixelRuns& runs, F f) {
    for (std::int64_t p = 0; p < runs.count; ++p) {
        const std::int64_t at = p * r.pixel;
        std::int64_t phase = 0;
        for (std::int64_t i = 0; i < runs.length; i += lanes<T>) {
            if (runs.count > 1) __builtin_prefetch(r.down + at + tuning::pixels_ahead * r.pixel + i);
            Vec<T> gx, gy;
            if (!w.x) {
                exact<T>(r, at + i, gx, gy);
            } else {
                gx = weighted<T>(r, w.x, w.pitch, at + i, phase);
                gy = weighted<T>(r, w.y, w.pitch, at + i, phase);
                for (phase += lanes<T>; phase >= r.pixel;) phase -= r.pixel;
            }
            f.apply(p, i, gx, gy);
        }
    }
}

template <class T>
struct StoreMagnitude {
    T* y;  // [runs, length]
    std::int64_t step;
    bool accumulate;
    [[gnu::always_inline]] void apply(std::int64_t p, std::int64_t i, Vec<T> gx, Vec<T> gy) const {
        T* const to = y + p * step + i;
        const Vec<T> value = abs(gx) + abs(gy);
        store(to, accumulate ? load(to) + value : value);
    }
};

template <class T>
void magnitude(const detail::StencilRows<T>& r, const detail::SobelWeights<T>& w, const detail::PixelRuns& runs,
               T* y,  // [runs, length]
               std::int64_t step, bool accumulate) {
    for_gradients<T>(r, w, runs, StoreMagnitude<T>{y, step, accumulate});
}

// d where g > 0, -d where g < 0, 0 where it is 0 or NaN.
template <class T>
[[gnu::always_inline]] inline Vec<T> with_sign(Vec<T> d, Vec<T> g) {
    return select(g > Vec<T>{}, d, select(g < Vec<T>{}, -d, Vec<T>{}));
}

template <class T>
struct StoreSigned {
    const T* dy;  // [runs, length]
    std::int64_t dy_step;
    T *ax, *ay;  // [runs, length], one after the other
    std::int64_t length;
    [[gnu::always_inline]] void apply(std::int64_t p, std::int64_t i, Vec<T> gx, Vec<T> gy) const {
        const Vec<T> d = load(dy + p * dy_step + i);
        __builtin_prefetch(dy + (p + tuning::pixels_ahead) * dy_step + i);
        store(ax + p * length + i, with_sign<T>(d, gx));
        store(ay + p * length + i, with_sign<T>(d, gy));
    }
};

// What the gradient sends back through both convolutions:
//   ax = dy sign(gx)
//   ay = dy sign(gy)
template <class T>
void signed_gradients(const detail::StencilRows<T>& r, const detail::SobelWeights<T>& w, const detail::PixelRuns& runs,
                      const T* dy,  // [runs, length]
                      std::int64_t dy_step,
                      T* ax,    // [runs, length]
                      T* ay) {  // [runs, length]
    for_gradients<T>(r, w, runs, StoreSigned<T>{dy, dy_step, ax, ay, runs.length});
}

// dx = the transposed convolutions of ax and ay: the same stencil with the taps reversed, which for the exact filters
// is the opposite sign.
template <class T>
void input_gradient(const detail::StencilRows<T>& ax, const detail::StencilRows<T>& ay,
                    const detail::SobelWeights<T>& reversed, const detail::PixelRuns& runs,
                    T* dx,  // [runs, length]
                    std::int64_t step, bool accumulate) {
    for (std::int64_t p = 0; p < runs.count; ++p) {
        const std::int64_t at = p * ax.pixel;
        std::int64_t phase = 0;
        for (std::int64_t i = 0; i < runs.length; i += lanes<T>) {
            Vec<T> value;
            if (!reversed.x) {
                Vec<T> gx, gy, other;
                exact<T>(ax, at + i, gx, other);
                exact<T>(ay, at + i, other, gy);
                value = -gx - gy;
            } else {
                value = weighted<T>(ax, reversed.x, reversed.pitch, at + i, phase) +
                        weighted<T>(ay, reversed.y, reversed.pitch, at + i, phase);
                for (phase += lanes<T>; phase >= ax.pixel;) phase -= ax.pixel;
            }
            T* const to = dx + p * step + i;
            __builtin_prefetch(to + tuning::pixels_ahead * step, 1);
            store(to, accumulate ? load(to) + value : value);
        }
    }
}

// The nine products of one vector with the pixels around it, from element i of the rows on.
template <class T>
[[gnu::always_inline]] inline void add_products(const detail::StencilRows<T>& x, Vec<T> a, std::int64_t i,
                                                Vec<T>* sums) {  // [9] of lanes
    const T* rows[] = {x.up + i, x.middle + i, x.down + i};
    for (int k = 0; k < 9; ++k) sums[k] = fma(a, load(rows[k / 3] + k % 3 * x.pixel), sums[k]);
}

// sums[9][channels] += a * x around it, over `pixels` pixels. Unless the channels are whole vectors, x is packed.
template <class T>
void weight_gradient(const detail::StencilRows<T>& x,
                     const T* a,  // [pixels, channels]
                     std::int64_t pixels, std::int64_t channels,
                     double* sums) {  // [9, channels]
    if (channels % lanes<T> == 0) {   // vectors of channels
        for (std::int64_t c = 0; c < channels; c += lanes<T>) {
            Vec<T> v[9] = {};
            for (std::int64_t p = 0; p < pixels; ++p)
                add_products<T>(x, load(a + p * channels + c), p * x.pixel + c, v);
            for (int k = 0; k < 9; ++k)
                for (int j = 0; j < lanes<T>; ++j) sums[k * channels + c + j] += static_cast<double>(v[k][j]);
        }
    } else if (lanes<T> % channels == 0) {  // vectors of whole pixels
        Vec<T> v[9] = {};
        const std::int64_t n = pixels * channels;
        std::int64_t i = 0;
        for (; i + lanes<T> <= n; i += lanes<T>) add_products<T>(x, load(a + i), i, v);
        if (i < n) add_products<T>(x, load_partial(a + i, static_cast<int>(n - i)), i, v);
        for (int k = 0; k < 9; ++k)
            for (int j = 0; j < lanes<T>; ++j) sums[k * channels + j % channels] += static_cast<double>(v[k][j]);
    } else {
        for (std::int64_t k = 0; k < 9; ++k) {
            const T* row = (k < 3 ? x.up : k < 6 ? x.middle : x.down) + k % 3 * channels;
            for (std::int64_t p = 0; p < pixels; ++p)
                for (std::int64_t c = 0; c < channels; ++c)
                    sums[k * channels + c] +=
                        static_cast<double>(a[p * channels + c]) * static_cast<double>(row[p * channels + c]);
        }
    }
}

}  // namespace sobel_kernel
