// Sampling, a row of outputs at a time, over vectors of channels. Included through grid_sample.inl.hpp, once per ISA.

namespace grid_sample_kernel {

// y (+)= the weighted sum of each output's pixels.
template <class T>
void sample_row(const T* x,  // the image
                const detail::PixelTaps<T>* taps, std::int64_t outputs, std::int64_t channels,
                T* y,  // [outputs, channels]
                std::int64_t pixel, bool accumulate) {
    for (std::int64_t i = 0; i < outputs; ++i, y += pixel) {
        const detail::PixelTaps<T>& t = taps[i];
        for (std::int64_t c = 0; c < channels; c += lanes<T>) {
            const int n = channels - c < lanes<T> ? static_cast<int>(channels - c) : lanes<T>;
            Vec<T> sum = accumulate ? load_some(y + c, n) : Vec<T>{};
            for (int k = 0; k < t.count; ++k) sum = fma(splat(t.weight[k]), load_some(x + t.offset[k] + c, n), sum);
            store_some(y + c, sum, n);
        }
    }
}

// dx += dy times the weight, at each output's pixels.
template <class T>
void scatter_row(T* dx,  // the image
                 const detail::PixelTaps<T>* taps, std::int64_t outputs, std::int64_t channels,
                 const T* dy,  // [.., channels]
                 std::int64_t pixel) {
    for (std::int64_t i = 0; i < outputs; ++i) {
        const detail::PixelTaps<T>& t = taps[i];
        const T* const from = dy + t.pixel * pixel;
        for (std::int64_t c = 0; c < channels; c += lanes<T>) {
            const int n = channels - c < lanes<T> ? static_cast<int>(channels - c) : lanes<T>;
            const Vec<T> gradient = load_some(from + c, n);
            for (int k = 0; k < t.count; ++k) {
                T* const to = dx + t.offset[k] + c;
                store_some(to, fma(splat(t.weight[k]), gradient, load_some(to, n)), n);
            }
        }
    }
}

// Each weight becomes the sum over the channels of its pixel times dy.
template <class T>
void product_row(const T* x,  // the image
                 detail::PixelTaps<T>* taps, std::int64_t outputs, std::int64_t channels,
                 const T* dy,  // [outputs, channels]
                 std::int64_t pixel) {
    for (std::int64_t i = 0; i < outputs; ++i, dy += pixel) {
        detail::PixelTaps<T>& t = taps[i];
        for (int k = 0; k < t.count; ++k) {
            Vec<T> sum{};
            for (std::int64_t c = 0; c < channels; c += lanes<T>) {
                const int n = channels - c < lanes<T> ? static_cast<int>(channels - c) : lanes<T>;
                sum = fma(load_some(x + t.offset[k] + c, n), load_some(dy + c, n), sum);
            }
            t.weight[k] = horizontal_sum<T>(sum);
        }
    }
}

}  // namespace grid_sample_kernel
