// The rungs of a 3x3 convolution of stride 1 with zeros around the image, forward, in float. Images are channels-last.
// What a rung predicts stands in its comment; conv3x3.cpp computes it for the machine at hand.
//
// lanes is the number of floats of a vector, p a number of pixels. Two loads, one store and two multiply-adds of whole
// vectors fit into a clock, and a multiply-add takes 4 clocks from operands to result: eight have to be under way at
// any time.
namespace ladder_conv3x3 {

// Rung 1: the definition. Every term is added to the same number, so each multiply-add waits for the one before: one
// operation of two a clock times lanes that there could be, every fourth clock. Predicts 1 / (8 lanes) of the peak,
// less what the borders' questions cost. With T = double it is what the others are held against.
template <class T>
void naive(const float* x,  // [height, width, in]
           const float* w,  // [out, in, 3, 3]
           T* y,            // [height, width, out]
           const ConvShape& s) {
    for (std::int64_t row = 0; row < s.height; ++row)
        for (std::int64_t col = 0; col < s.width; ++col)
            for (std::int64_t k = 0; k < s.out_channels; ++k) {
                T sum = 0;
                for (std::int64_t c = 0; c < s.in_channels; ++c)
                    for (std::int64_t i = 0; i < 3; ++i)
                        for (std::int64_t j = 0; j < 3; ++j) {
                            const std::int64_t from_row = row + i - 1, from_col = col + j - 1;
                            if (from_row < 0 || from_row >= s.height || from_col < 0 || from_col >= s.width) continue;
                            sum += static_cast<T>(x[(from_row * s.width + from_col) * s.in_channels + c]) *
                                   static_cast<T>(w[((k * s.in_channels + c) * 3 + i) * 3 + j]);
                        }
                y[(row * s.width + col) * s.out_channels + k] = sum;
            }
}

// The weights as all later rungs read them: the outputs of one tap and input side by side.
inline void turn_weights(const float* w,  // [out, in, 3, 3]
                         const ConvShape& s,
                         float* turned) {  // [3, 3, in, out]
    for (std::int64_t k = 0; k < s.out_channels; ++k)
        for (std::int64_t c = 0; c < s.in_channels; ++c)
            for (std::int64_t t = 0; t < 9; ++t)
                turned[(t * s.in_channels + c) * s.out_channels + k] = w[(k * s.in_channels + c) * 9 + t];
}

// Rung 2: the outputs innermost. They are independent sums, which the compiler computes a vector at a time. But the
// sums stand in memory: each multiply-add comes with two loads and a store, and the next input's waits until that store
// has come back, about twice as long as the multiply-add itself.
inline void outputs_innermost(const float* __restrict x,  // [height, width, in]
                              const float* __restrict w,  // [3, 3, in, out]
                              float* __restrict y,        // [height, width, out]
                              const ConvShape& s) {
    for (std::int64_t row = 0; row < s.height; ++row)
        for (std::int64_t col = 0; col < s.width; ++col) {
            float* __restrict sums = y + (row * s.width + col) * s.out_channels;
            for (std::int64_t k = 0; k < s.out_channels; ++k) sums[k] = 0;
            for (std::int64_t i = 0; i < 3; ++i)
                for (std::int64_t j = 0; j < 3; ++j) {
                    const std::int64_t from_row = row + i - 1, from_col = col + j - 1;
                    if (from_row < 0 || from_row >= s.height || from_col < 0 || from_col >= s.width) continue;
                    const float* pixel = x + (from_row * s.width + from_col) * s.in_channels;
                    const float* weights = w + (i * 3 + j) * s.in_channels * s.out_channels;
                    for (std::int64_t c = 0; c < s.in_channels; ++c, weights += s.out_channels)
                        for (std::int64_t k = 0; k < s.out_channels; ++k) sums[k] += pixel[c] * weights[k];
                }
        }
}

// One row of the image with a zero pixel on either side.
inline void pad_row(const float* x, std::int64_t row, const ConvShape& s,
                    float* padded) {  // [1 + width + 1, in]
    const std::int64_t elements = s.width * s.in_channels;
    const bool inside = row >= 0 && row < s.height;
    for (std::int64_t i = 0; i < s.in_channels; ++i) padded[i] = padded[s.in_channels + elements + i] = 0;
    padded += s.in_channels;
    if (inside)
        for (std::int64_t i = 0; i < elements; ++i) padded[i] = x[row * elements + i];
    else
        for (std::int64_t i = 0; i < elements; ++i) padded[i] = 0;
}

// The tile of the later rungs: two vectors of outputs of `pixels` neighbours, all sums in registers. The input channels
// [begin, end) are added up, and then what earlier channels gave, which is in y.
template <int pixels>
void tile(const float* const* rows,  // [3] of [pixels + 2, in]
          const float* w,            // [3, 3, in, out], from the first of these outputs on
          float* y,                  // [pixels, out], the same
          const ConvShape& s, std::int64_t begin, std::int64_t end) {
    Vec<float> sum[pixels][2];
    FATHOM_UNROLL
    for (int p = 0; p < pixels; ++p) sum[p][0] = sum[p][1] = Vec<float>{};
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
            const float* x = rows[i] + j * s.in_channels;
            const float* weights = w + ((i * 3 + j) * s.in_channels + begin) * s.out_channels;
            for (std::int64_t c = begin; c < end; ++c, weights += s.out_channels) {
                const Vec<float> first = load(weights), second = load(weights + lanes<float>);
                FATHOM_UNROLL
                for (int p = 0; p < pixels; ++p) {
                    const Vec<float> value = splat(x[p * s.in_channels + c]);
                    sum[p][0] = fma(value, first, sum[p][0]);
                    sum[p][1] = fma(value, second, sum[p][1]);
                }
            }
        }
    FATHOM_UNROLL
    for (int p = 0; p < pixels; ++p, y += s.out_channels) {
        if (begin > 0) sum[p][0] += load(y), sum[p][1] += load(y + lanes<float>);
        store(y, sum[p][0]);
        store(y + lanes<float>, sum[p][1]);
    }
}

