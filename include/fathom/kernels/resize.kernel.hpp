// Weighted sums of rows, then of the pixels of the result. Included through resize.inl.hpp, once per ISA. Buffers have
// slack behind them: only whole vectors are read and written there.

namespace resize_kernel {

// sums[i] = the weighted sum of `count` rows at i < n, or that added to it.
template <class T, int count>
[[gnu::always_inline]] inline void add_rows(const T* x,  // [count, n]
                                            std::int64_t step,
                                            const T* weights,  // [count]
                                            bool add, std::int64_t n,
                                            T* sums) {  // [n]
    Vec<T> w[count];
    FATHOM_UNROLL
    for (int k = 0; k < count; ++k) w[k] = splat(weights[k]);
    std::int64_t i = 0;
    for (; i + lanes<T> <= n; i += lanes<T>) {
        Vec<T> sum = add ? load(sums + i) : Vec<T>{};
        FATHOM_UNROLL
        for (int k = 0; k < count; ++k) sum = fma(w[k], load(x + k * step + i), sum);
        store(sums + i, sum);
    }
    if (i == n) return;
    Vec<T> sum = add ? load(sums + i) : Vec<T>{};
    FATHOM_UNROLL
    for (int k = 0; k < count; ++k) sum = fma(w[k], load_partial(x + k * step + i, static_cast<int>(n - i)), sum);
    store(sums + i, sum);
}

// sums [pixels, channels] = the sum of weights[k] times the pixels of row k, `count` rows, `step` elements apart.
template <class T>
void row_sums(const T* x,  // [count, pixels, channels]
              std::int64_t step, std::int64_t pixel,
              const T* weights,  // [count]
              std::int64_t count, std::int64_t pixels, std::int64_t channels,
              T* sums) {  // [pixels, channels]
    // Packed pixels are one span. What a vector writes behind a span, the next one overwrites or finds unchanged.
    const std::int64_t spans = pixel == channels ? 1 : pixels, n = pixel == channels ? pixels * channels : channels;
    if (count == 0)
        for (std::int64_t i = 0; i < pixels * channels; i += lanes<T>) store(sums + i, Vec<T>{});
    for (std::int64_t k = 0; k < count; k += 4)
        for (std::int64_t span = 0; span < spans; ++span) {
            const T *from = x + k * step + span * pixel, *w = weights + k;
            T* const to = sums + span * channels;
            if (count - k >= 4)
                add_rows<T, 4>(from, step, w, k > 0, n, to);
            else if (count - k == 3)
                add_rows<T, 3>(from, step, w, k > 0, n, to);
            else if (count - k == 2)
                add_rows<T, 2>(from, step, w, k > 0, n, to);
            else
                add_rows<T, 1>(from, step, w, k > 0, n, to);
        }
}

// The weighted sum of `count` pixels at one vector of channels.
template <class T>
[[gnu::always_inline]] inline Vec<T> pixel_sum(const T* from,  // [count, channels]
                                               std::int64_t channels,
                                               const T* weights,  // [count]
                                               std::int64_t count) {
    if (count == 2) return fma(splat(weights[1]), load(from + channels), splat(weights[0]) * load(from));
    Vec<T> sum{};
    for (std::int64_t k = 0; k < count; ++k) sum = fma(splat(weights[k]), load(from + k * channels), sum);
    return sum;
}

// y [outputs, channels] (+)= weighted sums of the pixels of row [.., channels], which begins with input `left`. first,
// begin: of the first output, as in Resampling. Channels that are no whole vectors need slack behind y and no
// accumulate: a pixel's last vector reaches into the next pixel, which is written after it.
template <class T>
void column_sums(const T* row,  // [inputs, channels]
                 std::int64_t left,
                 const std::int64_t* first,  // [outputs]
                 const std::int64_t* begin,  // [outputs + 1]
                 const T* weights,           // as in Resampling
                 std::int64_t outputs, std::int64_t channels,
                 T* y,  // [outputs, channels]
                 std::int64_t pixel, bool accumulate) {
    for (std::int64_t i = 0; i < outputs; ++i, y += pixel) {
        const T *from = row + (first[i] - left) * channels, *w = weights + begin[i];
        const std::int64_t count = begin[i + 1] - begin[i];
        for (std::int64_t c = 0; c < channels; c += lanes<T>) {
            const Vec<T> sum = pixel_sum(from + c, channels, w, count);
            store(y + c, accumulate ? load(y + c) + sum : sum);
        }
    }
}

}  // namespace resize_kernel
