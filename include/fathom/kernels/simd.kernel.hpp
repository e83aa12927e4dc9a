// Vectors of FATHOM_VECTOR_BYTES: Vec<float>, Vec<double>, and the functions that the language's operators do not give.
// Free functions on raw vector types, always inlined: a class around the vector fails in g++ 12 at -O0. Included
// through simd.hpp, once per ISA.

template <class T>
struct VectorTypes;

template <>
struct VectorTypes<float> {
    using Scalar = float;
    typedef float Vector __attribute__((vector_size(FATHOM_VECTOR_BYTES)));
    typedef float Unaligned __attribute__((vector_size(FATHOM_VECTOR_BYTES), aligned(4), may_alias));
    typedef std::int32_t Integer __attribute__((vector_size(FATHOM_VECTOR_BYTES)));
};

template <>
struct VectorTypes<double> {
    using Scalar = double;
    typedef double Vector __attribute__((vector_size(FATHOM_VECTOR_BYTES)));
    typedef double Unaligned __attribute__((vector_size(FATHOM_VECTOR_BYTES), aligned(8), may_alias));
    typedef std::int64_t Integer __attribute__((vector_size(FATHOM_VECTOR_BYTES)));
};

template <class T>
using Vec = typename VectorTypes<T>::Vector;
// What a comparison of two Vec<T> gives: all ones or zero in each lane. Also the bits of a Vec<T>: (Mask<T>)v, and back
// (Vec<T>)m.
template <class T>
using Mask = typename VectorTypes<T>::Integer;

template <class T>
inline constexpr int lanes = FATHOM_VECTOR_BYTES / static_cast<int>(sizeof(T));

// Vector registers of the ISA: what a register-blocked kernel may plan with.
#if FATHOM_VECTOR_BYTES == 64 || defined(__aarch64__)
inline constexpr int vector_registers = 32;
#else
inline constexpr int vector_registers = 16;
#endif

#define FATHOM_SIMD [[gnu::always_inline]] inline

// Memory: any alignment.
FATHOM_SIMD Vec<float> load(const float* p) { return *reinterpret_cast<const VectorTypes<float>::Unaligned*>(p); }
FATHOM_SIMD Vec<double> load(const double* p) { return *reinterpret_cast<const VectorTypes<double>::Unaligned*>(p); }
FATHOM_SIMD void store(float* p, Vec<float> v) { *reinterpret_cast<VectorTypes<float>::Unaligned*>(p) = v; }
FATHOM_SIMD void store(double* p, Vec<double> v) { *reinterpret_cast<VectorTypes<double>::Unaligned*>(p) = v; }
FATHOM_SIMD Vec<float> splat(float x) { return x - Vec<float>{}; }
FATHOM_SIMD Vec<double> splat(double x) { return x - Vec<double>{}; }

