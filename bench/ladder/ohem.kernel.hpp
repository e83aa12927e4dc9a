// The rungs of online hard example mining: the mean of the `count` largest of n losses (Shrivastava et al., CVPR 2016).
// Which they are need not be known in order. What a rung predicts stands in its comment; ohem.cpp computes it.
//
// There is no arithmetic at all here: comparisons that the processor cannot foresee set the pace. One that it guessed
// wrongly costs about 17 clocks, as much as four multiply-adds in a row, and half of the guesses are wrong.
namespace ladder_ohem {

struct Shape {
    std::int64_t n, count;
};

// Rung 1: sort them all, add up the first. About n log2 n comparisons, half of which are guessed wrongly. With T =
// double it is what the others are held against.
template <class T>
T sorted(const float* loss,  // [n]
         float* copy,        // [n]
         const Shape& s) {
    std::copy_n(loss, s.n, copy);
    std::sort(copy, copy + s.n, std::greater<float>());
    T sum = 0;
    for (std::int64_t i = 0; i < s.count; ++i) sum += static_cast<T>(copy[i]);
    return sum / static_cast<T>(s.count);
}

// Rung 2: order only around the one place that counts (quickselect): each round looks at the part in which it lies,
// about three times n comparisons in all instead of n log2 n. Predicts log2 n / 3 times as fast.
inline float selected(const float* loss,  // [n]
                      float* copy,        // [n]
                      const Shape& s) {
    std::copy_n(loss, s.n, copy);
    std::nth_element(copy, copy + s.count - 1, copy + s.n, std::greater<float>());
    double sum = 0;
    for (std::int64_t i = 0; i < s.count; ++i) sum += static_cast<double>(copy[i]);
    return static_cast<float>(sum / static_cast<double>(s.count));
}

// An integer that is larger for a larger loss: the bits of a float are one, but for negative numbers.
inline std::uint32_t key_of(float x) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

// Rung 3: no comparisons. Count how often each value of a key's first 11 bits occurs; the counts tell which value the
// cut has; then the next 11 bits of those, then the last 10. Three passes of about five instructions for each loss,
// and one that adds up. Nothing is copied and nothing guessed: predicts 20 instructions of one number each. On one
// thread that is no better than rung 2; but its passes can be shared among threads, which the library does.
inline float counted(const float* loss,  // [n]
                     const Shape& s) {
    std::uint32_t found = 0, known = 0;
    std::int64_t rank = s.count;
    for (const int shift : {21, 10, 0}) {
        const std::uint32_t mask = shift == 0 ? 0x3ff : 0x7ff;
        std::uint32_t counts[2048] = {};
        for (std::int64_t i = 0; i < s.n; ++i)
            if (const std::uint32_t key = key_of(loss[i]); (key & known) == found) ++counts[key >> shift & mask];
        std::uint32_t digit = mask;
        for (; rank > counts[digit]; --digit) rank -= counts[digit];
        found |= digit << shift, known |= mask << shift;
    }
    double sum = 0, cut = 0;
    for (std::int64_t i = 0; i < s.n; ++i) {
        const std::uint32_t key = key_of(loss[i]);
        sum += key > found ? static_cast<double>(loss[i]) : 0.0;
        cut = key == found ? static_cast<double>(loss[i]) : cut;
    }
    return static_cast<float>((sum + static_cast<double>(rank) * cut) / static_cast<double>(s.count));
}

}  // namespace ladder_ohem
