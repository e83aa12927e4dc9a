// What tests share: elements in logical order, the text of an error, whether a sanitizer watches.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "fathom/tensor/tensor.hpp"

namespace fathom::tests {

// Whether a sanitizer watches, which makes everything up to fifty times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

// Threads of a child whose parent had threads: neither ThreadSanitizer's runtime nor qemu's user emulation survives
// them.
#if defined(__SANITIZE_THREAD__) || defined(FATHOM_TESTS_EMULATED)
inline constexpr bool cannot_fork = true;
#elif defined(__has_feature)
inline constexpr bool cannot_fork = __has_feature(thread_sanitizer);
#else
inline constexpr bool cannot_fork = false;
#endif

// Calls f(offset in elements) for every element in logical (row-major) order.
template <class F>
void for_each_element(const AnyTensor& x, F f) {
    Shape index = Shape::filled(x.rank(), 0);
    for (std::int64_t n = x.numel(), offset = 0; n > 0; --n) {
        f(offset);
        for (int d = x.rank() - 1; d >= 0; --d) {
            offset += x.strides()[d];
            if (++index[d] < x.shape()[d]) break;
            offset -= x.strides()[d] * x.shape()[d];
            index[d] = 0;
        }
    }
}

template <class T>
std::vector<T> elements(const Tensor<T>& x) {
    std::vector<T> out;
    const T* p = x.data();
    for_each_element(x, [&](std::int64_t offset) { out.push_back(p[offset]); });
    return out;
}

// The same in double, for tensors of any type.
inline std::vector<double> numbers(const AnyTensor& x) {
    std::vector<double> out;
    with_dtype(x.dtype(), [&]<class T>(Type<T>) {
        for (const auto value : elements(x.as<T>())) out.push_back(static_cast<double>(value));
    });
    return out;
}

// Equal shapes and equal bits, whatever the strides.
inline bool same_bits(const AnyTensor& a, const AnyTensor& b) {
    if (!(a.shape() == b.shape()) || a.dtype() != b.dtype()) return false;
    const auto width = static_cast<std::int64_t>(size_of(a.dtype()));
    std::vector<std::int64_t> offsets;
    for_each_element(a, [&](std::int64_t offset) { offsets.push_back(offset * width); });
    std::size_t i = 0;
    bool same = true;
    for_each_element(b, [&](std::int64_t offset) {
        const auto *p = static_cast<const char*>(a.raw()) + offsets[i++], *q = static_cast<const char*>(b.raw());
        same = same && std::memcmp(p, q + offset * width, static_cast<std::size_t>(width)) == 0;
    });
    return same;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The text of the Error that f throws. The place, where it is the calling line or a neighbour of it (calls span lines),
// is written as " at here".
template <class F>
std::string message_of(F&& f, Where here = Where::here()) {
    try {
        f();
    } catch (const Error& error) {
        const std::string text = error.what();
        for (int line = here.line - 3; line <= here.line + 3; ++line) {
            const std::string place = " at " + to_string(Where{here.file, line});
            if (text.size() >= place.size() && text.compare(text.size() - place.size(), place.size(), place) == 0)
                return text.substr(0, text.size() - place.size()) + " at here";
        }
        return text;
    }
    return "no error";
}

}  // namespace fathom::tests
