// Functions of vectors. float: polynomials, within 2 ulp of the exact value (powers within 1), sin, cos, erf and expm1
// within 3 (measured: tests/kernels/math_test.cpp). double: std:: for each lane. Included through math.hpp, once per
// ISA.

#define FATHOM_SIMD [[gnu::always_inline]] inline

// f for each lane.
template <class T, class F>
FATHOM_SIMD Vec<T> each_lane(Vec<T> a, F f) {
    for (int i = 0; i < lanes<T>; ++i) a[i] = f(a[i]);
    return a;
}

struct ScalarExp {
    double operator()(double x) const { return std::exp(x); }
};
struct ScalarTanh {
    double operator()(double x) const { return std::tanh(x); }
};
struct ScalarLog {
    double operator()(double x) const { return std::log(x); }
};
struct ScalarLog1p {
    double operator()(double x) const { return std::log1p(x); }
};
struct ScalarExpm1 {
    double operator()(double x) const { return std::expm1(x); }
};
struct ScalarErf {
    double operator()(double x) const { return std::erf(x); }
};
struct ScalarSin {
    float operator()(float x) const { return std::sin(x); }
    double operator()(double x) const { return std::sin(x); }
};
struct ScalarCos {
    float operator()(float x) const { return std::cos(x); }
    double operator()(double x) const { return std::cos(x); }
};

// exp(r) - 1 by a polynomial p through the Chebyshev nodes of |r| <= ln 2 / 2, of |x| up to some hundreds:
//   x          = k ln 2 + r
//   k          = round(x / ln 2)
//   exp(r) - 1 = r + r^2 p(r)
FATHOM_SIMD Vec<float> reduced_expm1(Vec<float> x, Mask<float>& k) {
    const Vec<float> scaled = x * splat(0x1.715476p+0f);
    k = __builtin_convertvector(scaled + copysign(splat(0.5f), scaled), Mask<float>);
    const Vec<float> kf = __builtin_convertvector(k, Vec<float>);
    // ln 2 in two parts, the first of 15 bits: its product with k is exact without FMA too.
    const Vec<float> r = fma(kf, splat(-0x1.7f7d1cp-20f), fma(kf, splat(-0x1.62e4p-1f), x));
    Vec<float> p = splat(0x1.6d119ap-10f);
    p = fma(p, r, splat(0x1.120cp-7f));
    p = fma(p, r, splat(0x1.555518p-5f));
    p = fma(p, r, splat(0x1.5554dcp-3f));
    p = fma(p, r, splat(0.5f));
    return fma(p * r, r, r);
}

// 2^k, for exponents of normal numbers.
FATHOM_SIMD Vec<float> power_of_two(Mask<float> k) {
    return reinterpret_cast<Vec<float>>((k + (127 - Mask<float>{})) << 23);
}

// exp(x) = 2^k exp(r)
FATHOM_SIMD Vec<float> exp(Vec<float> x) {
    const Mask<float> nan = is_nan(x);
    Mask<float> k;
    const Vec<float> y =
        max(splat(-105.0f), min(splat(90.0f), select(nan, Vec<float>{}, x)));  // beyond: 0 and infinity
    const Vec<float> p = reduced_expm1(y, k) + splat(1.0f);
    // 2^k in two factors: k may lie outside the exponents of float where the result is subnormal.
    const Mask<float> half = k >> 1;
    return select(nan, x, p * power_of_two(half) * power_of_two(k - half));
}
FATHOM_SIMD Vec<double> exp(Vec<double> x) { return each_lane<double>(x, ScalarExp{}); }

// exp(x) - 1 = 2^k (exp(r) - 1) + (2^k - 1), at half the size: 2^128 is beyond float.
FATHOM_SIMD Vec<float> expm1(Vec<float> x) {
    const Mask<float> nan = is_nan(x);
    Mask<float> k;
    const Vec<float> y =
        max(splat(-20.0f), min(splat(89.0f), select(nan, Vec<float>{}, x)));  // beyond: -1 and infinity
    const Vec<float> p = reduced_expm1(y, k), half = power_of_two(k - 1);
    const Vec<float> value = fma(half, p, half - splat(0.5f));
    return select(nan, x, copysign(value + value, x));
}
FATHOM_SIMD Vec<double> expm1(Vec<double> x) { return each_lane<double>(x, ScalarExpm1{}); }

