// Layer normalisation of one row at a time. Included through layer_norm.inl.hpp, once per ISA.

namespace layer_norm_kernel {

// The sum of f.at(i, n), vectors with the terms of the n elements from i on and zeros behind them. Four vectors side by
// side, in runs of 16: the error grows with the number of runs, not of elements.
template <class T, class F>
[[gnu::always_inline]] inline T sum_of(std::int64_t count, F f) {
    constexpr std::int64_t width = lanes<T>;
    Vec<T> total{};
    std::int64_t i = 0;
    while (i + 4 * width <= count) {
        Vec<T> a0{}, a1{}, a2{}, a3{};
        for (int k = 0; k < 16 && i + 4 * width <= count; ++k, i += 4 * width) {
            a0 += f.at(i, lanes<T>);
            a1 += f.at(i + width, lanes<T>);
            a2 += f.at(i + 2 * width, lanes<T>);
            a3 += f.at(i + 3 * width, lanes<T>);
        }
        total += (a0 + a1) + (a2 + a3);
    }
    for (; i < count; i += width) total += f.at(i, static_cast<int>(count - i < width ? count - i : width));
    return horizontal_sum<T>(total);
}

template <class T>
struct Elements {
    const T* x;
    [[gnu::always_inline]] Vec<T> at(std::int64_t i, int n) const { return load_some(x + i, n); }
};
template <class T>
struct SquaredDeviations {
    const T *x, *mean;  // [features], [lanes], all the same
    [[gnu::always_inline]] Vec<T> at(std::int64_t i, int n) const {
        const Vec<T> d = load_some(x + i, n) - load_some(mean, n);  // 0 behind the end
        return d * d;
    }
};

template <class T>
void forward(const T* x,  // [features]
             T* y,        // [features]
             const T* w,  // [features] or null
             const T* b,  // [features] or null
             std::int64_t features, T eps,
             T* mean,           // [1]
             T* inverse_std) {  // [1]
    const T count = static_cast<T>(features);
    const T m = sum_of<T>(features, Elements<T>{x}) / count;
    alignas(64) T means[lanes<T>];
    const Vec<T> centre = splat(m);
    store(means, centre);
    const T variance = sum_of<T>(features, SquaredDeviations<T>{x, means}) / count;
    const Vec<T> r = splat(T{1}) / sqrt(splat(variance + eps));
    for (std::int64_t i = 0; i < features; i += lanes<T>) {
        const int n = static_cast<int>(features - i < lanes<T> ? features - i : lanes<T>);
        const Vec<T> z = (load_some(x + i, n) - centre) * r;
        const Vec<T> bias = b ? load_some(b + i, n) : Vec<T>{};
        store_some(y + i, w ? fma(z, load_some(w + i, n), bias) : z + bias, n);
    }
    *mean = m;
    *inverse_std = r[0];
}

// z and g = dy w of the n elements from i on; g is 0 behind them.
template <class T>
[[gnu::always_inline]] inline Vec<T> normalised(const detail::NormRow<T>& row, std::int64_t i, int n) {
    return (load_some(row.x + i, n) - splat(row.mean)) * splat(row.inverse_std);
}
template <class T>
[[gnu::always_inline]] inline Vec<T> weighted(const detail::NormRow<T>& row, std::int64_t i, int n) {
    const Vec<T> d = load_some(row.dy + i, n);
    return row.w ? d * load_some(row.w + i, n) : d;
}

template <class T>
struct Weighted {
    const detail::NormRow<T>& row;
    [[gnu::always_inline]] Vec<T> at(std::int64_t i, int n) const { return weighted(row, i, n); }
};
template <class T>
struct WeightedTimesNormalised {
    const detail::NormRow<T>& row;
    [[gnu::always_inline]] Vec<T> at(std::int64_t i, int n) const {
        return weighted(row, i, n) * normalised(row, i, n);
    }
};

template <class T>
void input_gradient(const detail::NormRow<T>& row, std::int64_t features,
                    T* dx,  // [features]
                    bool accumulate) {
    const T count = static_cast<T>(features);
    const Vec<T> g_mean = splat(sum_of<T>(features, Weighted<T>{row}) / count),
                 gz_mean = splat(sum_of<T>(features, WeightedTimesNormalised<T>{row}) / count);
    for (std::int64_t i = 0; i < features; i += lanes<T>) {
        const int n = static_cast<int>(features - i < lanes<T> ? features - i : lanes<T>);
        const Vec<T> d = splat(row.inverse_std) * (weighted(row, i, n) - g_mean - normalised(row, i, n) * gz_mean);
        store_some(dx + i, accumulate ? load_some(dx + i, n) + d : d, n);
    }
}

template <class T>
void add_weight_gradients(const detail::NormRow<T>& row, std::int64_t features,
                          T* dw,    // [features], padded to whole vectors
                          T* db) {  // [features], padded
    for (std::int64_t i = 0; i < features; i += lanes<T>) {
        const int n = static_cast<int>(features - i < lanes<T> ? features - i : lanes<T>);
        const Vec<T> d = load_some(row.dy + i, n);
        store(dw + i, fma(d, normalised(row, i, n), load(dw + i)));
        store(db + i, load(db + i) + d);
    }
}

}  // namespace layer_norm_kernel
