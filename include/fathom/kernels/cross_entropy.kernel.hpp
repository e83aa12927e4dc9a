// Cross-entropy over tiles of 64 positions, rows of classes. Included through cross_entropy.inl.hpp, once per ISA.

namespace cross_entropy_kernel {

// The largest of a position's logits, and the sum of exp(logit - largest), in groups of 16. A NaN makes the sum one,
// whether it is the largest or not.
template <class T>
[[gnu::always_inline]] inline void exponentials(const T* x,  // [classes, lanes]
                                                std::int64_t stride, std::int64_t n, Vec<T>& largest, Vec<T>& sum) {
    largest = load(x);
    for (std::int64_t c = 1; c < n; ++c) largest = max(load(x + c * stride), largest);
    sum = Vec<T>{};
    Vec<T> group{};
    for (std::int64_t c = 0; c < n; ++c) {
        group += exp(load(x + c * stride) - largest);
        if (c % 16 == 15) sum += group, group = Vec<T>{};
    }
    sum += group;
}

// The loss is 0 where the target is ignored, whatever the logits.
template <class T>
void forward(const T* x,  // [classes, 64]
             std::int64_t stride, const detail::CrossEntropyTile<T>& t,
             T* loss) {  // [64]
    for (std::int64_t j = 0; j < detail::tile_positions; j += lanes<T>) {
        Vec<T> largest, sum, at_target{};
        exponentials<T>(x + j, stride, t.classes, largest, sum);
        // Picked while all pass by: a comparison and a choice for each class, not a load for each position.
        const Vec<T> label = load(t.label + j);
        for (std::int64_t c = 0; c < t.classes; ++c)
            at_target = select(label == splat(static_cast<T>(c)), load(x + c * stride + j), at_target);
        const Vec<T> log_sum = log(sum), target_weight = load(t.target_weight + j);
        Vec<T> value = splat(t.target_share) * target_weight * (largest - at_target + log_sum);
        if (t.rest_share != T{0}) {
            Vec<T> rest = splat(t.weight_sum) * log_sum;
            for (std::int64_t c = 0; c < t.classes; ++c)
                rest = fma(splat(t.weight ? t.weight[c] : T{1}), largest - load(x + c * stride + j), rest);
            value = fma(splat(t.rest_share), rest, value);
        }
        store(loss + j, select(label < Vec<T>{}, Vec<T>{}, value));
    }
}

// With p = softmax(x) and W the sum of all weights:
//   factor ((1 - s) w[t] (p[c] - [c = t]) + s / C (W p[c] - w[c]))
template <class T>
void backward(const T* x,  // [classes, 64]
              std::int64_t stride, const detail::CrossEntropyTile<T>& t,
              const T* factors,  // [64]
              T* dx,             // [classes, 64]
              std::int64_t dx_stride, bool accumulate) {
    for (std::int64_t j = 0; j < detail::tile_positions; j += lanes<T>) {
        Vec<T> largest, sum;
        exponentials<T>(x + j, stride, t.classes, largest, sum);
        const Vec<T> target_part = splat(t.target_share) * load(t.target_weight + j);
        const Vec<T> p_factor = fma(splat(t.rest_share), splat(t.weight_sum), target_part);
        const Vec<T> factor = load(factors + j), label = load(t.label + j);
        for (std::int64_t c = 0; c < t.classes; ++c) {
            const Vec<T> p = exp(load(x + c * stride + j) - largest) / sum;
            Vec<T> d = fma(p_factor, p, select(label == splat(static_cast<T>(c)), -target_part, Vec<T>{}));
            if (t.rest_share != T{0}) d -= splat(t.rest_share * (t.weight ? t.weight[c] : T{1}));
            d = select(label < Vec<T>{}, Vec<T>{}, d * factor);
            T* target = dx + c * dx_stride + j;
            store(target, accumulate ? load(target) + d : d);
        }
    }
}

}  // namespace cross_entropy_kernel
