// Arrays for the kernel tests: values that differ in every element, in the layouts that kernels meet (row-major,
// channels-last, permuted, stepped, repeated), with guard elements around them that a kernel must not touch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <numeric>
#include <string>
#include <vector>

#include "fathom/abi/arguments.hpp"
#include "fathom/core/dtype.hpp"
#include "fathom/core/random.hpp"
#include "fathom/core/shape.hpp"

namespace fathom::tests {

enum class Layout { dense, channels_last, permuted, stepped };
inline constexpr Layout all_layouts[] = {Layout::dense, Layout::channels_last, Layout::permuted, Layout::stepped};

template <class T>
class Array {
public:
    // `repeated`: dimensions with stride 0.
    explicit Array(Shape shape, Layout layout = Layout::dense, std::initializer_list<int> repeated = {})
        : shape_(shape) {
        const int rank = shape.rank();
        std::vector<int> order(static_cast<std::size_t>(rank));  // dimensions from the innermost
        std::iota(order.rbegin(), order.rend(), 0);
        if (layout == Layout::channels_last && rank >= 3) std::rotate(order.begin(), order.end() - 2, order.end() - 1);
        if (layout == Layout::permuted) std::reverse(order.begin(), order.end());
        std::int64_t step = layout == Layout::stepped ? 3 : 1;
        strides_ = Shape::filled(rank, 0);
        for (int d : order) {
            if (std::find(repeated.begin(), repeated.end(), d) != repeated.end()) continue;
            strides_[d] = step;
            step *= std::max<std::int64_t>(shape[d], 1);
            if (layout == Layout::stepped) step += 2;
        }
        memory_.resize(static_cast<std::size_t>(step + 2 * guard));
        std::memset(memory_.data(), 0x5a, memory_.size() * sizeof(Cell));
    }

    const Shape& shape() const { return shape_; }
    std::int64_t numel() const { return shape_.numel(); }
    T* data() { return reinterpret_cast<T*>(memory_.data() + guard); }

    // The element at logical (row-major) position i.
    T& operator[](std::int64_t i) {
        std::int64_t offset = 0;
        for (int d = shape_.rank() - 1; d >= 0; --d) {
            offset += i % shape_[d] * strides_[d];
            i /= shape_[d];
        }
        return data()[offset];
    }
    template <class F>
    Array& fill(F value) {
        for (std::int64_t i = 0; i < numel(); ++i) {
            if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
                (*this)[i] = static_cast<T>(static_cast<std::int64_t>(value(i)));  // of unsigned ones too, modulo 2^n
            else
                (*this)[i] = static_cast<T>(value(i));
        }
        return *this;
    }
    // Uniform in [low, high), another sequence for another seed.
    Array& random(std::uint64_t seed, double low = -2, double high = 2) {
        return fill([=](std::int64_t i) {
            return low + (high - low) * uniform({seed, 0}, static_cast<std::uint64_t>(i));
        });
    }
    std::vector<T> values() {
        std::vector<T> v;
        for (std::int64_t i = 0; i < numel(); ++i) v.push_back((*this)[i]);
        return v;
    }
    bool same_bits(Array& other) {
        for (std::int64_t i = 0; i < numel(); ++i)
            if (std::memcmp(&(*this)[i], &other[i], sizeof(T)) != 0) return false;
        return true;
    }
    // True if no memory but the elements was written.
    bool guards_hold() {
        std::vector<unsigned char> element(memory_.size(), 0);
        for (std::int64_t i = 0; i < numel(); ++i) element[static_cast<std::size_t>(&(*this)[i] - data() + guard)] = 1;
        Cell pattern;
        std::memset(&pattern, 0x5a, sizeof pattern);
        for (std::size_t i = 0; i < memory_.size(); ++i)
            if (!element[i] && std::memcmp(&memory_[i], &pattern, sizeof(Cell)) != 0) return false;
        return true;
    }
    abi::Array abi() {
        abi::Array a{data(), {}, {}, shape_.rank(), static_cast<std::int32_t>(dtype_of<T>), 0};
        for (int d = 0; d < shape_.rank(); ++d) a.shape[d] = shape_[d], a.strides[d] = strides_[d];
        return a;
    }

private:
    struct Cell {  // not T: std::vector<bool> is no array
        alignas(T) unsigned char bytes[sizeof(T)];
    };
    static constexpr std::int64_t guard = 24;
    Shape shape_, strides_;
    std::vector<Cell> memory_;
};

inline abi::Call call() { return {0, nullptr, "test", "here.cpp", 7, nullptr}; }

// The array as a result: added to or overwritten.
template <class T>
abi::Array result(Array<T>& x, bool add) {
    abi::Array a = x.abi();
    a.add = add;
    return a;
}

}  // namespace fathom::tests
