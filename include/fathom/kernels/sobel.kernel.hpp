// Sobel stencils on packed rows. Included through sobel.inl.hpp, once per ISA. Rows have slack behind them: only whole
// vectors here.

namespace sobel_kernel {

// Both convolutions at vector i, by the exact filters:
//   gx = [1 2 1]^T [1 0 -1]
//   gy = [1 0 -1]^T [1 2 1]
template <class T>
[[gnu::always_inline]] inline void exact(const detail::StencilRows<T>& r, std::int64_t i, Vec<T>& gx, Vec<T>& gy) {
    const std::int64_t c = i + r.channels, e = c + r.channels;
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
    for (int k = 0; k < 9; ++k) sum = fma(load(w + k * pitch + phase), load(rows[k / 3] + k % 3 * r.channels), sum);
    return sum;
}

// Calls f(i, gx, gy) for each vector of n elements.
template <class T, class F>
[[gnu::always_inline]] inline void for_gradients(const detail::StencilRows<T>& r, const detail::SobelWeights<T>& w,
                                                 std::int64_t n, F f) {
    Vec<T> gx, gy;
    if (!w.x) {
        for (std::int64_t i = 0; i < n; i += lanes<T>) {
            exact<T>(r, i, gx, gy);
            f.apply(i, gx, gy);
        }
        return;
    }
    std::int64_t phase = 0;
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        gx = weighted<T>(r, w.x, w.pitch, i, phase);
        gy = weighted<T>(r, w.y, w.pitch, i, phase);
        f.apply(i, gx, gy);
        for (phase += lanes<T>; phase >= r.channels;) phase -= r.channels;
    }
}

template <class T>
struct StoreMagnitude {
    T* y;  // [pixels, channels]
    [[gnu::always_inline]] void apply(std::int64_t i, Vec<T> gx, Vec<T> gy) const { store(y + i, abs(gx) + abs(gy)); }
};

template <class T>
void magnitude(const detail::StencilRows<T>& r, const detail::SobelWeights<T>& w, std::int64_t n,
               T* y) {  // [pixels, channels]
    for_gradients<T>(r, w, n, StoreMagnitude<T>{y});
}

// d where g > 0, -d where g < 0, 0 where it is 0 or NaN.
template <class T>
[[gnu::always_inline]] inline Vec<T> with_sign(Vec<T> d, Vec<T> g) {
    return select(g > Vec<T>{}, d, select(g < Vec<T>{}, -d, Vec<T>{}));
}

template <class T>
struct StoreSigned {
    const T* dy;  // [pixels, channels]
    T *ax, *ay;   // [pixels, channels]
    [[gnu::always_inline]] void apply(std::int64_t i, Vec<T> gx, Vec<T> gy) const {
        const Vec<T> d = load(dy + i);
        store(ax + i, with_sign<T>(d, gx));
        store(ay + i, with_sign<T>(d, gy));
    }
};

// What the gradient sends back through both convolutions:
//   ax = dy sign(gx)
//   ay = dy sign(gy)
template <class T>
void signed_gradients(const detail::StencilRows<T>& r, const detail::SobelWeights<T>& w,
                      const T* dy,  // [pixels, channels]
                      std::int64_t n,
                      T* ax,    // [pixels, channels]
                      T* ay) {  // [pixels, channels]
    for_gradients<T>(r, w, n, StoreSigned<T>{dy, ax, ay});
}

// dx = the transposed convolutions of ax and ay: the same stencil with the taps reversed, which for the exact filters
// is the opposite sign.
template <class T>
void input_gradient(const detail::StencilRows<T>& ax, const detail::StencilRows<T>& ay,
                    const detail::SobelWeights<T>& reversed, std::int64_t n,
                    T* dx) {  // [pixels, channels]
    std::int64_t phase = 0;
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        if (!reversed.x) {
            Vec<T> gx, gy, other;
            exact<T>(ax, i, gx, other);
            exact<T>(ay, i, other, gy);
            store(dx + i, -gx - gy);
            continue;
        }
        store(dx + i, weighted<T>(ax, reversed.x, reversed.pitch, i, phase) +
                          weighted<T>(ay, reversed.y, reversed.pitch, i, phase));
        for (phase += lanes<T>; phase >= ax.channels;) phase -= ax.channels;
    }
}

// The nine products of one vector with the pixels around it.
template <class T>
[[gnu::always_inline]] inline void add_products(const detail::StencilRows<T>& x, Vec<T> a, std::int64_t i,
                                                Vec<T>* sums) {  // [9] of lanes
    const T* rows[] = {x.up + i, x.middle + i, x.down + i};
    for (int k = 0; k < 9; ++k) sums[k] = fma(a, load(rows[k / 3] + k % 3 * x.channels), sums[k]);
}

// sums[9][channels] += a * x around it, over `pixels` pixels.
template <class T>
void weight_gradient(const detail::StencilRows<T>& x,
                     const T* a,  // [pixels, channels]
                     std::int64_t pixels,
                     double* sums) {  // [9, channels]
    const std::int64_t channels = x.channels;
    if (channels % lanes<T> == 0) {  // vectors of channels
        for (std::int64_t c = 0; c < channels; c += lanes<T>) {
            Vec<T> v[9] = {};
            for (std::int64_t i = c; i < pixels * channels; i += channels) add_products<T>(x, load(a + i), i, v);
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
