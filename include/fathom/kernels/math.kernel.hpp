// Functions of vectors. float (but pow): polynomials, within 2 ulp of the exact value (measured:
// tests/kernels/math_test.cpp). double: std:: for each lane. Included through math.hpp, once per ISA.

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
template <class T>
struct ScalarPow {
    T exponent;
    T operator()(T x) const { return std::pow(x, exponent); }
};

// The exponential, by a polynomial p through the Chebyshev nodes of |r| <= ln 2 / 2:
//   exp(x) = 2^k exp(r)
//   k      = round(x / ln 2)
//   exp(r) = 1 + r + r^2 p(r)
FATHOM_SIMD Vec<float> exp(Vec<float> x) {
    const Mask<float> nan = is_nan(x);
    Vec<float> y = max(splat(-105.0f), min(splat(90.0f), select(nan, Vec<float>{}, x)));  // beyond: 0 and infinity
    const Vec<float> scaled = y * splat(0x1.715476p+0f);
    const Mask<float> k = __builtin_convertvector(scaled + copysign(splat(0.5f), scaled), Mask<float>);
    const Vec<float> kf = __builtin_convertvector(k, Vec<float>);
    // ln 2 in two parts, the first of 15 bits: its product with k is exact without FMA too.
    const Vec<float> r = fma(kf, splat(-0x1.7f7d1cp-20f), fma(kf, splat(-0x1.62e4p-1f), y));
    Vec<float> p = splat(0x1.6d119ap-10f);
    p = fma(p, r, splat(0x1.120cp-7f));
    p = fma(p, r, splat(0x1.555518p-5f));
    p = fma(p, r, splat(0x1.5554dcp-3f));
    p = fma(p, r, splat(0.5f));
    p = fma(p * r, r, r) + splat(1.0f);
    // 2^k in two factors: k may lie outside the exponents of float where the result is subnormal.
    const Mask<float> half = k >> 1, bias = 127 - Mask<float>{};
    p = p * reinterpret_cast<Vec<float>>((half + bias) << 23) * reinterpret_cast<Vec<float>>((k - half + bias) << 23);
    return select(nan, x, p);
}
FATHOM_SIMD Vec<double> exp(Vec<double> x) { return each_lane<double>(x, ScalarExp{}); }

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
    const Mask<T> far = x < splat(T{-80});
    const Vec<T> e = exp(select(far, x, -x)), one = splat(T{1});
    return select(far, e, one / (one + e));
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

// log(1 + x) for x >= 0: the sum u rounds; what it lost, over u, is the first term of what log(u) lacks.
FATHOM_SIMD Vec<float> log1p(Vec<float> x) {
    const Vec<float> one = splat(1.0f), u = one + x;
    return log(u) + select(x < splat(0x1p30f), (x - (u - one)) / u, Vec<float>{});
}
FATHOM_SIMD Vec<double> log1p(Vec<double> x) { return each_lane<double>(x, ScalarLog1p{}); }

template <class T>
FATHOM_SIMD Vec<T> pow_of(Vec<T> x, T exponent) {
    if (exponent == T{1}) return x;
    if (exponent == T{2}) return x * x;
    if (exponent == T{3}) return x * x * x;
    return each_lane<T>(x, ScalarPow<T>{exponent});
}
FATHOM_SIMD Vec<float> pow(Vec<float> x, float exponent) { return pow_of<float>(x, exponent); }
FATHOM_SIMD Vec<double> pow(Vec<double> x, double exponent) { return pow_of<double>(x, exponent); }

#undef FATHOM_SIMD
