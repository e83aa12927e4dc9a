// Passes over memory by whole vectors, eight at a time: more than the two loads and one store of a clock, few enough to
// stay in registers. Elements are multiples of 8 vectors.
namespace ceiling {

inline constexpr int vectors_at_once = 8;

// Between two groups: without it the compiler would make a call to memset or memcpy of the loop, which uses other
// instructions.
[[gnu::always_inline]] inline void keep_loop() { asm volatile("" ::: "memory"); }

// The bits are joined by "or", which takes a clock: additions take four, and would wait for each other.
template <class T>
T read_pass(const T* from, std::int64_t elements) {
    Mask<T> bits[vectors_at_once] = {};
    for (std::int64_t i = 0; i < elements; i += vectors_at_once * lanes<T>) {
        FATHOM_UNROLL
        for (int v = 0; v < vectors_at_once; ++v) bits[v] |= reinterpret_cast<Mask<T>>(load(from + i + v * lanes<T>));
        keep_loop();
    }
    FATHOM_UNROLL
    for (int v = 1; v < vectors_at_once; ++v) bits[0] |= bits[v];
    return horizontal_sum<T>(reinterpret_cast<Vec<T>>(bits[0]));
}

template <class T>
void write_pass(T* to, std::int64_t elements, T value) {
    const Vec<T> v = splat(value);
    for (std::int64_t i = 0; i < elements; i += vectors_at_once * lanes<T>) {
        FATHOM_UNROLL
        for (int k = 0; k < vectors_at_once; ++k) store(to + i + k * lanes<T>, v);
        keep_loop();
    }
}

template <class T>
void copy_pass(const T* from, T* to, std::int64_t elements) {
    for (std::int64_t i = 0; i < elements; i += vectors_at_once * lanes<T>) {
        Vec<T> values[vectors_at_once];
        FATHOM_UNROLL
        for (int v = 0; v < vectors_at_once; ++v) values[v] = load(from + i + v * lanes<T>);
        FATHOM_UNROLL
        for (int v = 0; v < vectors_at_once; ++v) store(to + i + v * lanes<T>, values[v]);
        keep_loop();
    }
}

}  // namespace ceiling
