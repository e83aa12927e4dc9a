// Definitions of elementwise.hpp: floating types through elementwise.kernel.hpp for each ISA, integers and comparisons
// one by one.
#pragma once

#include <algorithm>
#include <type_traits>

#include "fathom/core/float_bits.hpp"
#include "fathom/kernels/copy.hpp"
#include "fathom/kernels/elementwise.hpp"
#include "fathom/kernels/float16.hpp"
#include "fathom/kernels/math.hpp"
#include "fathom/kernels/tuning.hpp"

#define FATHOM_KERNEL "fathom/kernels/elementwise.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

namespace integers {

// An integer as the formulas see it: arithmetic as on unsigned numbers, so that an overflow wraps; 0 for a quotient by
// zero.
template <class T>
struct Integer {
    using U = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    T value;

    static Integer wrapped(U u) { return {static_cast<T>(u)}; }
    U bits() const { return static_cast<U>(value); }

    friend Integer operator+(Integer a, Integer b) { return wrapped(a.bits() + b.bits()); }
    friend Integer operator-(Integer a, Integer b) { return wrapped(a.bits() - b.bits()); }
    friend Integer operator*(Integer a, Integer b) { return wrapped(a.bits() * b.bits()); }
    friend Integer operator/(Integer a, Integer b) {
        if (b.value == T{0}) return {T{0}};
        if (std::is_signed_v<T> && b.bits() == static_cast<U>(-1)) return negate(a);  // smallest / -1 would trap
        return {static_cast<T>(a.value / b.value)};
    }
    friend bool operator<(Integer a, Integer b) { return a.value < b.value; }
    friend bool operator>(Integer a, Integer b) { return a.value > b.value; }
    friend Integer negate(Integer a) { return wrapped(U{0} - a.bits()); }
    friend Integer abs(Integer a) { return a.value < T{0} ? negate(a) : a; }
    friend Integer fma(Integer a, Integer b, Integer c) { return a * b + c; }
    friend Integer min(Integer a, Integer b) { return {std::min(a.value, b.value)}; }
    friend Integer max(Integer a, Integer b) { return {std::max(a.value, b.value)}; }
    friend bool is_nan(Integer) { return false; }
    friend Integer select(bool condition, Integer a, Integer b) { return condition ? a : b; }
};

template <Elementwise op, class V>
V apply([[maybe_unused]] V a, [[maybe_unused]] V b, [[maybe_unused]] V p0, [[maybe_unused]] V p1) {
    [[maybe_unused]] const V c{}, zero{0}, one{1}, two{2};
    [[maybe_unused]] const auto exponent = p0.value;
#define FATHOM_FORMULA(name, inputs, set, cost, formula)                                               \
    if constexpr (op == Elementwise::name && abi::info_of(Elementwise::name).dtypes == abi::numbers) { \
        return formula;                                                                                \
    } else
#include "fathom/abi/elementwise.list.hpp"
    { static_assert(op == Elementwise::add, "fathom: this operation has no integer form"); }
}

template <class T, Elementwise op>
void block(const void* context_pointer,
           void* const* pointers,      // [operands][n]
           const std::int64_t* steps,  // [operands]
           std::int64_t n) {
    const auto& context = *static_cast<const FormulaContext*>(context_pointer);
    // uint8 wraps: its scalars do too, so that 255 - x is affine(-1, 255). Bounds saturate.
    using P = std::conditional_t<op == Elementwise::affine, std::int64_t, T>;
    const Integer<T> p0{static_cast<T>(convert<P>(context.p0))}, p1{static_cast<T>(convert<P>(context.p1))};
    constexpr int second = abi::info_of(op).inputs == 2 ? 2 : 1;
    T* out = static_cast<T*>(pointers[0]);
    const T *a = static_cast<const T*>(pointers[1]), *b = static_cast<const T*>(pointers[second]);
    for (std::int64_t i = 0; i < n; ++i) {
        const Integer<T> x{a[i * steps[1]]}, y{b[i * steps[second]]};
        if (op == Elementwise::div && y.value == T{0}) context.divided_by_zero->store(true, std::memory_order_relaxed);
        const Integer<T> value = apply<op>(x, y, p0, p1);
        out[i] = (context.accumulate ? Integer<T>{out[i]} + value : value).value;
    }
}

}  // namespace integers

