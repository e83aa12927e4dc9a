// Definitions of elementwise.hpp: floating types through elementwise.kernel.hpp for each ISA, integers one by one.
#pragma once

#include <algorithm>
#include <atomic>
#include <limits>
#include <type_traits>

#include "fathom/kernels/copy.hpp"
#include "fathom/kernels/elementwise.hpp"
#include "fathom/kernels/math.hpp"

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
namespace detail {

// Arithmetic as on unsigned numbers, so that an overflow wraps.
template <Elementwise op, class T>
T apply_integer(T a, T b, const ElementwiseContext<T>& context) {
    using enum Elementwise;
    using U = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    const U x = static_cast<U>(a), y = static_cast<U>(b);
    if constexpr (op == add)
        return static_cast<T>(x + y);
    else if constexpr (op == sub)
        return static_cast<T>(x - y);
    else if constexpr (op == mul)
        return static_cast<T>(x * y);
    else if constexpr (op == square)
        return static_cast<T>(x * x);
    else if constexpr (op == neg)
        return static_cast<T>(U{0} - x);
    else if constexpr (op == abs)
        return a < T{0} ? static_cast<T>(U{0} - x) : a;
    else if constexpr (op == affine)
        return static_cast<T>(x * static_cast<U>(context.p0) + static_cast<U>(context.p1));
    else if constexpr (op == maximum)
        return std::max(a, b);
    else if constexpr (op == minimum)
        return std::min(a, b);
    else if constexpr (op == clamp)
        return std::min(std::max(a, context.p0), context.p1);
    else if constexpr (op == div) {
        if (b == T{0}) {
            context.divided_by_zero->store(true, std::memory_order_relaxed);
            return T{0};
        }
        if (std::is_signed_v<T> && y == static_cast<U>(-1))
            return static_cast<T>(U{0} - x);  // the smallest number / -1 would trap
        return static_cast<T>(a / b);
    } else {
        static_assert(op == add, "fathom: this operation has no integer form");
    }
}

template <class T, Elementwise op>
void integer_block(const void* context_pointer, void* const* pointers, const std::int64_t* steps, std::int64_t n) {
    const auto& context = *static_cast<const ElementwiseContext<T>*>(context_pointer);
    constexpr bool binary = inputs_of(op) == 2;
    T* out = static_cast<T*>(pointers[0]);
    const T* a = static_cast<const T*>(pointers[1]);
    const T* b = static_cast<const T*>(pointers[binary ? 2 : 1]);
    const std::int64_t b_step = steps[binary ? 2 : 1];
    for (std::int64_t i = 0; i < n; ++i) {
        const T value = apply_integer<op, T>(a[i * steps[1]], b[i * b_step], context);
        out[i] = context.accumulate ? apply_integer<Elementwise::add, T>(out[i], value, context) : value;
    }
}

// Elements of a chunk: what takes tens of microseconds, so that waking a thread pays.
constexpr std::int64_t elementwise_grain(Elementwise op) {
    using enum Elementwise;
    switch (op) {
        case pow:
        case pow_grad:
            return 2048;
        case exp:
        case log:
        case tanh:
        case sigmoid:
            return 8192;
        default:
            return 32768;
    }
}

}  // namespace detail

namespace detail {

// What does not depend on the operation, so that each of a program's operations adds little more than its blocks.
template <class T>
bool run_elementwise(const Loop& loop, T* out, const T* a, const T* b, const T* c, T p0, T p1, bool accumulate,
                     BlockKernel kernel, std::int64_t grain) {
    const Operand operands[max_operands] = {{out, sizeof(T), accumulate, true},
                                            {const_cast<T*>(a), sizeof(T), true, false},
                                            {const_cast<T*>(b), sizeof(T), true, false},
                                            {const_cast<T*>(c), sizeof(T), true, false}};
    std::atomic<bool> divided_by_zero{false};
    const ElementwiseContext<T> context{p0, p1, accumulate, &divided_by_zero};
    for_blocks(loop, operands, kernel, &context, grain);
    return !divided_by_zero.load(std::memory_order_relaxed);
}

}  // namespace detail

template <class T, Elementwise op>
bool elementwise(const Loop& loop, T* out, const T* a, const T* b, const T* c, double p0, double p1, bool accumulate) {
    // uint8 wraps: its scalars do too, so that 255 - x is affine(-1, 255). Bounds saturate.
    constexpr bool wraps = std::is_integral_v<T> && op == Elementwise::affine;
    using P = std::conditional_t<wraps, std::int64_t, T>;
    BlockKernel kernel;
    if constexpr (std::is_floating_point_v<T>)
        kernel = FATHOM_DISPATCH(elementwise_kernel::block<T, op>());
    else
        kernel = detail::integer_block<T, op>;
    return detail::run_elementwise<T>(loop, out, a, b, c, static_cast<T>(convert<P>(p0)),
                                      static_cast<T>(convert<P>(p1)), accumulate, kernel,
                                      detail::elementwise_grain(op));
}

}  // namespace fathom::inline v0::kernels