// The hyperbolic tangent, for small |x| and with the sign of x for others (from 10 on it is 1):
//   x + x^3 q(x^2)
//   1 - 2 / (exp(2 |x|) + 1)
FATHOM_SIMD Vec<float> tanh(Vec<float> x) {
    const Vec<float> a = abs(x), z = a * a;
    Vec<float> q = splat(0x1.2c645ep-9f);
    q = fma(q, z, splat(-0x1.116328p-7f));
    q = fma(q, z, splat(0x1.64a868p-6f));
    q = fma(q, z, splat(-0x1.ba08b4p-5f));
    q = fma(q, z, splat(0x1.1110e8p-3f));
    q = fma(q, z, splat(-0x1.555556p-2f));
    const Vec<float> bounded = min(a, splat(10.0f)),
                     large = splat(1.0f) - splat(2.0f) / (exp(bounded + bounded) + splat(1.0f));
    return select(is_nan(x), x, copysign(select(a < splat(0.625f), fma(q * z, a, a), large), x));
}
FATHOM_SIMD Vec<double> tanh(Vec<double> x) { return each_lane<double>(x, ScalarTanh{}); }

// 1 / (1 + exp(-x)); far down, where the exponential would overflow, it is exp(x).
template <class T>
FATHOM_SIMD Vec<T> sigmoid_of(Vec<T> x) {
    const Mask<T> flat = x < splat(T{-80});
    const Vec<T> e = exp(select(flat, x, -x)), one = splat(T{1});
    return select(flat, e, one / (one + e));
}
FATHOM_SIMD Vec<float> sigmoid(Vec<float> x) { return sigmoid_of<float>(x); }
FATHOM_SIMD Vec<double> sigmoid(Vec<double> x) { return sigmoid_of<double>(x); }

// The logarithm, with 1 + f in [sqrt(1/2), sqrt(2)):
//   log(x)     = e ln 2 + log(1 + f)
//   log(1 + f) = f - f^2 / 2 + f^3 p(f)
FATHOM_SIMD Vec<float> log(Vec<float> x) {
    const Mask<float> subnormal = x < splat(0x1p-126f);
    const Mask<float> bits = reinterpret_cast<Mask<float>>(abs(select(subnormal, x * splat(0x1p23f), x)));
    const Mask<float> root_half = 0x3F3504F3 - Mask<float>{};
    const Mask<float> e = (bits - root_half) >> 23;
    const Vec<float> f = reinterpret_cast<Vec<float>>(bits - (e << 23)) - splat(1.0f);
    Vec<float> p = splat(0x1.1d9df2p-4f);
    p = fma(p, f, splat(-0x1.d64804p-4f));
    p = fma(p, f, splat(0x1.dea5a6p-4f));
    p = fma(p, f, splat(-0x1.fcf2acp-4f));
    p = fma(p, f, splat(0x1.23d1d8p-3f));
    p = fma(p, f, splat(-0x1.555b52p-3f));
    p = fma(p, f, splat(0x1.999d5cp-3f));
    p = fma(p, f, splat(-0x1.fffffcp-3f));
    p = fma(p, f, splat(0x1.555554p-2f));
    const Vec<float> exponent = __builtin_convertvector(e, Vec<float>) - select(subnormal, splat(23.0f), Vec<float>{});
    const Vec<float> square = f * f;
    Vec<float> y = fma(square, fma(f, p, splat(-0.5f)), exponent * splat(0x1.7f7d1cp-20f)) + f;
    y = fma(exponent, splat(0x1.62e4p-1f), y);
    const Vec<float> infinity = reinterpret_cast<Vec<float>>(0x7F800000 - Mask<float>{});
    const Vec<float> not_a_number = reinterpret_cast<Vec<float>>(0x7FC00000 - Mask<float>{});
    const Mask<float> is_infinity = reinterpret_cast<Mask<float>>(x) == reinterpret_cast<Mask<float>>(infinity);
    y = select(is_infinity | is_nan(x), x, select(x < Vec<float>{}, not_a_number, y));
    return select(abs(x) == Vec<float>{}, -infinity, y);
}
FATHOM_SIMD Vec<double> log(Vec<double> x) { return each_lane<double>(x, ScalarLog{}); }

