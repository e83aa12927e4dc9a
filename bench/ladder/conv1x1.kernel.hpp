// The rungs of a 1x1 convolution, in float: a matrix product of pixels and channels, in which the second matrix is so
// small that the images decide. Images are channels-last. What a rung predicts stands in its comment; conv1x1.cpp
// computes it for the machine at hand.
//
// lanes is the number of floats of a vector. Two loads, one store and two multiply-adds of whole vectors fit into a
// clock, and a multiply-add takes 4 clocks from operands to result: eight have to be under way at any time.
namespace ladder_conv1x1 {

struct Shape {
    std::int64_t pixels, in, out;
};

// Rung 1: the definition. The sums are short, so that several are under way at a time: two loads for each multiply-add
// set the pace. Predicts a multiply-add of one number for each clock. With T = double it is what the others are held
// against.
template <class T>
void naive(const float* x,  // [pixels, in]
           const float* w,  // [out, in]
           T* y,            // [pixels, out]
           const Shape& s) {
    for (std::int64_t p = 0; p < s.pixels; ++p)
        for (std::int64_t k = 0; k < s.out; ++k) {
            T sum = 0;
            for (std::int64_t c = 0; c < s.in; ++c)
                sum += static_cast<T>(x[p * s.in + c]) * static_cast<T>(w[k * s.in + c]);
            y[p * s.out + k] = sum;
        }
}

// Rung 2: the outputs innermost, with weights that lie so; the compiler computes a vector of them at a time. The sums
// stand in memory: the next input's multiply-add waits until the store before has come back, about twice as long as the
// multiply-add itself.
inline void outputs_innermost(const float* __restrict x,  // [pixels, in]
                              const float* __restrict w,  // [in, out]
                              float* __restrict y,        // [pixels, out]
                              const Shape& s) {
    for (std::int64_t p = 0; p < s.pixels; ++p) {
        float* __restrict sums = y + p * s.out;
        for (std::int64_t k = 0; k < s.out; ++k) sums[k] = 0;
        for (std::int64_t c = 0; c < s.in; ++c)
            for (std::int64_t k = 0; k < s.out; ++k) sums[k] += x[p * s.in + c] * w[c * s.out + k];
    }
}

// Two vectors of outputs of `count` pixels, all sums in registers.
template <int count>
void tile(const float* x,  // [count, in]
          const float* w,  // [in, out], from the first of these outputs on
          float* y,        // [count, out], the same
          const Shape& s) {
    Vec<float> sum[count][2];
    FATHOM_UNROLL
    for (int p = 0; p < count; ++p) sum[p][0] = sum[p][1] = Vec<float>{};
    for (std::int64_t c = 0; c < s.in; ++c, w += s.out) {
        const Vec<float> first = load(w), second = load(w + lanes<float>);
        FATHOM_UNROLL
        for (int p = 0; p < count; ++p) {
            const Vec<float> value = splat(x[p * s.in + c]);
            sum[p][0] = fma(value, first, sum[p][0]);
            sum[p][1] = fma(value, second, sum[p][1]);
        }
    }
    FATHOM_UNROLL
    for (int p = 0; p < count; ++p) {
        store(y + p * s.out, sum[p][0]);
        store(y + p * s.out + lanes<float>, sum[p][1]);
    }
}

template <int count>
void tiled(const float* x, const float* w, float* y, const Shape& s) {
    for (std::int64_t p = 0; p < s.pixels; p += count) {
        const std::int64_t first = p + count <= s.pixels ? p : s.pixels - count;  // the last does some pixels twice
        for (std::int64_t k = 0; k < s.out; k += 2 * lanes<float>)
            tile<count>(x + first * s.in, w + k, y + first * s.out + k, s);
    }
}

// Rung 3: the sums of a pixel in registers. Three loads for two multiply-adds: predicts 3/2 loads, or what memory
// allows.
inline void tiled_1(const float* x, const float* w, float* y, const Shape& s) { tiled<1>(x, w, y, s); }

// Rung 4: all registers, as in the 3x3 convolution. There it is the step that counts; here the images still have to
// come from where they lie and go back there, and that is slower than the arithmetic: predicts what memory allows, and
// that nothing more is to be had on one thread.
inline constexpr int full_tile = vector_registers == 32 ? 12 : 6;
inline void tiled_full(const float* x, const float* w, float* y, const Shape& s) { tiled<full_tile>(x, w, y, s); }

}  // namespace ladder_conv1x1
