// The rungs of the weight gradient of a 3x3 convolution of stride 1, in float. Images are channels-last; x has a border
// of one zero pixel on each side, so that
//   dw[k, c, i, j] = sum over row, col of dy[row, col, k] x[row + i, col + j, c]
// What a rung predicts stands in its comment; conv3x3_weight.cpp computes it for the machine at hand.
//
// The outputs are few (9 x in x out) and the sums are long: the reverse of the forward pass. lanes is the number of
// floats of a vector. Two loads, one store and two multiply-adds of whole vectors fit into a clock, and a multiply-add
// takes 4 clocks: eight have to be under way at any time.
namespace ladder_conv3x3_weight {

// Rung 1: the definition. Each multiply-add waits for the one before; and both images are read with a step of a pixel,
// a cache line for each number, once for every weight: 9 in out times both images, in lines. Predicts whichever is
// slower. With T = double it is what the others are held against.
template <class T>
void naive(const float* x,   // [height + 2, width + 2, in]
           const float* dy,  // [height, width, out]
           T* dw,            // [out, in, 3, 3]
           const ConvShape& s) {
    for (std::int64_t k = 0; k < s.out_channels; ++k)
        for (std::int64_t c = 0; c < s.in_channels; ++c)
            for (std::int64_t i = 0; i < 3; ++i)
                for (std::int64_t j = 0; j < 3; ++j) {
                    T sum = 0;
                    for (std::int64_t row = 0; row < s.height; ++row)
                        for (std::int64_t col = 0; col < s.width; ++col)
                            sum += static_cast<T>(dy[(row * s.width + col) * s.out_channels + k]) *
                                   static_cast<T>(x[((row + i) * (s.width + 2) + col + j) * s.in_channels + c]);
                    dw[((k * s.in_channels + c) * 3 + i) * 3 + j] = sum;
                }
}

// The sums as all later rungs keep them, outputs side by side, and as weights lie.
inline void turn_back(const float* sums,  // [3, 3, in, out]
                      const ConvShape& s,
                      float* dw) {  // [out, in, 3, 3]
    for (std::int64_t k = 0; k < s.out_channels; ++k)
        for (std::int64_t c = 0; c < s.in_channels; ++c)
            for (std::int64_t t = 0; t < 9; ++t)
                dw[(k * s.in_channels + c) * 9 + t] = sums[(t * s.in_channels + c) * s.out_channels + k];
}

// Rung 2: pixels outermost, so that each image is read once. The compiler computes a vector of outputs at a time, but
// the sums stand in memory (36 KB): two loads and a store for each multiply-add. Predicts what the first cache's ports
// allow.
inline void pixels_outermost(const float* __restrict x,   // [height + 2, width + 2, in]
                             const float* __restrict dy,  // [height, width, out]
                             float* __restrict sums,      // [3, 3, in, out]
                             const ConvShape& s) {
    for (std::int64_t e = 0; e < 9 * s.in_channels * s.out_channels; ++e) sums[e] = 0;
    for (std::int64_t row = 0; row < s.height; ++row)
        for (std::int64_t col = 0; col < s.width; ++col) {
            const float* __restrict gradient = dy + (row * s.width + col) * s.out_channels;
            for (std::int64_t i = 0; i < 3; ++i)
                for (std::int64_t j = 0; j < 3; ++j) {
                    const float* __restrict pixel = x + ((row + i) * (s.width + 2) + col + j) * s.in_channels;
                    float* __restrict sum = sums + (i * 3 + j) * s.in_channels * s.out_channels;
                    for (std::int64_t c = 0; c < s.in_channels; ++c, sum += s.out_channels)
                        for (std::int64_t k = 0; k < s.out_channels; ++k) sum[k] += pixel[c] * gradient[k];
                }
        }
}

// Adds, over the pixels of some rows, the products of `channels` inputs of one tap with two vectors of outputs. The
// sums stay in registers while the pixels stream past.
template <int channels>
void tile(const float* x,   // [rows, width + 2, in], from the first of these inputs on
          const float* dy,  // [rows, width, out], from the first of these outputs on
          std::int64_t rows, const ConvShape& s,
          float* sums) {  // [channels, out], the same
    Vec<float> sum[channels][2];
    FATHOM_UNROLL
    for (int c = 0; c < channels; ++c)
        for (int v = 0; v < 2; ++v) sum[c][v] = load(sums + c * s.out_channels + v * lanes<float>);
    for (std::int64_t row = 0; row < rows; ++row, x += 2 * s.in_channels)
        for (std::int64_t col = 0; col < s.width; ++col, x += s.in_channels, dy += s.out_channels) {
            const Vec<float> first = load(dy), second = load(dy + lanes<float>);
            FATHOM_UNROLL
            for (int c = 0; c < channels; ++c) {
                const Vec<float> value = splat(x[c]);
                sum[c][0] = fma(value, first, sum[c][0]);
                sum[c][1] = fma(value, second, sum[c][1]);
            }
        }
    FATHOM_UNROLL
    for (int c = 0; c < channels; ++c)
        for (int v = 0; v < 2; ++v) store(sums + c * s.out_channels + v * lanes<float>, sum[c][v]);
}

// As many inputs as fill the registers and divide the channels: 16 of 32 registers are sums, or 8 of 16.
inline constexpr int tile_channels = vector_registers == 32 ? 8 : 4;

template <class F>
void for_tiles(const ConvShape& s, F f) {
    for (std::int64_t i = 0; i < 3; ++i)
        for (std::int64_t j = 0; j < 3; ++j)
            for (std::int64_t c = 0; c < s.in_channels; c += tile_channels)
                for (std::int64_t k = 0; k < s.out_channels; k += 2 * lanes<float>) f(i, j, c, k);
}

// Rung 3: blocks of the sums in registers. Loads are few: predicts that arithmetic would be the bound; but each of the
// 9 in out / (2 lanes channels) blocks streams both images past, from where they lie. Predicts that this is slower.
//
// Rung 4, with `at_once` = 1: a row of pixels at a time, past all blocks: three rows of x and one of dy stay in the
// caches, and the images come from where they lie once. The sums are loaded and stored once for each row. Predicts that
// arithmetic is the bound at last.
inline void bands(const float* x,   // [height + 2, width + 2, in]
                  const float* dy,  // [height, width, out]
                  float* sums,      // [3, 3, in, out]
                  const ConvShape& s, std::int64_t at_once) {
    for (std::int64_t e = 0; e < 9 * s.in_channels * s.out_channels; ++e) sums[e] = 0;
    for (std::int64_t row = 0; row < s.height; row += at_once) {
        const std::int64_t rows = row + at_once < s.height ? at_once : s.height - row;
        for_tiles(s, [&](std::int64_t i, std::int64_t j, std::int64_t c, std::int64_t k) {
            tile<tile_channels>(x + ((row + i) * (s.width + 2) + j) * s.in_channels + c,
                                dy + row * s.width * s.out_channels + k, rows, s,
                                sums + ((i * 3 + j) * s.in_channels + c) * s.out_channels + k);
        });
    }
}

}  // namespace ladder_conv3x3_weight