// The first n lanes, 0 <= n <= lanes; the others are 0, and memory beyond p + n is not touched.
#ifdef FATHOM_SANITIZED
template <class T>
FATHOM_SIMD Vec<T> load_partial(const T* p, int n) {
    Vec<T> v{};
    __builtin_memcpy(&v, p, static_cast<std::size_t>(n) * sizeof(T));
    return v;
}
FATHOM_SIMD void store_partial(float* p, Vec<float> v, int n) {
    __builtin_memcpy(p, &v, static_cast<std::size_t>(n) * sizeof(float));
}
FATHOM_SIMD void store_partial(double* p, Vec<double> v, int n) {
    __builtin_memcpy(p, &v, static_cast<std::size_t>(n) * sizeof(double));
}
#elif FATHOM_VECTOR_BYTES == 64
FATHOM_SIMD Vec<float> load_partial(const float* p, int n) {
    return __builtin_ia32_loadups512_mask(p, Vec<float>{}, static_cast<unsigned short>((1u << n) - 1));
}
FATHOM_SIMD Vec<double> load_partial(const double* p, int n) {
    return __builtin_ia32_loadupd512_mask(p, Vec<double>{}, static_cast<unsigned char>((1u << n) - 1));
}
FATHOM_SIMD void store_partial(float* p, Vec<float> v, int n) {
    __builtin_ia32_storeups512_mask(p, v, static_cast<unsigned short>((1u << n) - 1));
}
FATHOM_SIMD void store_partial(double* p, Vec<double> v, int n) {
    __builtin_ia32_storeupd512_mask(p, v, static_cast<unsigned char>((1u << n) - 1));
}
#elif FATHOM_VECTOR_BYTES == 32
FATHOM_SIMD Mask<float> first_lanes(float, int n) { return Mask<float>{0, 1, 2, 3, 4, 5, 6, 7} < (n - Mask<float>{}); }
FATHOM_SIMD Mask<double> first_lanes(double, int n) {
    return Mask<double>{0, 1, 2, 3} < (std::int64_t{n} - Mask<double>{});
}
FATHOM_SIMD Vec<float> load_partial(const float* p, int n) {
    return __builtin_ia32_maskloadps256(reinterpret_cast<const Vec<float>*>(p), first_lanes(0.0f, n));
}
FATHOM_SIMD Vec<double> load_partial(const double* p, int n) {
    typedef long long Longs __attribute__((vector_size(32)));
    return __builtin_ia32_maskloadpd256(reinterpret_cast<const Vec<double>*>(p),
                                        reinterpret_cast<Longs>(first_lanes(0.0, n)));
}
FATHOM_SIMD void store_partial(float* p, Vec<float> v, int n) {
    __builtin_ia32_maskstoreps256(reinterpret_cast<Vec<float>*>(p), first_lanes(0.0f, n), v);
}
FATHOM_SIMD void store_partial(double* p, Vec<double> v, int n) {
    typedef long long Longs __attribute__((vector_size(32)));
    __builtin_ia32_maskstorepd256(reinterpret_cast<Vec<double>*>(p), reinterpret_cast<Longs>(first_lanes(0.0, n)), v);
}
#else
template <class T>
FATHOM_SIMD Vec<T> load_partial(const T* p, int n) {
    Vec<T> v{};
    for (int i = 0; i < lanes<T>; ++i)
        if (i < n) v[i] = p[i];
    return v;
}
FATHOM_SIMD void store_partial(float* p, Vec<float> v, int n) {
    for (int i = 0; i < lanes<float>; ++i)
        if (i < n) p[i] = v[i];
}
FATHOM_SIMD void store_partial(double* p, Vec<double> v, int n) {
    for (int i = 0; i < lanes<double>; ++i)
        if (i < n) p[i] = v[i];
}
#endif

// The first n lanes, and ones: what is not used of a quotient, say, must raise no exception either.
template <class T>
FATHOM_SIMD Vec<T> load_or_ones(const T* p, int n) {
    struct Table {
        T values[2 * lanes<T>] = {};  // zeros, then ones
        constexpr Table() {
            for (int i = lanes<T>; i < 2 * lanes<T>; ++i) values[i] = 1;
        }
    };
    static constexpr Table table;
    const Vec<T> ones = load(table.values + lanes<T> - n);
    return reinterpret_cast<Vec<T>>(reinterpret_cast<Mask<T>>(load_partial(p, n)) | reinterpret_cast<Mask<T>>(ones));
}

// A whole vector, or its first n lanes, 0 <= n <= lanes.
template <class T>
FATHOM_SIMD Vec<T> load_some(const T* p, int n) {
    return n == lanes<T> ? load(p) : load_partial(p, n);
}
template <class T>
FATHOM_SIMD void store_some(T* p, Vec<T> v, int n) {
    if (n == lanes<T>)
        store(p, v);
    else
        store_partial(p, v, n);
}