// log(1 + x): the sum u rounds; what it lost, over u, is the first term of what log(u) lacks. Where u is 1 that is x.
FATHOM_SIMD Vec<float> log1p(Vec<float> x) {
    const Vec<float> one = splat(1.0f), u = one + x, lost = x - (u - one);
    const Mask<float> corrected = (u > Vec<float>{}) & (x < splat(0x1p30f));
    const Vec<float> y = log(u) + select(corrected, lost / select(corrected, u, one), Vec<float>{});
    return select(u == one, x, y);
}
FATHOM_SIMD Vec<double> log1p(Vec<double> x) { return each_lane<double>(x, ScalarLog1p{}); }

// x^y of positive normal numbers, 0 and infinity beyond 2^-300 and 2^300, with more digits than a float has:
//   log2(x) = e + 2 / ln 2 (s + s^3 / 3 + ... + s^15 / 15),  s = (m - 1) / (m + 1),  x = 2^e m,  1/2 <= m^2 < 2
//   2^t     = 2^k (1 + r ln 2 + ... + (r ln 2)^8 / 8!),  k = round(t),  r = t - k
// Integers become doubles, and back, as the last bits of 0x1.8p52: not every ISA has the conversion of 64 bits.
FATHOM_SIMD Vec<double> positive_power(Vec<double> x, Vec<double> y) {
    const Vec<double> one = splat(1.0), last_bits = splat(0x1.8p52);
    const Mask<double> bits = reinterpret_cast<Mask<double>>(x), offset = reinterpret_cast<Mask<double>>(last_bits);
    const Mask<double> e = (bits - 0x3FE6A09E667F3BCD) >> 52;
    const Vec<double> m = reinterpret_cast<Vec<double>>(bits - (e << 52)), s = (m - one) / (m + one), z = s * s;
    Vec<double> p = splat(1.0 / 15);
    p = fma(p, z, splat(1.0 / 13));
    p = fma(p, z, splat(1.0 / 11));
    p = fma(p, z, splat(1.0 / 9));
    p = fma(p, z, splat(1.0 / 7));
    p = fma(p, z, splat(1.0 / 5));
    p = fma(p, z, splat(1.0 / 3));
    p = fma(p * z, s, s);
    const Vec<double> logarithm =
        fma(p, splat(2.8853900817779268), reinterpret_cast<Vec<double>>(e + offset) - last_bits);
    const Vec<double> t = min(max(y * logarithm, splat(-300.0)), splat(300.0));
    const Mask<double> k = reinterpret_cast<Mask<double>>(t + last_bits) - offset;
    const Vec<double> r = (t - (reinterpret_cast<Vec<double>>(k + offset) - last_bits)) * splat(0.69314718055994531);
    Vec<double> q = splat(1.0 / 40320);
    q = fma(q, r, splat(1.0 / 5040));
    q = fma(q, r, splat(1.0 / 720));
    q = fma(q, r, splat(1.0 / 120));
    q = fma(q, r, splat(1.0 / 24));
    q = fma(q, r, splat(1.0 / 6));
    q = fma(q, r, splat(0.5));
    q = fma(q, r, one);
    q = fma(q, r, one);
    return q * reinterpret_cast<Vec<double>>((k + 1023) << 52);
}

