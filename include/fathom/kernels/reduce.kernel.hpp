// Reductions of rows and of columns of float and double. Included through reduce.inl.hpp, once per ISA.

namespace reduce_kernel {

typedef float FloatsOfDoubles __attribute__((vector_size(FATHOM_VECTOR_BYTES / 2)));
typedef float FloatsOfDoublesUnaligned __attribute__((vector_size(FATHOM_VECTOR_BYTES / 2), aligned(4), may_alias));

// lanes<P> elements, in the type of the partial results.
template <class P, class T>
[[gnu::always_inline]] inline Vec<P> load_as(const T* x) {  // [lanes]
    if constexpr (sizeof(P) == sizeof(T))
        return load(x);
    else
        return __builtin_convertvector(
            static_cast<FloatsOfDoubles>(*reinterpret_cast<const FloatsOfDoublesUnaligned*>(x)), Vec<P>);
}

template <Reduce op, class P>
[[gnu::always_inline]] inline Vec<P> combine(Vec<P> a, Vec<P> b) {
    if constexpr (op == Reduce::sum || op == Reduce::norm)
        return a + b;
    else if constexpr (op == Reduce::product)
        return a * b;
    else if constexpr (op == Reduce::max)
        return select(is_nan(b) | ((b > a) & ~is_nan(a)), b, a);
    else
        return select(is_nan(b) | ((b < a) & ~is_nan(a)), b, a);
}

// A partial result and some elements.
template <Reduce op, class P, class T>
[[gnu::always_inline]] inline Vec<P> include(Vec<P> total, const T* x) {  // [lanes]
    const Vec<P> elements = load_as<P>(x);
    return combine<op, P>(total, op == Reduce::norm ? elements * elements : elements);
}

template <class T, Reduce op>
detail::RunningTotal<T, op> row(const T* x,  // [n]
                                std::int64_t n) {
    using P = detail::RunningTotal<T, op>;
    constexpr int width = lanes<P>;
    const Vec<P> start = splat(detail::reduction_start<T, op>());
    Vec<P> a0 = start, a1 = start, a2 = start, a3 = start;
    std::int64_t i = 0;
    for (; i + 4 * width <= n; i += 4 * width) {
        a0 = include<op, P>(a0, x + i);
        a1 = include<op, P>(a1, x + i + width);
        a2 = include<op, P>(a2, x + i + 2 * width);
        a3 = include<op, P>(a3, x + i + 3 * width);
    }
    for (; i + width <= n; i += width) a0 = include<op, P>(a0, x + i);
    a0 = combine<op, P>(combine<op, P>(a0, a1), combine<op, P>(a2, a3));
    P total = detail::reduction_start<T, op>();
    if constexpr (op == Reduce::sum || op == Reduce::norm) {
        total = horizontal_sum<P>(a0);
    } else {
        for (int j = 0; j < width; ++j) total = detail::combine<op, P>(total, a0[j]);
    }
    for (; i < n; ++i) total = detail::include<op, P>(total, static_cast<P>(x[i]));
    return total;
}

template <class T, Reduce op>
void columns(const T* x,  // [rows, count]
             std::int64_t row_stride, std::int64_t rows, std::int64_t count,
             detail::RunningTotal<T, op>* totals) {  // [count]
    using P = detail::RunningTotal<T, op>;
    constexpr int width = lanes<P>;
    std::int64_t j = 0;
    for (; j + 4 * width <= count; j += 4 * width) {
        Vec<P> a0 = load(totals + j), a1 = load(totals + j + width), a2 = load(totals + j + 2 * width),
               a3 = load(totals + j + 3 * width);
        const T* p = x + j;
        for (std::int64_t r = 0; r < rows; ++r, p += row_stride) {
            a0 = include<op, P>(a0, p);
            a1 = include<op, P>(a1, p + width);
            a2 = include<op, P>(a2, p + 2 * width);
            a3 = include<op, P>(a3, p + 3 * width);
        }
        store(totals + j, a0);
        store(totals + j + width, a1);
        store(totals + j + 2 * width, a2);
        store(totals + j + 3 * width, a3);
    }
    for (; j + width <= count; j += width) {
        Vec<P> a = load(totals + j);
        const T* p = x + j;
        for (std::int64_t r = 0; r < rows; ++r, p += row_stride) a = include<op, P>(a, p);
        store(totals + j, a);
    }
    for (; j < count; ++j) {
        P total = totals[j];
        const T* p = x + j;
        for (std::int64_t r = 0; r < rows; ++r, p += row_stride)
            total = detail::include<op, P>(total, static_cast<P>(*p));
        totals[j] = total;
    }
}

// The largest or smallest of n rows at each of 64 positions, and its row: exact in T, n is small.
template <class T, Reduce op>
void indexed(const T* x,  // [n, 64]
             std::int64_t stride, std::int64_t n,
             T* best,  // [64]
             T* at) {  // [64]
    for (std::int64_t j = 0; j < detail::tile_positions; j += lanes<T>) {
        Vec<T> value = load(x + j), row{};
        for (std::int64_t i = 1; i < n; ++i) {
            const Vec<T> v = load(x + i * stride + j);
            const Mask<T> better = op == Reduce::max ? v > value : v < value;
            const Mask<T> replaces = (is_nan(v) | better) & ~is_nan(value);
            value = select(replaces, v, value);
            row = select(replaces, splat(static_cast<T>(i)), row);
        }
        store(best + j, value);
        store(at + j, row);
    }
}

}  // namespace reduce_kernel
