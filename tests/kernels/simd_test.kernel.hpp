// A kernel body for simd_test.cpp that touches every function of simd.kernel.hpp.
namespace simd_test {

// out: 10 arrays of `lanes` results from a, b, c of `lanes` elements, then the partial loads of a, then three sums.
template <class T>
void everything(const T* a, const T* b, const T* c, T* out) {
    constexpr int n = lanes<T>;
    const Vec<T> x = load(a), y = load(b), z = load(c);
    const Vec<T> results[10] = {fma(x, y, z), select(x < y, x, z),
                                min(x, y),    max(x, y),
                                abs(x),       copysign(x, y),
                                sqrt(abs(x)), select(is_nan(z), splat(T(1)), splat(T(0))),
                                x + y * z,    x / y};
    for (int i = 0; i < 10; ++i) store(out + i * n, results[i]);
    out += 10 * n;
    for (int k = 0; k <= n; ++k) store(out + k * n, load_partial(a, k));
    out += (n + 1) * n;
    for (int k = 0; k <= n; ++k) store_partial(out + k * n, y, k);
    out += (n + 1) * n;
    out[0] = horizontal_sum<T>(x);
    out[1] = horizontal_max<T>(x);
    out[2] = horizontal_min<T>(x);
    out[3] = T(n);
}

// Loads `count` elements, or stores as many.
template <class T>
void move_part(T* x, int count, bool stores) {
    volatile T sum = 0;
    if (stores)
        store_partial(x, splat(T(1)), count);
    else
        sum = horizontal_sum<T>(load_partial(x, count));
    (void)sum;
}

template <class T>
int lane_count() {
    return lanes<T>;
}

}  // namespace simd_test
