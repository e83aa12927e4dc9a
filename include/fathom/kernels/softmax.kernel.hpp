// Softmax over tiles of 64 positions, rows of classes. Included through softmax.inl.hpp, once per ISA.

namespace softmax_kernel {

// The largest of n rows at one vector of positions (a NaN stays), and the sum of exp(x - largest), added up in groups
// of 16: the error grows with n / 16 + 16, not with n.
template <class T>
[[gnu::always_inline]] inline Vec<T> largest(const T* x,  // [classes, lanes]
                                             std::int64_t stride, std::int64_t n) {
    Vec<T> m = load(x);
    for (std::int64_t c = 1; c < n; ++c) {
        const Vec<T> v = load(x + c * stride);
        m = select(is_nan(v) | ((v > m) & ~is_nan(m)), v, m);
    }
    return m;
}

template <class T>
void forward(const T* x,  // [classes, 64]
             std::int64_t x_stride,
             T* y,  // [classes, 64]
             std::int64_t y_stride, std::int64_t n, bool log_form) {
    for (std::int64_t j = 0; j < detail::tile_positions; j += lanes<T>) {
        const Vec<T> m = largest(x + j, x_stride, n);
        Vec<T> total{}, group{};
        for (std::int64_t c = 0; c < n; ++c) {
            const Vec<T> e = exp(load(x + c * x_stride + j) - m);
            if (!log_form) store(y + c * y_stride + j, e);
            group += e;
            if (c % 16 == 15) total += group, group = Vec<T>{};
        }
        total += group;
        const Vec<T> log_total = log_form ? log(total) : Vec<T>{};
        for (std::int64_t c = 0; c < n; ++c) {
            T* target = y + c * y_stride + j;
            store(target, log_form ? load(x + c * x_stride + j) - m - log_total : load(target) / total);
        }
    }
}

template <class T>
void backward(const T* y,  // [classes, 64]
              std::int64_t y_stride,
              const T* dy,  // [classes, 64]
              std::int64_t dy_stride,
              T* dx,  // [classes, 64]
              std::int64_t dx_stride, std::int64_t n, bool log_form, bool accumulate) {
    for (std::int64_t j = 0; j < detail::tile_positions; j += lanes<T>) {
        Vec<T> total{}, group{};
        for (std::int64_t c = 0; c < n; ++c) {
            const Vec<T> d = load(dy + c * dy_stride + j);
            group = log_form ? group + d : fma(d, load(y + c * y_stride + j), group);
            if (c % 16 == 15) total += group, group = Vec<T>{};
        }
        total += group;
        for (std::int64_t c = 0; c < n; ++c) {
            const Vec<T> d = load(dy + c * dy_stride + j), p = load(y + c * y_stride + j);
            const Vec<T> value = log_form ? d - exp(p) * total : p * (d - total);
            T* target = dx + c * dx_stride + j;
            store(target, accumulate ? load(target) + value : value);
        }
    }
}

}  // namespace softmax_kernel
