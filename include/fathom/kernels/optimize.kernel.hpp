// Steps of optimizers on contiguous blocks. Included through optimize.inl.hpp, once per ISA.

namespace optimize_kernel {

template <class T>
void run_sgd(const void* context_pointer,
             void* const* pointers,      // [operands][n]
             const std::int64_t* steps,  // [operands]
             std::int64_t n) {
    const auto& c = *static_cast<const SgdNumbers<T>*>(context_pointer);
    const bool with_buffer = c.momentum != T{0};
    T* p = static_cast<T*>(pointers[0]);
    const T* gradient = static_cast<const T*>(pointers[1]);
    T* buffer = with_buffer ? static_cast<T*>(pointers[2]) : nullptr;
    const Vec<T> lr = splat(-c.lr), decay = splat(c.weight_decay), momentum = splat(c.momentum),
                 damped = splat(c.one_minus_dampening), sign = splat(c.sign);
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        const int count = n - i < lanes<T> ? static_cast<int>(n - i) : lanes<T>;
        const Vec<T> x = load_some(p + i, count);
        Vec<T> d = fma(decay, x, load_some(gradient + i * steps[1], count) * sign);
        if (with_buffer) {
            const Vec<T> b = fma(momentum, load_some(buffer + i, count), d * damped);
            store_some<T>(buffer + i, b, count);
            d = c.nesterov ? fma(momentum, b, d) : b;
        }
        store_some<T>(p + i, fma(lr, d, x), count);
    }
}

template <class T>
void run_adam(const void* context_pointer,
              void* const* pointers,      // [operands][n]
              const std::int64_t* steps,  // [operands]
              std::int64_t n) {
    const auto& context = *static_cast<const OptimizeContext<AdamNumbers<T>>*>(context_pointer);
    const AdamNumbers<T>& c = context.numbers;
    T *p = static_cast<T*>(pointers[0]), *m = static_cast<T*>(pointers[2]), *v = static_cast<T*>(pointers[3]);
    T* largest = context.extra ? static_cast<T*>(pointers[context.extra]) : nullptr;
    const T* gradient = static_cast<const T*>(pointers[1]);
    const bool from_gradient = c.one_minus_beta1 >= T{0.5};
    const Vec<T> weight_decay = splat(c.weight_decay), decay = splat(c.decay),
                 toward = splat(from_gradient ? -c.beta1 : c.one_minus_beta1), beta2 = splat(c.beta2),
                 one_minus_beta2 = splat(c.one_minus_beta2), step_size = splat(-c.step_size),
                 root = splat(c.root_of_correction2), eps = splat(c.eps), sign = splat(c.sign);
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        const int count = n - i < lanes<T> ? static_cast<int>(n - i) : lanes<T>;
        Vec<T> x = load_some(p + i, count), first = load_some(m + i, count);
        const Vec<T> g = fma(weight_decay, x, load_some(gradient + i * steps[1], count) * sign);
        x = x * decay;
        first = fma(toward, g - first, from_gradient ? g : first);
        Vec<T> second = fma(g * one_minus_beta2, g, load_some(v + i, count) * beta2);
        store_some<T>(m + i, first, count);
        store_some<T>(v + i, second, count);
        if (largest) {
            second = max(load_some(largest + i, count), second);
            store_some<T>(largest + i, second, count);
        }
        store_some<T>(p + i, fma(step_size, first / (sqrt(second) / root + eps), x), count);
    }
}

template <class T>
void run_rmsprop(const void* context_pointer,
                 void* const* pointers,      // [operands][n]
                 const std::int64_t* steps,  // [operands]
                 std::int64_t n) {
    const auto& context = *static_cast<const OptimizeContext<RmspropNumbers<T>>*>(context_pointer);
    const RmspropNumbers<T>& c = context.numbers;
    T *p = static_cast<T*>(pointers[0]), *squares = static_cast<T*>(pointers[2]);
    T* buffer = context.buffer ? static_cast<T*>(pointers[context.buffer]) : nullptr;
    T* mean = context.extra ? static_cast<T*>(pointers[context.extra]) : nullptr;
    const T* gradient = static_cast<const T*>(pointers[1]);
    const bool from_gradient = c.one_minus_alpha >= T{0.5};  // as adam's first moment
    const Vec<T> lr = splat(-c.lr), weight_decay = splat(c.weight_decay), alpha = splat(c.alpha),
                 one_minus_alpha = splat(c.one_minus_alpha), momentum = splat(c.momentum), eps = splat(c.eps),
                 sign = splat(c.sign), toward = splat(from_gradient ? -c.alpha : c.one_minus_alpha);
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        const int count = n - i < lanes<T> ? static_cast<int>(n - i) : lanes<T>;
        const Vec<T> x = load_some(p + i, count);
        const Vec<T> g = fma(weight_decay, x, load_some(gradient + i * steps[1], count) * sign);
        Vec<T> s = fma(g * one_minus_alpha, g, load_some(squares + i, count) * alpha);
        store_some<T>(squares + i, s, count);
        if (mean) {
            Vec<T> m = load_some(mean + i, count);
            m = fma(toward, g - m, from_gradient ? g : m);
            store_some<T>(mean + i, m, count);
            s = fma(-m, m, s);
        }
        Vec<T> d = g / (sqrt(s) + eps);
        if (buffer) {
            d = fma(momentum, load_some(buffer + i, count), d);
            store_some<T>(buffer + i, d, count);
        }
        store_some<T>(p + i, fma(lr, d, x), count);
    }
}

template <class T>
void run_adagrad(const void* context_pointer,
                 void* const* pointers,      // [operands][n]
                 const std::int64_t* steps,  // [operands]
                 std::int64_t n) {
    const auto& c = *static_cast<const AdagradNumbers<T>*>(context_pointer);
    T *p = static_cast<T*>(pointers[0]), *sum = static_cast<T*>(pointers[2]);
    const T* gradient = static_cast<const T*>(pointers[1]);
    const Vec<T> lr = splat(-c.lr), weight_decay = splat(c.weight_decay), eps = splat(c.eps), sign = splat(c.sign);
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        const int count = n - i < lanes<T> ? static_cast<int>(n - i) : lanes<T>;
        const Vec<T> x = load_some(p + i, count);
        const Vec<T> g = fma(weight_decay, x, load_some(gradient + i * steps[1], count) * sign);
        const Vec<T> s = fma(g, g, load_some(sum + i, count));
        store_some<T>(sum + i, s, count);
        store_some<T>(p + i, fma(lr, g / (sqrt(s) + eps), x), count);
    }
}

template <class T>
BlockKernel sgd_block() {
    return run_sgd<T>;
}
template <class T>
BlockKernel adam_block() {
    return run_adam<T>;
}
template <class T>
BlockKernel rmsprop_block() {
    return run_rmsprop<T>;
}
template <class T>
BlockKernel adagrad_block() {
    return run_adagrad<T>;
}

}  // namespace optimize_kernel
