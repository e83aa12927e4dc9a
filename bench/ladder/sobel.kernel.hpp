// The rungs of the Sobel magnitude |x * sx| + |x * sy| of every channel of an image, zeros around it, in float:
//   sx = [1 0 -1; 2 0 -2; 1 0 -1]
//   sy = [1 2 1; 0 0 0; -1 -2 -1]
// Images are channels-last; channels are whole vectors. What a rung predicts stands in its comment; sobel.cpp computes
// it for the machine at hand.
//
// There is little arithmetic: at best each number is read once and written once, and nothing else takes time. lanes is
// the number of floats of a vector. Two loads, one store and two other instructions on vectors fit into a clock.
namespace ladder_sobel {

struct Shape {
    std::int64_t height, width, channels;
};

// Rung 1: the definition, for any two filters. Of each number 27 loads (9 of the image, 18 of the filters), one at a
// time: predicts 13.5 clocks. With T = double it is what the others are held against.
template <class T>
void naive(const float* x,         // [height, width, channels]
           const float* sx,        // [3, 3]
           const float* sy, T* y,  // [3, 3], [height, width, channels]
           const Shape& s) {
    for (std::int64_t row = 0; row < s.height; ++row)
        for (std::int64_t col = 0; col < s.width; ++col)
            for (std::int64_t c = 0; c < s.channels; ++c) {
                T gx = 0, gy = 0;
                for (std::int64_t i = 0; i < 3; ++i)
                    for (std::int64_t j = 0; j < 3; ++j) {
                        const std::int64_t from_row = row + i - 1, from_col = col + j - 1;
                        if (from_row < 0 || from_row >= s.height || from_col < 0 || from_col >= s.width) continue;
                        const T value = static_cast<T>(x[(from_row * s.width + from_col) * s.channels + c]);
                        gx += value * static_cast<T>(sx[i * 3 + j]);
                        gy += value * static_cast<T>(sy[i * 3 + j]);
                    }
                y[(row * s.width + col) * s.channels + c] = (gx < 0 ? -gx : gx) + (gy < 0 ? -gy : gy);
            }
}

// One row of the image with a zero pixel on either side.
inline void pad_row(const float* x, std::int64_t row, const Shape& s,
                    float* padded) {  // [1 + width + 1, channels]
    const std::int64_t elements = s.width * s.channels;
    const bool inside = row >= 0 && row < s.height;
    for (std::int64_t i = 0; i < s.channels; ++i) padded[i] = padded[s.channels + elements + i] = 0;
    padded += s.channels;
    if (inside)
        for (std::int64_t i = 0; i < elements; ++i) padded[i] = x[row * elements + i];
    else
        for (std::int64_t i = 0; i < elements; ++i) padded[i] = 0;
}

// A row, by the values of the filters: what is multiplied by 0 is not read, what is multiplied by 1 is not multiplied.
// All channels of all pixels are one line of memory in which neighbours are `channels` apart, which the compiler
// computes a vector at a time.
inline void sobel_row(const float* __restrict up,      // [width + 2, channels]
                      const float* __restrict middle,  // [width + 2, channels]
                      const float* __restrict down,    // [width + 2, channels]
                      const Shape& s,
                      float* __restrict y) {  // [width, channels]
    const std::int64_t c = s.channels;
    for (std::int64_t i = 0; i < s.width * c; ++i) {
        const float gx = up[i] - up[i + 2 * c] + 2 * (middle[i] - middle[i + 2 * c]) + down[i] - down[i + 2 * c];
        const float gy = up[i] - down[i] + 2 * (up[i + c] - down[i + c]) + up[i + 2 * c] - down[i + 2 * c];
        y[i] = (gx < 0 ? -gx : gx) + (gy < 0 ? -gy : gy);
    }
}

// Rung 2: on a padded copy of the image. 8 loads, 14 instructions of arithmetic and a store for a whole vector:
// predicts 7 clocks for each, less than the copy costs, which is written and read again: two times the least traffic.
inline void known_filters(const float* x,  // [height, width, channels]
                          float* y,        // [height, width, channels]
                          const Shape& s,
                          float* padded) {  // [height + 2, width + 2, channels]
    const std::int64_t step = (s.width + 2) * s.channels;
    for (std::int64_t row = -1; row <= s.height; ++row) pad_row(x, row, s, padded + (row + 1) * step);
    for (std::int64_t row = 0; row < s.height; ++row, padded += step)
        sobel_row(padded, padded + step, padded + 2 * step, s, y + row * s.width * s.channels);
}

// Rung 3: a ring of three padded rows, which stays in the second cache. Predicts the least traffic to where the images
// lie.
inline void ring_of_rows(const float* x,  // [height, width, channels]
                         float* y,        // [height, width, channels]
                         const Shape& s,
                         float* ring) {  // [3, width + 2, channels]
    const std::int64_t step = (s.width + 2) * s.channels;
    const auto slot = [&](std::int64_t row) { return ring + (row + 3) % 3 * step; };
    pad_row(x, -1, s, slot(-1));
    pad_row(x, 0, s, slot(0));
    for (std::int64_t row = 0; row < s.height; ++row) {
        pad_row(x, row + 1, s, slot(row + 1));
        sobel_row(slot(row - 1), slot(row), slot(row + 1), s, y + row * s.width * s.channels);
    }
}

// What a column of three pixels gives to both filters: sx is [1 2 1] down times [1 0 -1] across, sy is [1 0 -1] down
// times [1 2 1] across.
struct Column {
    Vec<float> smooth, difference;
};
[[gnu::always_inline]] inline Column column(const float* up, const float* middle, const float* down) {
    const Vec<float> a = load(up), b = load(middle), c = load(down);
    return {fma(splat(2.0f), b, a + c), a - c};
}

// Rung 4: along a row, a vector of channels at a time. Each column's two sums are made once and serve three pixels;
// they stay in registers: 3 loads and 9 instructions instead of 8 and 14. Outside the image both sums are 0, so that no
// row is copied; above and below the image a row of zeros is read. Predicts the least traffic again, and half the work
// beside it.
inline void columns_once(const float* x,  // [height, width, channels]
                         float* y,        // [height, width, channels]
                         const Shape& s,
                         const float* zeros) {  // [width, channels]
    const std::int64_t step = s.width * s.channels;
    for (std::int64_t row = 0; row < s.height; ++row, x += step, y += step) {
        const float* up = row > 0 ? x - step : zeros;
        const float* down = row + 1 < s.height ? x + step : zeros;
        for (std::int64_t c = 0; c < s.channels; c += lanes<float>) {
            Column left{}, here = column(up + c, x + c, down + c);
            for (std::int64_t col = 0; col < s.width; ++col) {
                const std::int64_t next = (col + 1) * s.channels + c;
                Column right{};
                if (col + 1 < s.width) right = column(up + next, x + next, down + next);
                const Vec<float> gx = left.smooth - right.smooth;
                const Vec<float> gy = fma(splat(2.0f), here.difference, left.difference + right.difference);
                store(y + col * s.channels + c, abs(gx) + abs(gy));
                left = here, here = right;
            }
        }
    }
}

}  // namespace ladder_sobel
