// Definitions of elementwise.hpp: floating types through elementwise.kernel.hpp for each ISA, integers and comparisons
// one by one.
#pragma once

#include <algorithm>
#include <atomic>
#include <type_traits>

#include "fathom/core/float_bits.hpp"
#include "fathom/kernels/copy.hpp"
#include "fathom/kernels/elementwise.hpp"
#include "fathom/kernels/float16.hpp"
#include "fathom/kernels/math.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
struct ElementwiseContext {
    T p0, p1;
    bool accumulate;
    std::atomic<bool>* divided_by_zero;  // integers only
};

}  // namespace fathom::inline v0::kernels::detail

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
    const auto& context = *static_cast<const detail::ElementwiseContext<T>*>(context_pointer);
    constexpr int second = abi::info_of(op).inputs == 2 ? 2 : 1;
    T* out = static_cast<T*>(pointers[0]);
    const T *a = static_cast<const T*>(pointers[1]), *b = static_cast<const T*>(pointers[second]);
    for (std::int64_t i = 0; i < n; ++i) {
        const Integer<T> x{a[i * steps[1]]}, y{b[i * steps[second]]};
        if (op == Elementwise::div && y.value == T{0}) context.divided_by_zero->store(true, std::memory_order_relaxed);
        const Integer<T> value = apply<op>(x, y, Integer<T>{context.p0}, Integer<T>{context.p1});
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
bool elementwise(const Loop& loop,
                 T* out,      // operand 0
                 const T* a,  // operand 1
                 const T* b,  // operand 2 or null
                 const T* c,  // operand 3 or null
                 double p0, double p1, bool accumulate) {
    // uint8 wraps: its scalars do too, so that 255 - x is affine(-1, 255). Bounds saturate.
    constexpr bool wraps = std::is_integral_v<T> && op == Elementwise::affine;
    using P = std::conditional_t<wraps, std::int64_t, T>;
    BlockKernel kernel;
    if constexpr (std::is_floating_point_v<T>)
        kernel = FATHOM_DISPATCH(elementwise_kernel::block<T, op>());
    else
        kernel = integers::block<T, op>;
    const LoopOperand operands[] = {{out, sizeof(T), accumulate, true},
                                    {const_cast<T*>(a), sizeof(T), true, false},
                                    {const_cast<T*>(b), sizeof(T), true, false},
                                    {const_cast<T*>(c), sizeof(T), true, false}};
    std::atomic<bool> divided_by_zero{false};
    const detail::ElementwiseContext<T> context{static_cast<T>(convert<P>(p0)), static_cast<T>(convert<P>(p1)),
                                                accumulate, &divided_by_zero};
    for_blocks(loop, operands, kernel, &context, detail::elementwise_grain(abi::info_of(op).cost));
    return !divided_by_zero.load(std::memory_order_relaxed);
}

template <class T, Elementwise op>
void compare(const Loop& loop,
             bool* out,     // operand 0
             const T* a,    // operand 1
             const T* b) {  // operand 2
    static_assert(abi::info_of(op).kind == abi::ElementwiseKind::comparison);
    const LoopOperand operands[] = {{out, 1, false, true},
                                    {const_cast<T*>(a), sizeof(T), true, false},
                                    {const_cast<T*>(b), sizeof(T), true, false}};
    for_blocks(loop, operands, detail::compare_block<T, op>, nullptr, detail::elementwise_grain(abi::Cost::light));
}

namespace detail {

FATHOM_INLINE void run_widened(const Loop& loop,
                               const DType* dtypes,    // [operands]
                               void* const* pointers,  // [operands]
                               BlockKernel kernel, const void* context, bool accumulate, std::int64_t grain) {
    WidenedOperand operands[max_operands];
    for (int k = 0; k < loop.operands; ++k) operands[k] = {pointers[k], dtypes[k], k > 0 || accumulate, k == 0};
    for_widened_blocks(loop, operands, kernel, context, grain);
}

}  // namespace detail

template <Elementwise op>
void elementwise_widened(const Loop& loop,
                         const DType* dtypes,                          // [operands]
                         void* out,                                    // operand 0
                         const void* a, const void* b, const void* c,  // operands 1 to 3, or null
                         double p0, double p1, bool accumulate) {
    void* const pointers[] = {out, const_cast<void*>(a), const_cast<void*>(b), const_cast<void*>(c)};
    const detail::ElementwiseContext<float> context{static_cast<float>(p0), static_cast<float>(p1), accumulate,
                                                    nullptr};
    const BlockKernel kernel = FATHOM_DISPATCH(elementwise_kernel::block<float, op>());
    detail::run_widened(loop, dtypes, pointers, kernel, &context, accumulate,
                        detail::elementwise_grain(abi::info_of(op).cost));
}

template <Elementwise op>
void compare_widened(const Loop& loop,
                     const DType* dtypes,  // [operands]
                     bool* out,            // operand 0
                     const void* a,        // operand 1
                     const void* b) {      // operand 2
    void* const pointers[] = {out, const_cast<void*>(a), const_cast<void*>(b)};
    detail::run_widened(loop, dtypes, pointers, detail::compare_block<float, op>, nullptr, false,
                        detail::elementwise_grain(abi::Cost::light));
}

}  // namespace fathom::inline v0::kernels