namespace detail {

constexpr std::int64_t elementwise_grain(abi::Cost cost) {
    return cost == abi::Cost::heaviest ? tuning::elementwise_heaviest_grain
           : cost == abi::Cost::heavy  ? tuning::elementwise_heavy_grain
                                       : tuning::elementwise_grain;
}

// A number as the comparisons see it. NaN is asked for by its bits: -ffast-math may make anything of a comparison.
template <class T>
struct Ordered {
    T value;

    static bool both(Ordered a, Ordered b) { return !is_nan(a.value) && !is_nan(b.value); }
    friend bool operator==(Ordered a, Ordered b) { return a.value == b.value && both(a, b); }
    friend bool operator<(Ordered a, Ordered b) { return a.value < b.value && both(a, b); }
    friend bool operator<=(Ordered a, Ordered b) { return a.value <= b.value && both(a, b); }
};

template <class T, Elementwise op>
void compare_block(const void*,
                   void* const* pointers,      // [operands][n]
                   const std::int64_t* steps,  // [operands]
                   std::int64_t n) {
    bool* out = static_cast<bool*>(pointers[0]);
    const T *p = static_cast<const T*>(pointers[1]), *q = static_cast<const T*>(pointers[2]);
    for (std::int64_t i = 0; i < n; ++i) {
        const Ordered<T> a{p[i * steps[1]]}, b{q[i * steps[2]]};
#define FATHOM_COMPARISON(name, formula) \
    if constexpr (op == Elementwise::name) out[i] = formula;
#include "fathom/abi/elementwise.list.hpp"
    }
}

}  // namespace detail

template <class T, Elementwise op>
BlockKernel elementwise_kernel() {
    if constexpr (abi::info_of(op).kind == abi::ElementwiseKind::comparison)
        return detail::compare_block<T, op>;
    else if constexpr (std::is_floating_point_v<T>)
        return FATHOM_DISPATCH(formulas::block<T, op>());
    else
        return integers::block<T, op>;
}

FATHOM_INLINE bool elementwise(const Loop& loop, Elementwise op, BlockKernel kernel,
                               const DType* dtypes,  // [operands]
                               void* const* arrays,  // [operands]
                               double p0, double p1, bool accumulate) {
    LoopOperand operands[max_operands];
    for (int k = 0; k < loop.operands; ++k)
        operands[k] = {arrays[k], static_cast<int>(size_of(dtypes[k])), k > 0 || accumulate, k == 0};
    std::atomic<bool> divided_by_zero{false};
    const FormulaContext context{p0, p1, accumulate, &divided_by_zero};
    for_blocks(loop, operands, kernel, &context, detail::elementwise_grain(abi::info_of(op).cost));
    return !divided_by_zero.load(std::memory_order_relaxed);
}

FATHOM_INLINE bool elementwise_widened(const Loop& loop, Elementwise op, BlockKernel kernel,
                                       const DType* dtypes,  // [operands]
                                       void* const* arrays,  // [operands]
                                       double p0, double p1, bool accumulate) {
    WidenedOperand operands[max_operands];
    for (int k = 0; k < loop.operands; ++k) operands[k] = {arrays[k], dtypes[k], k > 0 || accumulate, k == 0};
    const FormulaContext context{p0, p1, accumulate, nullptr};
    for_widened_blocks(loop, operands, kernel, &context, detail::elementwise_grain(abi::info_of(op).cost));
    return true;
}

}  // namespace fathom::inline v0::kernels
