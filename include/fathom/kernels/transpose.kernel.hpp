// A square of numbers, turned in registers. Included through transpose.hpp, once per ISA.

namespace transpose {

// Squares of `width` swap places, then their parts.
template <class T, int width, std::size_t... i>
[[gnu::always_inline]] inline void squares(Vec<T> (&rows)[lanes<T>], std::index_sequence<i...>) {
    constexpr int n = lanes<T>, size = width;
    FATHOM_UNROLL
    for (int r = 0; r < n; ++r) {
        if (r & size) continue;
        const Vec<T> a = rows[r], b = rows[r + size];
        rows[r] = __builtin_shufflevector(a, b, (i & size ? n + i - size : i)...);
        rows[r + size] = __builtin_shufflevector(a, b, (i & size ? n + i : i + size)...);
    }
    if constexpr (width > 1) squares<T, width / 2>(rows, std::index_sequence<i...>{});
}

// Lane j of vector i becomes lane i of vector j.
template <class T>
[[gnu::always_inline]] inline void turn(Vec<T> (&rows)[lanes<T>]) {
    squares<T, lanes<T> / 2>(rows, std::make_index_sequence<lanes<T>>{});
}

}  // namespace transpose
