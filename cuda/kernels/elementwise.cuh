// The formulas of fathom/abi/elementwise.list.hpp on single numbers of a device: the functions that the list may call,
// and apply() and compare() made from its lines.
#pragma once

#include <cmath>

#include "cuda/language.cuh"
#include "fathom/abi/elementwise.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::formula {

template <class T>
__device__ T select(bool condition, T then, T otherwise) {
    return condition ? then : otherwise;
}
template <class T>
__device__ bool is_nan(T x) {
    return x != x;
}
template <class T>
__device__ T negate(T x) {
    return -x;
}
template <class T>
__device__ T min(T a, T b) {
    return b < a ? b : a;
}
template <class T>
__device__ T max(T a, T b) {
    return a < b ? b : a;
}
template <class T>
__device__ T fma(T a, T b, T c) {
    return std::fma(a, b, c);
}
template <class T>
__device__ T abs(T x) {
    return std::fabs(x);
}
template <class T>
__device__ T sqrt(T x) {
    return std::sqrt(x);
}
template <class T>
__device__ T exp(T x) {
    return std::exp(x);
}
template <class T>
__device__ T log(T x) {
    return std::log(x);
}
template <class T>
__device__ T log1p(T x) {
    return std::log1p(x);
}
template <class T>
__device__ T tanh(T x) {
    return std::tanh(x);
}
template <class T>
__device__ T sigmoid(T x) {
    return T{1} / (T{1} + std::exp(-x));
}
template <class T>
__device__ T pow(T x, T exponent) {
    return std::pow(x, exponent);
}
template <class T>
__device__ T expm1(T x) {
    return std::expm1(x);
}
template <class T>
__device__ T sin(T x) {
    return std::sin(x);
}
template <class T>
__device__ T cos(T x) {
    return std::cos(x);
}
template <class T>
__device__ T erf(T x) {
    return std::erf(x);
}
template <class T>
__device__ T floor(T x) {
    return std::floor(x);
}
template <class T>
__device__ T ceil(T x) {
    return std::ceil(x);
}
template <class T>
__device__ T round(T x) {
    return std::rint(x);
}
template <class T>
__device__ T power(T x, T y) {
    return std::pow(x, y);
}

template <Elementwise op, class T>
__device__ T apply([[maybe_unused]] T a, [[maybe_unused]] T b, [[maybe_unused]] T c, [[maybe_unused]] T p0,
                   [[maybe_unused]] T p1) {
    [[maybe_unused]] const T zero{0}, one{1}, two{2}, exponent = p0;
#define FATHOM_FORMULA(name, inputs, set, cost, formula) \
    if constexpr (op == Elementwise::name) {             \
        return formula;                                  \
    } else
#include "fathom/abi/elementwise.list.hpp"
    { static_assert(op == Elementwise::add, "fathom: this operation has no formula"); }
}

// An integer as the formulas see it: arithmetic as on unsigned numbers, so that an overflow wraps. There is no
// division: a device cannot say in time that it was by 0.
template <class T>
struct Integer {
    using U = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    T value;

    __device__ static Integer wrapped(U u) { return {static_cast<T>(u)}; }
    __device__ U bits() const { return static_cast<U>(value); }

    friend __device__ Integer operator+(Integer a, Integer b) { return wrapped(a.bits() + b.bits()); }
    friend __device__ Integer operator-(Integer a, Integer b) { return wrapped(a.bits() - b.bits()); }
    friend __device__ Integer operator*(Integer a, Integer b) { return wrapped(a.bits() * b.bits()); }
    friend __device__ bool operator<(Integer a, Integer b) { return a.value < b.value; }
    friend __device__ bool operator>(Integer a, Integer b) { return a.value > b.value; }
    friend __device__ Integer negate(Integer a) { return wrapped(U{0} - a.bits()); }
    friend __device__ Integer abs(Integer a) {
        if constexpr (std::is_signed_v<T>) return a.value < T{0} ? negate(a) : a;
        return a;
    }
    friend __device__ Integer fma(Integer a, Integer b, Integer c) { return a * b + c; }
    friend __device__ Integer min(Integer a, Integer b) { return b < a ? b : a; }
    friend __device__ Integer max(Integer a, Integer b) { return a < b ? b : a; }
    friend __device__ bool is_nan(Integer) { return false; }
};

constexpr bool for_integers(Elementwise op) {
    return abi::info_of(op).dtypes == abi::numbers && op != Elementwise::div;
}

// The operation is found by each thread, alike for all: integers are not worth a kernel for each.
template <class T>
__device__ T apply_to_integers(Elementwise op, T x, T y, T parameter0, T parameter1) {
    [[maybe_unused]] const Integer<T> a{x}, b{y}, c{}, p0{parameter0}, p1{parameter1}, zero{0}, one{1}, two{2};
    [[maybe_unused]] const T exponent = parameter0;
#define FATHOM_FORMULA(name, inputs, set, cost, formula) \
    if constexpr (for_integers(Elementwise::name))       \
        if (op == Elementwise::name) return (formula).value;
#include "fathom/abi/elementwise.list.hpp"
    return {};
}

template <class T>
__device__ bool compare(Elementwise op, T a, T b) {
#define FATHOM_COMPARISON(name, formula) \
    if (op == Elementwise::name) return formula;
#include "fathom/abi/elementwise.list.hpp"
    return false;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::formula