// Calls f(first column, first output) for all tiles of a row, whose width is a multiple.
template <int pixels, class F>
void for_tiles(const ConvShape& s, F f) {
    for (std::int64_t col = 0; col < s.width; col += pixels)
        for (std::int64_t k = 0; k < s.out_channels; k += 2 * lanes<float>) f(col, k);
}

// Rung 3, with pixels = 1: the sums of a pixel in registers, and no border inside the loop, for the price of a padded
// copy of the image. Two sums are under way where eight could be: predicts 1/4 of the peak.
//
// Rung 4, with pixels = 6: twelve sums hide the latency, and six pixels share the weights that are loaded: 2 + 6 loads
// for 12 multiply-adds. Predicts that arithmetic becomes the bound.
//
// Rung 5, with all registers full: 24 sums of 32 registers, 12 of 16. Loads are 7/12 of the multiply-adds now instead
// of 8/12: nothing, by the prediction; what it buys is slack.
template <int pixels>
void tiled(const float* x,  // [height, width, in]
           const float* w,  // [3, 3, in, out]
           float* y,        // [height, width, out]
           const ConvShape& s,
           float* padded) {  // [height + 2, width + 2, in]
    const std::int64_t step = (s.width + 2) * s.in_channels;
    for (std::int64_t row = -1; row <= s.height; ++row) pad_row(x, row, s, padded + (row + 1) * step);
    for (std::int64_t row = 0; row < s.height; ++row)
        for_tiles<pixels>(s, [&](std::int64_t col, std::int64_t k) {
            const float* from = padded + row * step + col * s.in_channels;
            const float* const rows[] = {from, from + step, from + 2 * step};
            tile<pixels>(rows, w + k, y + (row * s.width + col) * s.out_channels + k, s, 0, s.in_channels);
        });
}

inline constexpr int full_tile = vector_registers == 32 ? 12 : 6;
inline void tiled_1(const float* x, const float* w, float* y, const ConvShape& s, float* padded) {
    tiled<1>(x, w, y, s, padded);
}
inline void tiled_6(const float* x, const float* w, float* y, const ConvShape& s, float* padded) {
    tiled<6>(x, w, y, s, padded);
}
inline void tiled_full(const float* x, const float* w, float* y, const ConvShape& s, float* padded) {
    tiled<full_tile>(x, w, y, s, padded);
}

// Rung 6: the image is padded a row at a time, in a ring of three rows that stays in the nearest caches. The copy of
// the whole image, written and read again, goes away. Predicts two times the image's bytes less from where the image
// lies: little here, as much as everything else where arithmetic is less.
//
// Rung 7, with `at_once` = 16 input channels: the weights of all 32 are 36 KB, which a first cache of 32 KB does not
// hold, and one of 48 KB only just beside a tile's pixels. Half as many stay, for one more load and store of y.
// Predicts time where the first cache is small; and everywhere a smaller error, since each sum of 144 terms is rounded
// to its own size, not to the whole one's.
inline void ring_of_rows(const float* x,  // [height, width, in]
                         const float* w,  // [3, 3, in, out]
                         float* y,        // [height, width, out]
                         const ConvShape& s,
                         float* ring,  // [3, width + 2, in]
                         std::int64_t at_once) {
    const std::int64_t step = (s.width + 2) * s.in_channels;
    const auto slot = [&](std::int64_t row) { return ring + (row + 3) % 3 * step; };
    pad_row(x, -1, s, slot(-1));
    pad_row(x, 0, s, slot(0));
    for (std::int64_t row = 0; row < s.height; ++row) {
        pad_row(x, row + 1, s, slot(row + 1));
        for (std::int64_t c = 0; c < s.in_channels; c += at_once)
            for_tiles<full_tile>(s, [&](std::int64_t col, std::int64_t k) {
                const std::int64_t at = col * s.in_channels;
                const float* const rows[] = {slot(row - 1) + at, slot(row) + at, slot(row + 1) + at};
                tile<full_tile>(rows, w + k, y + (row * s.width + col) * s.out_channels + k, s, c, c + at_once);
            });
    }
}

}  // namespace ladder_conv3x3