// x to the power of y. Of float in double, half a vector at a time; vectors with other numbers than positive normal
// ones lane by lane.
FATHOM_SIMD Vec<double> power(Vec<double> x, Vec<double> y) {
    for (int i = 0; i < lanes<double>; ++i) x[i] = std::pow(x[i], y[i]);
    return x;
}
FATHOM_SIMD Vec<float> power(Vec<float> x, Vec<float> y) {
    typedef float Half __attribute__((vector_size(FATHOM_VECTOR_BYTES / 2)));
    const Vec<float> largest = splat(0x1.fffffep127f), one = splat(1.0f);
    const Mask<float> plain = (x >= splat(0x1p-126f)) & (x <= largest) & (abs(y) <= largest);
    if (horizontal_max<float>(select(plain, Vec<float>{}, one)) > 0.0f) {
        for (int i = 0; i < lanes<float>; ++i) x[i] = std::pow(x[i], y[i]);
        return x;
    }
    float from[2][lanes<float>], to[lanes<float>];
    store(from[0], x), store(from[1], y);
    for (int i = 0; i < lanes<float>; i += lanes<double>) {
        Half a, b;
        __builtin_memcpy(&a, from[0] + i, sizeof a), __builtin_memcpy(&b, from[1] + i, sizeof b);
        const Half c = __builtin_convertvector(
            positive_power(__builtin_convertvector(a, Vec<double>), __builtin_convertvector(b, Vec<double>)), Half);
        __builtin_memcpy(to + i, &c, sizeof c);
    }
    return load(to);
}

template <class T>
FATHOM_SIMD Vec<T> pow_of(Vec<T> x, T exponent) {
    if (exponent == T{1}) return x;
    if (exponent == T{2}) return x * x;
    if (exponent == T{3}) return x * x * x;
    return power(x, splat(exponent));
}
FATHOM_SIMD Vec<float> pow(Vec<float> x, float exponent) { return pow_of<float>(x, exponent); }
FATHOM_SIMD Vec<double> pow(Vec<double> x, double exponent) { return pow_of<double>(x, exponent); }

// Sine and cosine, x being n quarters of a turn and r, |r| <= pi / 4, by minimax polynomials of r^2:
//   sin(r) = r + r^3 p(r^2)
//   cos(r) = 1 - r^2 / 2 + r^4 q(r^2)
// pi / 2 in four parts: products of the first three with n < 2^13 are exact without FMA too. Beyond that, lane by lane.
template <int quarters, class Scalar>
FATHOM_SIMD Vec<float> sine_of(Vec<float> x, Scalar scalar) {
    const Mask<float> nan = is_nan(x);
    const Vec<float> bounded = select(nan, Vec<float>{}, x);
    if (horizontal_max<float>(abs(bounded)) > 12000.0f) return each_lane<float>(x, scalar);
    const Vec<float> turned = bounded * splat(0x1.45f306p-1f);
    const Mask<float> n = __builtin_convertvector(turned + copysign(splat(0.5f), turned), Mask<float>);
    const Vec<float> nf = __builtin_convertvector(n, Vec<float>);
    Vec<float> r = fma(nf, splat(-0x1.92p+0f), bounded);
    r = fma(nf, splat(-0x1.fb4p-12f), r);
    r = fma(nf, splat(-0x1.444p-24f), r);
    r = fma(nf, splat(-0x1.68c234p-39f), r);
    const Vec<float> z = r * r;
    Vec<float> p = splat(0x1.6ccbb4p-19f);
    p = fma(p, z, splat(-0x1.a00f68p-13f));
    p = fma(p, z, splat(0x1.111108p-7f));
    p = fma(p, z, splat(-0x1.555556p-3f));
    const Vec<float> sine = copysign(fma(p * z, r, r), r);
    Vec<float> q = splat(-0x1.24216ep-22f);
    q = fma(q, z, splat(0x1.a010f2p-16f));
    q = fma(q, z, splat(-0x1.6c16b8p-10f));
    q = fma(q, z, splat(0x1.555556p-5f));
    const Vec<float> cosine = fma(q * z, z, fma(z, splat(-0.5f), splat(1.0f)));
    const Mask<float> turn = n + quarters;
    const Vec<float> y = select((turn & 1) != 0, cosine, sine);
    return select(nan, x, select((turn & 2) != 0, negate(y), y));
}
FATHOM_SIMD Vec<float> sin(Vec<float> x) { return sine_of<0>(x, ScalarSin{}); }
FATHOM_SIMD Vec<double> sin(Vec<double> x) { return each_lane<double>(x, ScalarSin{}); }
FATHOM_SIMD Vec<float> cos(Vec<float> x) { return sine_of<1>(x, ScalarCos{}); }
FATHOM_SIMD Vec<double> cos(Vec<double> x) { return each_lane<double>(x, ScalarCos{}); }

