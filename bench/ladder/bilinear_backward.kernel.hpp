// The rungs of the gradient of bilinear interpolation by a whole factor, in float: an image is enlarged `factor` times
// both ways, the gradient of the large image goes back to the small one. Images are channels-last. What a rung predicts
// stands in its comment; bilinear_backward.cpp computes it for the machine at hand.
//
// Output i lies at (i + 1/2) / factor - 1/2 of the inputs, between two of them (at the border one counts for both).
// At best the large gradient is read once. lanes is the number of floats of a vector.
namespace ladder_bilinear_backward {

using bench::Place;

struct Shape {
    std::int64_t height, width, channels, factor;  // of the small image
};

// Where an output lies: its first input, its second, and the second's weight.
inline Place place_of(std::int64_t output, std::int64_t inputs, std::int64_t factor) {
    const double at = (static_cast<double>(output) + 0.5) / static_cast<double>(factor) - 0.5;
    const double inside = at < 0 ? 0 : at;
    const auto first = static_cast<std::int64_t>(inside);
    return {first, first + 1 < inputs ? first + 1 : first, inside - static_cast<double>(first)};
}

// Rung 1: each output's gradient is shared among its four inputs, with the places worked out anew for each number, as
// it reads. The compiler moves that out of the loop over channels by itself: about 60 instructions for each pixel,
// beside four sums that are loaded and stored. With T = double it is what the others are held against.
template <class T>
void naive(const float* dy,  // [height * factor, width * factor, channels]
           T* dx,            // [height, width, channels]
           const Shape& s) {
    for (std::int64_t e = 0; e < s.height * s.width * s.channels; ++e) dx[e] = 0;
    for (std::int64_t row = 0; row < s.height * s.factor; ++row)
        for (std::int64_t col = 0; col < s.width * s.factor; ++col)
            for (std::int64_t c = 0; c < s.channels; ++c) {
                const Place v = place_of(row, s.height, s.factor), h = place_of(col, s.width, s.factor);
                const T down = static_cast<T>(v.weight), right = static_cast<T>(h.weight);
                const T d = static_cast<T>(dy[(row * s.width * s.factor + col) * s.channels + c]);
                dx[(v.first * s.width + h.first) * s.channels + c] += (1 - down) * (1 - right) * d;
                dx[(v.first * s.width + h.second) * s.channels + c] += (1 - down) * right * d;
                dx[(v.second * s.width + h.first) * s.channels + c] += down * (1 - right) * d;
                dx[(v.second * s.width + h.second) * s.channels + c] += down * right * d;
            }
}

[[gnu::always_inline]] inline void add_to(float* sum, Vec<float> by, float weight) {
    store(sum, fma(by, splat(weight), load(sum)));
}

// Rung 2: the places of rows and columns once, the channels innermost, a vector at a time. Four times a sum is loaded,
// added to and stored; the next output mostly adds to the same four, and waits until they have come back: about three
// multiply-adds in a row for each pixel and vector.
inline void places_once(const float* dy,  // [height * factor, width * factor, channels]
                        float* dx,        // [height, width, channels]
                        const Shape& s,
                        Place* columns) {  // [width * factor]
    for (std::int64_t e = 0; e < s.height * s.width * s.channels; ++e) dx[e] = 0;
    for (std::int64_t col = 0; col < s.width * s.factor; ++col) columns[col] = place_of(col, s.width, s.factor);
    for (std::int64_t row = 0; row < s.height * s.factor; ++row) {
        const Place v = place_of(row, s.height, s.factor);
        const auto down = static_cast<float>(v.weight);
        for (std::int64_t col = 0; col < s.width * s.factor; ++col, dy += s.channels) {
            const Place& h = columns[col];
            const auto right = static_cast<float>(h.weight);
            for (std::int64_t c = 0; c < s.channels; c += lanes<float>) {
                const Vec<float> d = load(dy + c), upper = splat(1 - down) * d, lower = splat(down) * d;
                float *first = dx + v.first * s.width * s.channels + c,
                      *second = dx + v.second * s.width * s.channels + c;
                add_to(first + h.first * s.channels, upper, 1 - right);
                add_to(first + h.second * s.channels, upper, right);
                add_to(second + h.first * s.channels, lower, 1 - right);
                add_to(second + h.second * s.channels, lower, right);
            }
        }
    }
}

// Rung 3: rows first, then columns: the weights of both are independent. A whole row of the gradient, times its weight,
// is added to the sums of the two rows of inputs it belongs to: long loops in which nothing waits, two multiply-adds,
// three loads and two stores for each vector. The columns' part follows once for each row of inputs, `factor` times
// less. Predicts that ports and memory are about even.
inline void rows_first(const float* __restrict dy,  // [height * factor, width * factor, channels]
                       float* __restrict dx,        // [height, width, channels]
                       const Shape& s, const Place* columns,
                       float* __restrict sums) {  // [height, width * factor, channels]
    const std::int64_t length = s.width * s.factor * s.channels;
    for (std::int64_t e = 0; e < s.height * length; ++e) sums[e] = 0;
    for (std::int64_t row = 0; row < s.height * s.factor; ++row, dy += length) {
        const Place v = place_of(row, s.height, s.factor);
        const auto down = static_cast<float>(v.weight);
        float* __restrict first = sums + v.first * length;
        float* __restrict second = sums + v.second * length;
        if (v.first == v.second)
            for (std::int64_t e = 0; e < length; ++e) first[e] += dy[e];
        else
            for (std::int64_t e = 0; e < length; ++e) {
                first[e] += (1 - down) * dy[e];
                second[e] += down * dy[e];
            }
    }
    for (std::int64_t e = 0; e < s.height * s.width * s.channels; ++e) dx[e] = 0;
    for (std::int64_t row = 0; row < s.height; ++row, dx += s.width * s.channels)
        for (std::int64_t col = 0; col < s.width * s.factor; ++col, sums += s.channels) {
            const Place& h = columns[col];
            const auto right = static_cast<float>(h.weight);
            for (std::int64_t c = 0; c < s.channels; ++c) dx[h.first * s.channels + c] += (1 - right) * sums[c];
            for (std::int64_t c = 0; c < s.channels; ++c) dx[h.second * s.channels + c] += right * sums[c];
        }
}

}  // namespace ladder_bilinear_backward
