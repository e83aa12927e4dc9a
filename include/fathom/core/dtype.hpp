// Element types: the run-time tag DType, its compile-time twin dtype_of<T>, and the list that both and everything else
// that goes through all types are made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "fathom/core/float16.hpp"

// A line per element type: DTYPE(C++ type, tag, number, name, name in safetensors, storage in PyTorch). The numbers are
// part of the ABI (abi/).
// clang-format off
#define FATHOM_FLOATING_DTYPES(DTYPE) \
    DTYPE(float,  float32, 0, "float",  "F32", "FloatStorage") \
    DTYPE(double, float64, 1, "double", "F64", "DoubleStorage")
#define FATHOM_INTEGER_DTYPES(DTYPE) \
    DTYPE(std::int64_t, int64, 4, "int64", "I64", "LongStorage") \
    DTYPE(std::int32_t, int32, 5, "int32", "I32", "IntStorage") \
    DTYPE(std::uint8_t, uint8, 6, "uint8", "U8",  "ByteStorage")
#define FATHOM_NUMBER_DTYPES(DTYPE) FATHOM_FLOATING_DTYPES(DTYPE) FATHOM_INTEGER_DTYPES(DTYPE)
#define FATHOM_COMPUTED_DTYPES(DTYPE) \
    FATHOM_NUMBER_DTYPES(DTYPE) \
    DTYPE(bool, boolean, 7, "bool", "BOOL", "BoolStorage")
// Stored in two bytes; float computes for them, and each result is rounded once.
#define FATHOM_STORED_DTYPES(DTYPE) \
    DTYPE(Float16<7>,  bfloat16, 2, "bfloat16", "BF16", "BFloat16Storage") \
    DTYPE(Float16<10>, float16,  3, "half",     "F16",  "HalfStorage")
#define FATHOM_DTYPES(DTYPE) FATHOM_COMPUTED_DTYPES(DTYPE) FATHOM_STORED_DTYPES(DTYPE)
// clang-format on

namespace fathom::inline v0 {

enum class DType : std::uint8_t {
#define FATHOM_TAG(type, tag, number, ...) tag = number,
    FATHOM_DTYPES(FATHOM_TAG)
#undef FATHOM_TAG
};

using bfloat16 = Float16<7>;  // the exponent of a float, 8 significant bits
using half = Float16<10>;     // IEEE binary16: up to 65504, 11 significant bits

namespace detail {
template <class T>
struct DTypeOf;
#define FATHOM_DTYPE_OF(type, tag, ...) \
    template <>                         \
    struct DTypeOf<type> : std::integral_constant<DType, DType::tag> {};
FATHOM_DTYPES(FATHOM_DTYPE_OF)
#undef FATHOM_DTYPE_OF
}  // namespace detail

template <class T>
inline constexpr DType dtype_of = detail::DTypeOf<T>::value;

template <class T>
concept Element = requires {
    detail::DTypeOf<T>::value;
};

// What kernels compute fractions in: what every operation with a gradient takes.
template <class T>
concept FloatElement = Element<T> && std::is_floating_point_v<T>;

template <class T>
concept StoredElement = Element<T> && !std::is_arithmetic_v<T>;

// What has gradients. Operations that say FractionElement take the types of two bytes too.
template <class T>
concept FractionElement = FloatElement<T> || StoredElement<T>;

// How a single value of a Tensor<T> is given: as a T, or as a double that is rounded once.
template <Element T>
using ScalarOf = std::conditional_t<StoredElement<T>, double, T>;
// What a sum of a Tensor<T> is: integers and bools are counted in int64.
template <Element T>
using SumOf = std::conditional_t<std::is_integral_v<T>, std::int64_t, T>;
// What computes for a T.
template <Element T>
using ArithmeticOf = std::conditional_t<StoredElement<T>, float, T>;

// All of them, with their names here and in files.
struct DTypeNames {
    DType dtype;
    const char *name, *safetensors, *torch;
};
inline constexpr DTypeNames dtype_names[] = {
#define FATHOM_NAMES(type, tag, number, ...) {DType::tag, __VA_ARGS__},
    FATHOM_DTYPES(FATHOM_NAMES)
#undef FATHOM_NAMES
};

constexpr const DTypeNames& names_of(DType dtype) {
    std::size_t i = 0;
    while (dtype_names[i].dtype != dtype) ++i;
    return dtype_names[i];
}
constexpr const char* name_of(DType dtype) { return names_of(dtype).name; }

// An element type as a value.
template <class T>
struct Type {
    using type = T;
};

// f(Type<T>{}) for the dtype's T.
template <class F>
constexpr decltype(auto) with_dtype(DType dtype, F f) {
    switch (dtype) {
#define FATHOM_CASE(type, tag, ...) \
    case DType::tag:                \
        return f(Type<type>{});
        FATHOM_DTYPES(FATHOM_CASE)
    }
#undef FATHOM_CASE
    __builtin_unreachable();
}

// The same for the dtypes that kernels compute fractions in; false, and no call, for any other.
template <class F>
constexpr bool with_floating(DType dtype, F f) {
#define FATHOM_FLOATING_CASE(type, tag, ...) \
    if (dtype == DType::tag) return f(Type<type>{}), true;
    FATHOM_FLOATING_DTYPES(FATHOM_FLOATING_CASE)
#undef FATHOM_FLOATING_CASE
    return false;
}

// Bytes per element.
constexpr std::size_t size_of(DType dtype) {
    return with_dtype(dtype, []<class T>(Type<T>) { return sizeof(T); });
}
// Whether it holds fractions.
constexpr bool is_floating(DType dtype) {
    return with_dtype(dtype, []<class T>(Type<T>) { return !std::is_integral_v<T>; });
}

}  // namespace fathom::inline v0