// a * b + c, in one rounding where the ISA has the instruction. Spelled out: compilers contract differently, and a
// consumer may forbid it. On the x86-64 baseline std::fma is a library call.
#if FATHOM_VECTOR_BYTES == 64
#if defined(__has_builtin) && __has_builtin(__builtin_elementwise_fma)
FATHOM_SIMD Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return __builtin_elementwise_fma(a, b, c); }
FATHOM_SIMD Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return __builtin_elementwise_fma(a, b, c); }
#else
FATHOM_SIMD Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return __builtin_ia32_vfmaddps512_mask(a, b, c, static_cast<unsigned short>(-1),
                                           4);  // 4: the current rounding mode
}
FATHOM_SIMD Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return __builtin_ia32_vfmaddpd512_mask(a, b, c, static_cast<unsigned char>(-1), 4);
}
#endif
#elif FATHOM_VECTOR_BYTES == 32
#if defined(__has_builtin) && __has_builtin(__builtin_elementwise_fma)
FATHOM_SIMD Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return __builtin_elementwise_fma(a, b, c); }
FATHOM_SIMD Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return __builtin_elementwise_fma(a, b, c); }
#else
FATHOM_SIMD Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return __builtin_ia32_vfmaddps256(a, b, c); }
FATHOM_SIMD Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return __builtin_ia32_vfmaddpd256(a, b, c); }
#endif
#else
FATHOM_SIMD Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return a * b + c; }
FATHOM_SIMD Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return a * b + c; }
#endif

// mask ? a : b in each lane.
FATHOM_SIMD Vec<float> select(Mask<float> mask, Vec<float> a, Vec<float> b) { return mask ? a : b; }
FATHOM_SIMD Vec<double> select(Mask<double> mask, Vec<double> a, Vec<double> b) { return mask ? a : b; }

// b where either is NaN, as the x86 instructions have it.
FATHOM_SIMD Vec<float> min(Vec<float> a, Vec<float> b) { return a < b ? a : b; }
FATHOM_SIMD Vec<double> min(Vec<double> a, Vec<double> b) { return a < b ? a : b; }
FATHOM_SIMD Vec<float> max(Vec<float> a, Vec<float> b) { return a > b ? a : b; }
FATHOM_SIMD Vec<double> max(Vec<double> a, Vec<double> b) { return a > b ? a : b; }

// Signs and NaN by their bits: they hold under -ffast-math too.
FATHOM_SIMD Mask<float> sign_bit(Vec<float> a) {
    return reinterpret_cast<Mask<float>>(a) & (INT32_MIN - Mask<float>{});
}
FATHOM_SIMD Mask<double> sign_bit(Vec<double> a) {
    return reinterpret_cast<Mask<double>>(a) & (INT64_MIN - Mask<double>{});
}
FATHOM_SIMD Vec<float> abs(Vec<float> a) {
    return reinterpret_cast<Vec<float>>(reinterpret_cast<Mask<float>>(a) & (INT32_MAX - Mask<float>{}));
}
FATHOM_SIMD Vec<double> abs(Vec<double> a) {
    return reinterpret_cast<Vec<double>>(reinterpret_cast<Mask<double>>(a) & (INT64_MAX - Mask<double>{}));
}
FATHOM_SIMD Vec<float> negate(Vec<float> a) {
    return reinterpret_cast<Vec<float>>(reinterpret_cast<Mask<float>>(a) ^ (INT32_MIN - Mask<float>{}));
}
FATHOM_SIMD Vec<double> negate(Vec<double> a) {
    return reinterpret_cast<Vec<double>>(reinterpret_cast<Mask<double>>(a) ^ (INT64_MIN - Mask<double>{}));
}
// The size of a with the sign of b.
FATHOM_SIMD Vec<float> copysign(Vec<float> a, Vec<float> b) {
    return reinterpret_cast<Vec<float>>(reinterpret_cast<Mask<float>>(abs(a)) | sign_bit(b));
}
FATHOM_SIMD Vec<double> copysign(Vec<double> a, Vec<double> b) {
    return reinterpret_cast<Vec<double>>(reinterpret_cast<Mask<double>>(abs(a)) | sign_bit(b));
}
FATHOM_SIMD Mask<float> is_nan(Vec<float> a) {
    return reinterpret_cast<Mask<float>>(abs(a)) > (0x7F800000 - Mask<float>{});
}
FATHOM_SIMD Mask<double> is_nan(Vec<double> a) {
    return reinterpret_cast<Mask<double>>(abs(a)) > (std::int64_t{0x7FF0000000000000} - Mask<double>{});
}