// The error function, by minimax polynomials; with the sign of x, and from 4 on 1:
//   erf(x) = x + x p(x^2),    x < 0.9
//   erf(x) = 1 - exp(q(x))
FATHOM_SIMD Vec<float> erf(Vec<float> x) {
    const Vec<float> a = abs(x), z = a * a;
    Vec<float> p = splat(0x1.603512p-14f);
    p = fma(p, z, splat(-0x1.ab4738p-11f));
    p = fma(p, z, splat(0x1.54e624p-8f));
    p = fma(p, z, splat(-0x1.b811bep-6f));
    p = fma(p, z, splat(0x1.ce2e3p-4f));
    p = fma(p, z, splat(-0x1.812744p-2f));
    p = fma(p, z, splat(0x1.06eba8p-3f));
    const Vec<float> b = min(a, splat(4.0f));
    Vec<float> q = splat(-0x1.5f3ab8p-16f);
    q = fma(q, b, splat(0x1.c598f2p-12f));
    q = fma(q, b, splat(-0x1.10bff2p-8f));
    q = fma(q, b, splat(0x1.9b272p-6f));
    q = fma(q, b, splat(-0x1.bb5b64p-4f));
    q = fma(q, b, splat(-0x1.444ab4p-1f));
    q = fma(q, b, splat(-0x1.2126bap+0f));
    q = fma(q, b, splat(0x1.667deap-13f));
    const Vec<float> large = splat(1.0f) - exp(q);
    return select(is_nan(x), x, copysign(select(a < splat(0.9f), fma(p, a, a), large), x));
}
FATHOM_SIMD Vec<double> erf(Vec<double> x) { return each_lane<double>(x, ScalarErf{}); }

// The integer next to x towards zero, below, above, and nearest (of two, the even one), each with the sign of x. What
// is so large that it has no fraction, and NaN, are themselves.
template <class T>
FATHOM_SIMD Mask<T> without_fraction(Vec<T> x) {
    constexpr T large = sizeof(T) == 4 ? T{0x1p23} : static_cast<T>(0x1p52);
    return is_nan(x) | (abs(x) >= splat(large));
}
template <class T>
FATHOM_SIMD Vec<T> floor_of(Vec<T> x) {
    const Mask<T> whole = without_fraction<T>(x);
    const Vec<T> bounded = select(whole, Vec<T>{}, x);
    const Vec<T> truncated = __builtin_convertvector(__builtin_convertvector(bounded, Mask<T>), Vec<T>);
    const Vec<T> below = truncated - select(truncated > bounded, splat(T{1}), Vec<T>{});
    return select(whole, x, copysign(below, x));
}
template <class T>
FATHOM_SIMD Vec<T> round_of(Vec<T> x) {
    const Mask<T> whole = without_fraction<T>(x);
    const Vec<T> bounded = abs(select(whole, Vec<T>{}, x));
    const Mask<T> integer = __builtin_convertvector(bounded, Mask<T>);
    const Vec<T> truncated = __builtin_convertvector(integer, Vec<T>), rest = bounded - truncated, half = splat(T{0.5});
    const Mask<T> up = (rest > half) | ((rest == half) & ((integer & 1) != 0));
    return select(whole, x, copysign(truncated + select(up, splat(T{1}), Vec<T>{}), x));
}
FATHOM_SIMD Vec<float> floor(Vec<float> x) { return floor_of<float>(x); }
FATHOM_SIMD Vec<double> floor(Vec<double> x) { return floor_of<double>(x); }
FATHOM_SIMD Vec<float> ceil(Vec<float> x) { return negate(floor_of<float>(negate(x))); }
FATHOM_SIMD Vec<double> ceil(Vec<double> x) { return negate(floor_of<double>(negate(x))); }
FATHOM_SIMD Vec<float> round(Vec<float> x) { return round_of<float>(x); }
FATHOM_SIMD Vec<double> round(Vec<double> x) { return round_of<double>(x); }

#undef FATHOM_SIMD
