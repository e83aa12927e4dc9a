// Element types: the run-time tag DType and its compile-time twin dtype_of<T>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace fathom::inline v0 {

// The numbers are part of the ABI (abi/). 2 and 3 belong to bfloat16 and float16.
enum class DType : std::uint8_t {
    float32 = 0,
    float64 = 1,
    bfloat16 = 2,
    float16 = 3,
    int64 = 4,
    int32 = 5,
    uint8 = 6,
    boolean = 7
};

namespace detail {
template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> : std::integral_constant<DType, DType::float32> {};
template <>
struct DTypeOf<double> : std::integral_constant<DType, DType::float64> {};
template <>
struct DTypeOf<std::int64_t> : std::integral_constant<DType, DType::int64> {};
template <>
struct DTypeOf<std::int32_t> : std::integral_constant<DType, DType::int32> {};
template <>
struct DTypeOf<std::uint8_t> : std::integral_constant<DType, DType::uint8> {};
template <>
struct DTypeOf<bool> : std::integral_constant<DType, DType::boolean> {};
}  // namespace detail

template <class T>
inline constexpr DType dtype_of = detail::DTypeOf<T>::value;

template <class T>
concept Element = requires {
    detail::DTypeOf<T>::value;
};

template <class T>
concept FloatElement = Element<T> && std::is_floating_point_v<T>;

constexpr const char* name_of(DType dtype) {
    constexpr const char* names[] = {"float", "double", "bfloat16", "half", "int64", "int32", "uint8", "bool"};
    return names[static_cast<std::size_t>(dtype)];
}

// Bytes per element.
constexpr std::size_t size_of(DType dtype) {
    constexpr std::uint8_t sizes[] = {4, 8, 2, 2, 8, 4, 1, 1};
    return sizes[static_cast<std::size_t>(dtype)];
}

constexpr bool is_floating(DType dtype) { return dtype <= DType::float16; }

// An element type as a value.
template <class T>
struct Type {
    using type = T;
};

// f(Type<T>{}) for the floating dtype that gradients exist for; false, and no call, for any other.
template <class F>
constexpr bool with_floating(DType dtype, F f) {
    if (dtype == DType::float32) return f(Type<float>{}), true;
    if (dtype == DType::float64) return f(Type<double>{}), true;
    return false;
}

}  // namespace fathom::inline v0