#if !defined(__x86_64__)
FATHOM_SIMD Vec<float> sqrt(Vec<float> a) {
    for (int i = 0; i < lanes<float>; ++i) a[i] = __builtin_sqrtf(a[i]);
    return a;
}
FATHOM_SIMD Vec<double> sqrt(Vec<double> a) {
    for (int i = 0; i < lanes<double>; ++i) a[i] = __builtin_sqrt(a[i]);
    return a;
}
#elif FATHOM_VECTOR_BYTES == 64 && defined(__clang__)
FATHOM_SIMD Vec<float> sqrt(Vec<float> a) { return __builtin_ia32_sqrtps512(a, 4); }
FATHOM_SIMD Vec<double> sqrt(Vec<double> a) { return __builtin_ia32_sqrtpd512(a, 4); }
#elif FATHOM_VECTOR_BYTES == 64
FATHOM_SIMD Vec<float> sqrt(Vec<float> a) {
    return __builtin_ia32_sqrtps512_mask(a, a, static_cast<unsigned short>(-1), 4);
}
FATHOM_SIMD Vec<double> sqrt(Vec<double> a) {
    return __builtin_ia32_sqrtpd512_mask(a, a, static_cast<unsigned char>(-1), 4);
}
#elif FATHOM_VECTOR_BYTES == 32
FATHOM_SIMD Vec<float> sqrt(Vec<float> a) { return __builtin_ia32_sqrtps256(a); }
FATHOM_SIMD Vec<double> sqrt(Vec<double> a) { return __builtin_ia32_sqrtpd256(a); }
#else
FATHOM_SIMD Vec<float> sqrt(Vec<float> a) { return __builtin_ia32_sqrtps(a); }
FATHOM_SIMD Vec<double> sqrt(Vec<double> a) { return __builtin_ia32_sqrtpd(a); }
#endif

// Lane i of the result is lane (i + by) % lanes of a.
template <int by, class V, std::size_t... i>
FATHOM_SIMD V rotate_lanes(V a, std::index_sequence<i...>) {
    return __builtin_shufflevector(a, a, ((i + by) % sizeof...(i))...);
}

// The sum over the lanes, as a tree of halves.
template <class T, int width = lanes<T> / 2>
FATHOM_SIMD T horizontal_sum(Vec<T> a) {
    a += rotate_lanes<width>(a, std::make_index_sequence<lanes<T>>{});
    if constexpr (width > 1)
        return horizontal_sum<T, width / 2>(a);
    else
        return a[0];
}

// The largest and the smallest lane; of lanes with NaN, none is preferred.
template <class T, int width = lanes<T> / 2>
FATHOM_SIMD T horizontal_max(Vec<T> a) {
    a = max(a, rotate_lanes<width>(a, std::make_index_sequence<lanes<T>>{}));
    if constexpr (width > 1)
        return horizontal_max<T, width / 2>(a);
    else
        return a[0];
}
template <class T, int width = lanes<T> / 2>
FATHOM_SIMD T horizontal_min(Vec<T> a) {
    a = min(a, rotate_lanes<width>(a, std::make_index_sequence<lanes<T>>{}));
    if constexpr (width > 1)
        return horizontal_min<T, width / 2>(a);
    else
        return a[0];
}

#undef FATHOM_SIMD
