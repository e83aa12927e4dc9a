// The rungs of batch normalisation as in training, in float: for each channel its mean m and variance v over all
// pixels, then y = (x - m) / sqrt(v + eps). Images are channels-last, so pixels are rows. What a rung predicts stands
// in its comment; batch_norm.cpp computes it for the machine at hand.
//
// There is next to no arithmetic: what counts is how often the image passes by, and how exact the variance is. The
// image has a mean of some tens of its deviations, as images have.
namespace ladder_batch_norm {

struct Shape {
    std::int64_t pixels, channels;
};
inline constexpr double eps = 1e-5;

// Rung 1: the definition, channel by channel. A channel's numbers are a pixel apart, a cache line for each: three
// passes for every channel over all lines. Predicts 3 channels times as many lines of 64 bytes as there are pixels.
// With T = double it is what the others are held against.
template <class T>
void naive(const float* x,  // [pixels, channels]
           T* y,            // [pixels, channels]
           const Shape& s) {
    const T n = static_cast<T>(s.pixels);
    for (std::int64_t c = 0; c < s.channels; ++c) {
        T mean = 0, squares = 0;
        for (std::int64_t p = 0; p < s.pixels; ++p) mean += static_cast<T>(x[p * s.channels + c]);
        mean /= n;
        for (std::int64_t p = 0; p < s.pixels; ++p) {
            const T d = static_cast<T>(x[p * s.channels + c]) - mean;
            squares += d * d;
        }
        const T scale = T(1) / std::sqrt(squares / n + static_cast<T>(eps));
        for (std::int64_t p = 0; p < s.pixels; ++p)
            y[p * s.channels + c] = (static_cast<T>(x[p * s.channels + c]) - mean) * scale;
    }
}

inline void normalise(const float* __restrict x,      // [pixels, channels]
                      const float* __restrict mean,   // [channels]
                      const float* __restrict scale,  // [channels]
                      const Shape& s,
                      float* __restrict y) {  // [pixels, channels]
    for (std::int64_t p = 0; p < s.pixels; ++p, x += s.channels, y += s.channels)
        for (std::int64_t c = 0; c < s.channels; ++c) y[c] = (x[c] - mean[c]) * scale[c];
}

// sums[c] += the sum of x, and of (x - mean)^2: vectors of channels, which the compiler finds by itself.
inline void add_rows(const float* __restrict x, std::int64_t rows, std::int64_t channels, float* __restrict sums) {
    for (std::int64_t p = 0; p < rows; ++p, x += channels)
        for (std::int64_t c = 0; c < channels; ++c) sums[c] += x[c];
}
inline void add_squares(const float* __restrict x, const float* __restrict mean, std::int64_t rows,
                        std::int64_t channels, float* __restrict sums) {
    for (std::int64_t p = 0; p < rows; ++p, x += channels)
        for (std::int64_t c = 0; c < channels; ++c) sums[c] += (x[c] - mean[c]) * (x[c] - mean[c]);
}

// The three kinds of statistics below leave mean and sum of squared deviations in buffer [3, channels].
inline void finish(const float* x, float* y, const Shape& s, float* buffer) {
    float *mean = buffer, *squares = buffer + s.channels;
    for (std::int64_t c = 0; c < s.channels; ++c)
        squares[c] = 1 / std::sqrt(squares[c] / static_cast<float>(s.pixels) + static_cast<float>(eps));
    normalise(x, mean, squares, s, y);
}

// Rung 2: all channels at a time, pixel by pixel: lines are read whole. Mean, variance, result: the image passes by
// three times. Predicts three reads and a write of it from where it lies.
inline void rows(const float* x,  // [pixels, channels]
                 float* y,        // [pixels, channels]
                 const Shape& s,
                 float* buffer) {  // [3, channels]
    float *mean = buffer, *squares = buffer + s.channels;
    for (std::int64_t c = 0; c < 2 * s.channels; ++c) buffer[c] = 0;
    add_rows(x, s.pixels, s.channels, mean);
    for (std::int64_t c = 0; c < s.channels; ++c) mean[c] /= static_cast<float>(s.pixels);
    add_squares(x, mean, s.pixels, s.channels, squares);
    finish(x, y, s, buffer);
}

// Rung 3: the variance as the mean of squares less the square of the mean, so that one pass gives both. Predicts two
// reads and a write. And an error: two large numbers are subtracted that differ little.
inline void sum_of_squares(const float* __restrict x,  // [pixels, channels]
                           float* y,                   // [pixels, channels]
                           const Shape& s,
                           float* __restrict buffer) {  // [3, channels]
    float *mean = buffer, *squares = buffer + s.channels;
    for (std::int64_t c = 0; c < 2 * s.channels; ++c) buffer[c] = 0;
    const float* __restrict from = x;
    for (std::int64_t p = 0; p < s.pixels; ++p, from += s.channels)
        for (std::int64_t c = 0; c < s.channels; ++c) {
            buffer[c] += from[c];
            buffer[s.channels + c] += from[c] * from[c];
        }
    for (std::int64_t c = 0; c < s.channels; ++c) {
        mean[c] /= static_cast<float>(s.pixels);
        squares[c] = squares[c] - mean[c] * mean[c] * static_cast<float>(s.pixels);
        squares[c] = squares[c] > 0 ? squares[c] : 0;
    }
    finish(x, y, s, buffer);
}

// Rung 4: tiles of 64 rows, which stay in the first cache for a pass that gives their mean and one that gives their
// squared deviations from it. Tiles are joined as Chan, Golub and LeVeque do (1979). Predicts the two reads and the
// write of rung 3, and the error of rung 1 or less.
inline void tiles(const float* x,  // [pixels, channels]
                  float* y,        // [pixels, channels]
                  const Shape& s,
                  float* buffer) {  // [4, channels]
    const std::int64_t n = s.channels;
    float *mean = buffer, *squares = buffer + n, *tile_mean = buffer + 2 * n, *tile_squares = buffer + 3 * n;
    for (std::int64_t c = 0; c < 2 * n; ++c) buffer[c] = 0;
    for (std::int64_t p = 0; p < s.pixels; p += 64) {
        const std::int64_t count = p + 64 < s.pixels ? 64 : s.pixels - p;
        for (std::int64_t c = 0; c < 2 * n; ++c) tile_mean[c] = 0;
        add_rows(x + p * n, count, n, tile_mean);
        for (std::int64_t c = 0; c < n; ++c) tile_mean[c] /= static_cast<float>(count);
        add_squares(x + p * n, tile_mean, count, n, tile_squares);
        const float share = static_cast<float>(count) / static_cast<float>(p + count);
        for (std::int64_t c = 0; c < n; ++c) {
            const float d = tile_mean[c] - mean[c];
            mean[c] += d * share;
            squares[c] += tile_squares[c] + d * d * static_cast<float>(p) * share;
        }
    }
    finish(x, y, s, buffer);
}

}  // namespace ladder_batch_norm
