// CUDA's atomic functions, for the emulator: blocks run on several OS threads, so they are atomic here too. Not
// instrumented themselves: they tell the checker that the access is an atomic one (`note_atomic`), with the line of
// their caller. Read from language.hpp.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "cuda/namespace.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

namespace detail {

void note_atomic(const volatile void* address, std::size_t bytes, const void* pc);  // checker.cpp

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

// old = *address; *address = change(old), as one step. Returns old.
template <class T, class F>
__attribute__((noinline, no_sanitize("thread"))) T atomic_update(T* address, F change) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8);
    if constexpr (checked) note_atomic(address, sizeof(T), __builtin_return_address(0));
    auto* bits = reinterpret_cast<Bits<T>*>(address);
    Bits<T> old = __atomic_load_n(bits, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(bits, &old, std::bit_cast<Bits<T>>(change(std::bit_cast<T>(old))), false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    }
    return std::bit_cast<T>(old);
}

// What the changes of atomic_update do, as function objects: a lambda here would be instrumented.
template <class T>
struct Add {
    T value;
    __attribute__((no_sanitize("thread"))) T operator()(T old) const { return static_cast<T>(old + value); }
};
template <class T>
struct Max {
    T value;
    __attribute__((no_sanitize("thread"))) T operator()(T old) const { return old < value ? value : old; }
};
template <class T>
struct Min {
    T value;
    __attribute__((no_sanitize("thread"))) T operator()(T old) const { return value < old ? value : old; }
};
template <class T>
struct Exchange {
    T value;
    __attribute__((no_sanitize("thread"))) T operator()(T) const { return value; }
};
template <class T>
struct CompareExchange {
    T expected, value;
    __attribute__((no_sanitize("thread"))) T operator()(T old) const { return old == expected ? value : old; }
};
template <class T>
struct And {
    T value;
    __attribute__((no_sanitize("thread"))) T operator()(T old) const { return old & value; }
};
template <class T>
struct Or {
    T value;
    __attribute__((no_sanitize("thread"))) T operator()(T old) const { return old | value; }
};

template <class T>
concept AtomicInteger = std::same_as<T, int> || std::same_as<T, unsigned> || std::same_as<T, unsigned long long>;
template <class T>
concept AtomicNumber = AtomicInteger<T> || std::same_as<T, float> || std::same_as<T, double>;

}  // namespace detail

// Inlined, so that the return address that atomic_update sees is the kernel's.
template <detail::AtomicNumber T>
[[gnu::always_inline]] inline T atomicAdd(T* address, std::type_identity_t<T> value) {
    return detail::atomic_update(address, detail::Add<T>{value});
}
template <detail::AtomicInteger T>
[[gnu::always_inline]] inline T atomicMax(T* address, std::type_identity_t<T> value) {
    return detail::atomic_update(address, detail::Max<T>{value});
}
template <detail::AtomicInteger T>
[[gnu::always_inline]] inline T atomicMin(T* address, std::type_identity_t<T> value) {
    return detail::atomic_update(address, detail::Min<T>{value});
}
template <detail::AtomicInteger T>
[[gnu::always_inline]] inline T atomicExch(T* address, std::type_identity_t<T> value) {
    return detail::atomic_update(address, detail::Exchange<T>{value});
}
template <detail::AtomicInteger T>
[[gnu::always_inline]] inline T atomicAnd(T* address, std::type_identity_t<T> value) {
    return detail::atomic_update(address, detail::And<T>{value});
}
template <detail::AtomicInteger T>
[[gnu::always_inline]] inline T atomicOr(T* address, std::type_identity_t<T> value) {
    return detail::atomic_update(address, detail::Or<T>{value});
}
template <detail::AtomicInteger T>
[[gnu::always_inline]] inline T atomicCAS(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
    return detail::atomic_update(address, detail::CompareExchange<T>{expected, value});
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
