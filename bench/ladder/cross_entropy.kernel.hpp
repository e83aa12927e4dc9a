// The rungs of softmax cross-entropy, one loss for each position, in float:
//   loss[p] = log(sum over c of exp(x[c, p] - m)) + m - x[target[p], p],  m the largest of x[., p]
// Logits lie as planes of classes. What a rung predicts stands in its comment; cross_entropy.cpp computes it for the
// machine at hand.
//
// Nearly all of the time is the exponential. lanes is the number of floats of a vector. Two instructions of arithmetic
// on vectors fit into a clock.
namespace ladder_cross_entropy {

struct Shape {
    std::int64_t classes, positions;
};

// Rung 1: the definition, with the C library's exp: about 20 instructions and a call for one number. With T = double it
// is what the others are held against.
template <class T>
void naive(const float* x,              // [classes, positions]
           const std::int64_t* target,  // [positions]
           T* loss,                     // [positions]
           const Shape& s) {
    for (std::int64_t p = 0; p < s.positions; ++p) {
        T largest = static_cast<T>(x[p]), sum = 0;
        for (std::int64_t c = 1; c < s.classes; ++c) {
            const T value = static_cast<T>(x[c * s.positions + p]);
            largest = value > largest ? value : largest;
        }
        for (std::int64_t c = 0; c < s.classes; ++c) sum += std::exp(static_cast<T>(x[c * s.positions + p]) - largest);
        loss[p] = std::log(sum) + largest - static_cast<T>(x[target[p] * s.positions + p]);
    }
}

// Rung 2: 64 positions side by side, so that the compiler finds vectors: largest, difference and sum become vectors,
// but the call of exp stays a call for each number. Predicts nothing: this is not where the time goes.
inline void rows(const float* x,              // [classes, positions]
                 const std::int64_t* target,  // [positions]
                 float* loss,                 // [positions]
                 const Shape& s) {
    constexpr int width = 64;
    for (std::int64_t p = 0; p < s.positions; p += width, x += width, target += width, loss += width) {
        float largest[width], sum[width] = {};
        for (int j = 0; j < width; ++j) largest[j] = x[j];
        for (std::int64_t c = 1; c < s.classes; ++c)
            for (int j = 0; j < width; ++j) {
                const float value = x[c * s.positions + j];
                largest[j] = value > largest[j] ? value : largest[j];
            }
        for (std::int64_t c = 0; c < s.classes; ++c)
            for (int j = 0; j < width; ++j) sum[j] += std::exp(x[c * s.positions + j] - largest[j]);
        for (int j = 0; j < width; ++j) loss[j] = std::log(sum[j]) + largest[j] - x[target[j] * s.positions + j];
    }
}

// exp of a vector of numbers from -87 to 0: 2^k exp(r) with k the nearest whole number to x / ln 2, |r| <= ln 2 / 2,
// and a polynomial of the fifth degree for exp(r) (Cephes, expf). 2^k is made of its bits.
[[gnu::always_inline]] inline Vec<float> short_exp(Vec<float> x) {
    const Vec<float> bounded = max(splat(-87.0f), x);
    const Mask<float> k = __builtin_convertvector(bounded * splat(1.44269504f) - splat(0.5f), Mask<float>);
    const Vec<float> whole = __builtin_convertvector(k, Vec<float>);
    const Vec<float> r = fma(whole, splat(2.12194440e-4f), fma(whole, splat(-0.693359375f), bounded));
    Vec<float> p = splat(1.9875691500e-4f);
    p = fma(p, r, splat(1.3981999507e-3f));
    p = fma(p, r, splat(8.3334519073e-3f));
    p = fma(p, r, splat(4.1665795894e-2f));
    p = fma(p, r, splat(1.6666665459e-1f));
    p = fma(p, r, splat(5.0000001201e-1f));
    p = fma(p * r, r, r) + splat(1.0f);
    return p * reinterpret_cast<Vec<float>>((k + 127) << 23);
}

struct LibraryExp {
    [[gnu::always_inline]] Vec<float> operator()(Vec<float> v) const { return exp(v); }
};
struct ShortExp {
    [[gnu::always_inline]] Vec<float> operator()(Vec<float> v) const { return short_exp(v); }
};

// A vector of positions. `exponential` is what rungs 3 and 4 differ in. The target's logit is picked while all of them
// pass by: a comparison and a choice for each class, instead of a load for each position from wherever it lies.
template <class F>
[[gnu::always_inline]] inline Vec<float> losses(const float* x,  // [classes, lanes]
                                                const std::int64_t* target, const Shape& s, F exponential) {
    Vec<float> largest = load(x), label, sum{}, at_target{};
    for (int i = 0; i < lanes<float>; ++i) label[i] = static_cast<float>(target[i]);
    for (std::int64_t c = 1; c < s.classes; ++c) largest = max(load(x + c * s.positions), largest);
    for (std::int64_t c = 0; c < s.classes; ++c) {
        const Vec<float> value = load(x + c * s.positions);
        sum += exponential(value - largest);
        at_target = select(label == splat(static_cast<float>(c)), value, at_target);
    }
    return log(sum) + largest - at_target;
}

// Rung 3: the library's exp of vectors: 34 instructions for a whole vector, and 7 beside them. Predicts 21 clocks for
// each vector of logits.
inline void vectors(const float* x,              // [classes, positions]
                    const std::int64_t* target,  // [positions]
                    float* loss,                 // [positions]
                    const Shape& s) {
    for (std::int64_t p = 0; p < s.positions; p += lanes<float>)
        store(loss + p, losses(x + p, target + p, s, LibraryExp{}));
}

// Rung 4: an exp that knows its place: no NaN, nothing above 0, so that no infinity and no half of an exponent is
// needed: 19 instructions. Predicts 13 clocks. What it gives up is why the library does not: a NaN among the logits is
// no longer seen.
inline void vectors_short_exp(const float* x,              // [classes, positions]
                              const std::int64_t* target,  // [positions]
                              float* loss,                 // [positions]
                              const Shape& s) {
    for (std::int64_t p = 0; p < s.positions; p += lanes<float>)
        store(loss + p, losses(x + p, target + p, s, ShortExp{}));
}

}  // namespace ladder_cross_entropy
