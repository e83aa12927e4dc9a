// Batch normalisation over rows of channels. Included through batch_norm.inl.hpp, once per ISA. The arrays per channel
// are padded to whole vectors; rows are not.

namespace batch_norm_kernel {

// f.apply(c, n) for each whole vector of channels, n its lanes, then for the n channels that are left.
template <class T, class F>
[[gnu::always_inline]] inline void for_channels(std::int64_t channels, F f) {
    std::int64_t c = 0;
    for (; c + lanes<T> <= channels; c += lanes<T>) f.apply(c, lanes<T>);
    if (c < channels) f.apply(c, static_cast<int>(channels - c));
}

template <class T>
struct AddRow {
    const T* x;  // [channels]
    T* sums;     // [channels], padded
    [[gnu::always_inline]] void apply(std::int64_t c, int n) const {
        store(sums + c, load(sums + c) + load_some(x + c, n));
    }
};
// sums[c] += the sum over the rows.
template <class T>
void add_rows(const T* x,  // [rows, channels]
              std::int64_t step, std::int64_t rows, std::int64_t channels,
              T* sums) {  // [channels], padded
    for (std::int64_t i = 0; i < rows; ++i) for_channels<T>(channels, AddRow<T>{x + i * step, sums});
}

template <class T>
struct AddSquares {
    const T *x, *mean;  // [channels], mean padded
    T* sums;            // [channels], padded
    [[gnu::always_inline]] void apply(std::int64_t c, int n) const {
        const Vec<T> d = load_some(x + c, n) - load(mean + c);
        store(sums + c, fma(d, d, load(sums + c)));
    }
};
// sums[c] += the sum of (x - mean)^2 over the rows.
template <class T>
void add_squares(const T* x,  // [rows, channels]
                 std::int64_t step, std::int64_t rows, std::int64_t channels,
                 const T* mean,  // [channels], padded
                 T* sums) {      // [channels], padded
    for (std::int64_t i = 0; i < rows; ++i) for_channels<T>(channels, AddSquares<T>{x + i * step, mean, sums});
}

// z, before the activation:
//   z     = (x - mean) scale + b
//   scale = inverse_std w
template <class T>
[[gnu::always_inline]] inline Vec<T> normalised(const detail::PaddedNorm<T>& p, Vec<T> centred, std::int64_t c) {
    return fma(centred, load(p.scale + c), load(p.bias + c));
}

template <class T>
struct NormaliseRow {
    const detail::PaddedNorm<T>& p;
    const T* x;  // [channels]
    T* y;        // [channels]
    [[gnu::always_inline]] void apply(std::int64_t c, int n) const {
        const Vec<T> z = normalised(p, load_some(x + c, n) - load(p.mean + c), c);
        store_some(y + c, activate(z, p.activation, p.slope), n);
    }
};
template <class T>
void normalise(const detail::PaddedNorm<T>& p,
               const T* x,  // [rows, channels]
               std::int64_t x_step, std::int64_t rows, std::int64_t channels,
               T* y,  // [rows, channels]
               std::int64_t y_step) {
    for (std::int64_t i = 0; i < rows; ++i)
        for_channels<T>(channels, NormaliseRow<T>{p, x + i * x_step, y + i * y_step});
}

// dz: the gradient before the activation, whose side z tells.
template <class T>
[[gnu::always_inline]] inline Vec<T> before_activation(const detail::PaddedNorm<T>& p, Vec<T> centred, Vec<T> dy,
                                                       std::int64_t c) {
    if (p.activation == Activation::none) return dy;
    const Vec<T> z = normalised(p, centred, c);
    if (p.activation == Activation::relu) return select(is_nan(z) | (z > Vec<T>{}), dy, Vec<T>{});
    return select(z > Vec<T>{}, dy, dy * splat(p.slope));
}

template <class T>
struct AddNormSums {
    const detail::PaddedNorm<T>& p;
    const T *x, *dy;     // [channels]
    T *sums, *products;  // [channels], padded
    [[gnu::always_inline]] void apply(std::int64_t c, int n) const {
        const Vec<T> centred = load_some(x + c, n) - load(p.mean + c),
                     dz = before_activation(p, centred, load_some(dy + c, n), c);
        store(sums + c, load(sums + c) + dz);
        store(products + c, fma(dz, centred, load(products + c)));
    }
};
// Adds over the rows:
//   sums[c]     += dz
//   products[c] += dz (x - mean)
template <class T>
void add_gradients(const detail::PaddedNorm<T>& p,
                   const T* x,  // [rows, channels]
                   std::int64_t x_step,
                   const T* dy,  // [rows, channels]
                   std::int64_t dy_step, std::int64_t rows, std::int64_t channels,
                   T* sums,        // [channels], padded
                   T* products) {  // [channels], padded
    for (std::int64_t i = 0; i < rows; ++i)
        for_channels<T>(channels, AddNormSums<T>{p, x + i * x_step, dy + i * dy_step, sums, products});
}

template <class T>
struct InputGradient {
    const detail::PaddedNorm<T>& p;
    const T *x, *dy, *slope, *offset;  // [channels], slope and offset padded
    T* dx;                             // [channels]
    bool accumulate;
    [[gnu::always_inline]] void apply(std::int64_t c, int n) const {
        const Vec<T> centred = load_some(x + c, n) - load(p.mean + c),
                     dz = before_activation(p, centred, load_some(dy + c, n), c),
                     d = fma(dz, load(p.scale + c), fma(centred, load(slope + c), load(offset + c)));
        store_some(dx + c, accumulate ? load_some(dx + c, n) + d : d, n);
    }
};
// dx (+)= dz scale + (x - mean) slope + offset.
template <class T>
void input_gradient(const detail::PaddedNorm<T>& p,
                    const T* x,  // [rows, channels]
                    std::int64_t x_step,
                    const T* dy,  // [rows, channels]
                    std::int64_t dy_step,
                    const T* slope,   // [channels], padded
                    const T* offset,  // [channels], padded
                    std::int64_t rows, std::int64_t channels,
                    T* dx,  // [rows, channels]
                    std::int64_t dx_step, bool accumulate) {
    for (std::int64_t i = 0; i < rows; ++i)
        for_channels<T>(channels, InputGradient<T>{p, x + i * x_step, dy + i * dy_step, slope, offset, dx + i * dx_step,
                                                   accumulate});
}

}  // namespace batch_norm_kernel
