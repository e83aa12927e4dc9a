// The element-by-element operations on vectors of float and double. Included through elementwise.inl.hpp, once per ISA.

namespace elementwise_kernel {

template <Elementwise op, class T>
[[gnu::always_inline]] inline Vec<T> apply(Vec<T> a, [[maybe_unused]] Vec<T> b, [[maybe_unused]] Vec<T> c,
                                           const detail::ElementwiseContext<T>& context) {
    using E = Elementwise;
    [[maybe_unused]] const Vec<T> p0 = splat(context.p0), p1 = splat(context.p1), zero{}, one = splat(T{1}),
                                  two = splat(T{2});
    if constexpr (op == E::add) {
        return a + b;
    } else if constexpr (op == E::sub) {
        return a - b;
    } else if constexpr (op == E::mul) {
        return a * b;
    } else if constexpr (op == E::div) {
        return a / b;
    } else if constexpr (op == E::maximum) {  // NaN passes, here and below: picked by its bits, whatever a comparison
                                              // made of it
        return select(is_nan(a), a, select(is_nan(b) | (b > a), b, a));
    } else if constexpr (op == E::minimum) {
        return select(is_nan(a), a, select(is_nan(b) | (b < a), b, a));
    } else if constexpr (op == E::clamp) {
        return select(is_nan(a), a, min(max(a, p0), p1));
    } else if constexpr (op == E::relu) {
        return select(is_nan(a) | (a > zero), a, zero);
    } else if constexpr (op == E::leaky_relu) {
        return select(a > zero, a, a * p0);
    } else if constexpr (op == E::affine) {
        return fma(a, p0, p1);
    } else if constexpr (op == E::reciprocal) {
        return p0 / a;
    } else if constexpr (op == E::pow) {
        return pow<T>(a, context.p0);
    } else if constexpr (op == E::neg) {
        return reinterpret_cast<Vec<T>>(reinterpret_cast<Mask<T>>(a) ^ sign_bit(splat(T{-1})));
    } else if constexpr (op == E::abs) {
        return abs(a);
    } else if constexpr (op == E::exp) {
        return exp(a);
    } else if constexpr (op == E::log) {
        return log(a);
    } else if constexpr (op == E::sqrt) {
        return sqrt(a);
    } else if constexpr (op == E::square) {
        return a * a;
    } else if constexpr (op == E::sigmoid) {
        return sigmoid<T>(a);
    } else if constexpr (op == E::tanh) {
        return tanh(a);
    } else if constexpr (op == E::div_grad_b) {  // not a / b^2: the square may overflow
        return -a * ((b / c) / c);
    } else if constexpr (op == E::maximum_grad_a) {
        return select(b == c, a / two, select(b < c, zero, a));
    } else if constexpr (op == E::minimum_grad_a) {
        return select(b == c, a / two, select(b > c, zero, a));
    } else if constexpr (op == E::abs_grad) {
        return select(b > zero, a, select(b < zero, -a, zero));
    } else if constexpr (op == E::log_grad) {
        return a / b;
    } else if constexpr (op == E::relu_grad) {
        return select(is_nan(b) | (b > zero), a, zero);
    } else if constexpr (op == E::leaky_relu_grad) {
        return select(b > zero, a, a * p0);
    } else if constexpr (op == E::clamp_grad) {
        return select((b > p0) & (b < p1) & ~is_nan(b), a, zero);
    } else if constexpr (op == E::pow_grad) {  // exponent 0: 0 even where x is 0
        return context.p0 == T{0} ? zero : a * (p0 * pow<T>(b, context.p0 - T{1}));
    } else if constexpr (op == E::exp_grad) {
        return a * b;
    } else if constexpr (op == E::sqrt_grad) {
        return a / (b + b);
    } else if constexpr (op == E::sigmoid_grad) {
        return a * (one - b) * b;
    } else if constexpr (op == E::tanh_grad) {
        return a * (one - b * b);
    } else if constexpr (op == E::reciprocal_grad) {
        return -a * p0 / (b * b);
    } else {
        static_assert(op == E::square_grad, "fathom: this operation has no floating form");
        return two * a * b;
    }
}

template <class T, Elementwise op>
void run_block(const void* context_pointer, void* const* pointers, const std::int64_t* steps, std::int64_t n) {
    const auto& context = *static_cast<const detail::ElementwiseContext<T>*>(context_pointer);
    constexpr int inputs = inputs_of(op);
    T* out = static_cast<T*>(pointers[0]);
    const T* a = static_cast<const T*>(pointers[1]);
    const T* b = static_cast<const T*>(pointers[inputs > 1 ? 2 : 1]);
    const T* c = static_cast<const T*>(pointers[inputs > 2 ? 3 : 1]);
    const std::int64_t a_step = steps[1], b_step = steps[inputs > 1 ? 2 : 1], c_step = steps[inputs > 2 ? 3 : 1];
    const bool accumulate = context.accumulate;
    std::int64_t i = 0;
    for (; i + lanes<T> <= n; i += lanes<T>) {
        const Vec<T> value = apply<op, T>(load(a + i * a_step), load(b + i * b_step), load(c + i * c_step), context);
        store(out + i, accumulate ? load(out + i) + value : value);
    }
    if (const int rest = static_cast<int>(n - i); rest > 0) {
        const Vec<T> value = apply<op, T>(load_partial(a + i * a_step, rest), load_partial(b + i * b_step, rest),
                                          load_partial(c + i * c_step, rest), context);
        store_partial(out + i, accumulate ? load_partial(out + i, rest) + value : value, rest);
    }
}

template <class T, Elementwise op>
BlockKernel block() {
    return run_block<T, op>;
}

}  // namespace elementwise_kernel
