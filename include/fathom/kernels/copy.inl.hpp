// Definitions of copy.hpp. Plain loops, the same for every ISA: they are bound by memory. Between float and two bytes
// there are vectors (float16.hpp).
#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/copy.hpp"
#include "fathom/kernels/float16.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// Integers wrap, bools or.
template <class T>
T sum_of(T a, T b) {
    if constexpr (std::is_same_v<T, bool>)
        return a || b;
    else if constexpr (std::is_integral_v<T>)
        return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    else
        return static_cast<T>(a + b);
}

// n copies of a value: some one by one, then blocks of memory. (g++ at -O2 turns std::fill into a loop over single
// elements.)
template <class T>
void repeat(T* out, T value, std::int64_t n) {
    const std::int64_t block = std::min<std::int64_t>(n, 256);
    std::fill(out, out + block, value);
    for (std::int64_t i = block; i < n; i += block)
        std::memcpy(out + i, out, static_cast<std::size_t>(std::min(block, n - i)) * sizeof(T));
}

// From two bytes, by way of float.
template <class From, class To>
void copy_stored(To* out,         // [n]
                 const From* in,  // [n]
                 std::int64_t n) {
    if constexpr (std::is_same_v<To, float>) {
        widen(dtype_of<From>, in, out, n);
    } else {
        constexpr std::int64_t block = 256;
        float values[block];
        for (std::int64_t begin = 0; begin < n; begin += block) {
            const std::int64_t count = std::min(block, n - begin);
            widen(dtype_of<From>, in + begin, values, count);
            if constexpr (StoredElement<To>)
                narrow(dtype_of<To>, values, out + begin, count);
            else
                for (std::int64_t i = 0; i < count; ++i) out[begin + i] = convert<To>(values[i]);
        }
    }
}

template <class From, class To, bool accumulate>
void copy_block(const void*, void* const* pointers, const std::int64_t* steps, std::int64_t n) {
    To* out = static_cast<To*>(pointers[0]);
    const From* in = static_cast<const From*>(pointers[1]);
    if constexpr (accumulate) {
        for (std::int64_t i = 0; i < n; ++i) out[i] = sum_of(out[i], convert<To>(in[i * steps[1]]));
    } else if (steps[1] == 0) {
        repeat(out, convert<To>(*in), n);
    } else if constexpr (std::is_same_v<From, To>) {
        std::memmove(out, in, static_cast<std::size_t>(n) * sizeof(To));
    } else if constexpr (StoredElement<From>) {
        copy_stored(out, in, n);
    } else if constexpr (StoredElement<To> && std::is_same_v<From, float>) {
        narrow(dtype_of<To>, in, out, n);
    } else {
        for (std::int64_t i = 0; i < n; ++i) out[i] = convert<To>(in[i]);
    }
}

template <class T, bool accumulate>
void fill_block(const void* value, void* const* pointers, const std::int64_t*, std::int64_t n) {
    T* out = static_cast<T*>(pointers[0]);
    const T v = *static_cast<const T*>(value);
    if constexpr (accumulate) {
        for (std::int64_t i = 0; i < n; ++i) out[i] = sum_of(out[i], v);
    } else {
        repeat(out, v, n);
    }
}

// From planes to pixels of a few channels: rows of channels would be short, so each channel is written along the
// pixels, some pixels at a time, which stay in the L1 cache.
template <class T>
void interleave(const Loop& loop,
                T* out,         // [images][pixels, channels]
                const T* in) {  // [images][channels, pixels]
    constexpr std::int64_t block = 256;
    const std::int64_t channels = loop.size[0], pixels = loop.size[1], images = loop.rank > 2 ? loop.size[2] : 1,
                       blocks = (pixels + block - 1) / block, step = loop.stride[0][1];
    parallel_for(
        0, images * blocks, 1 + tuning::copy_grain / (block * channels), [&](std::int64_t first, std::int64_t last) {
            for (; first < last; ++first) {
                const std::int64_t n = first / blocks, p = first % blocks * block, count = std::min(block, pixels - p);
                for (std::int64_t c = 0; c < channels; ++c) {
                    T* const to = out + (images > 1 ? n * loop.stride[0][2] : 0) + p * step + c * loop.stride[0][0];
                    const T* const from = in + (images > 1 ? n * loop.stride[1][2] : 0) + p + c * loop.stride[1][0];
                    for (std::int64_t i = 0; i < count; ++i) to[i * step] = from[i];
                }
            }
        });
}

}  // namespace detail

template <class From, class To>
void copy(const Loop& loop, To* out, const From* in, bool accumulate) {
    if constexpr (std::is_same_v<From, To>)
        if (!accumulate && (loop.rank == 2 || loop.rank == 3) && loop.size[0] < 16 && loop.size[1] >= 64 &&
            loop.stride[1][1] == 1)
            return detail::interleave(loop, out, in);
    const LoopOperand operands[] = {{out, sizeof(To), accumulate, true},
                                    {const_cast<From*>(in), sizeof(From), true, false}};
    for_blocks(loop, operands, accumulate ? detail::copy_block<From, To, true> : detail::copy_block<From, To, false>,
               nullptr, tuning::copy_grain);
}

template <class T>
void fill(const Loop& loop, T* out, T value, bool accumulate) {
    const LoopOperand operands[] = {{out, sizeof(T), accumulate, true}};
    for_blocks(loop, operands, accumulate ? detail::fill_block<T, true> : detail::fill_block<T, false>, &value,
               tuning::copy_grain);
}

}  // namespace fathom::inline v0::kernels
