// Sizes of up to 8 dimensions, held inline. Used for shapes and strides alike. Whatever multiplies or adds sizes goes
// through times() and plus() here, which throw where the result is beyond 2^63 - 1.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <type_traits>

namespace fathom::inline v0 {

inline constexpr int max_rank = 8;

class Shape;

namespace detail {
// Defined in error.inl.hpp: they throw Error.
[[noreturn]] void fail_size_overflow();
[[noreturn]] void fail_large_dim(std::uint64_t dim);
[[noreturn]] void fail_index(int index, const Shape& shape);
[[noreturn]] void fail_rank();

constexpr std::int64_t times(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) fail_size_overflow();
    return product;
}
constexpr std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) fail_size_overflow();
    return sum;
}
}  // namespace detail

// An integer of any type as int64: `{v.size(), 3}` is a shape without a narrowing warning.
struct Dim {
    std::int64_t value;

    template <class Integer>
    requires std::is_integral_v<Integer>
    constexpr Dim(Integer v) : value(static_cast<std::int64_t>(v)) {
        if constexpr (std::is_unsigned_v<Integer> && sizeof(Integer) == 8) {
            if (v > static_cast<Integer>(std::numeric_limits<std::int64_t>::max())) detail::fail_large_dim(v);
        }
    }
};

class Shape {
public:
    constexpr Shape() = default;
    constexpr Shape(std::initializer_list<Dim> dims) {
        for (Dim d : dims) push_back(d.value);
    }
    // `rank` dimensions, each `value`.
    static constexpr Shape filled(int rank, std::int64_t value) {
        Shape s;
        for (int i = 0; i < rank; ++i) s.push_back(value);
        return s;
    }
    template <class Iterator>
    static constexpr Shape from(Iterator first, Iterator last) {
        Shape s;
        for (; first != last; ++first) s.push_back(static_cast<std::int64_t>(*first));
        return s;
    }

    constexpr int rank() const { return rank_; }
    // Negative ones count from the end; out of range throws.
    constexpr std::int64_t operator[](int i) const { return dims_[checked(i)]; }
    constexpr std::int64_t& operator[](int i) { return dims_[checked(i)]; }
    constexpr const std::int64_t* begin() const { return dims_; }
    constexpr const std::int64_t* end() const { return dims_ + rank_; }
    constexpr const std::int64_t* data() const { return dims_; }

    constexpr void push_back(std::int64_t dim) {
        if (rank_ == max_rank) detail::fail_rank();
        dims_[rank_++] = dim;
    }
    constexpr void insert(int at, std::int64_t dim) {
        push_back(dim);
        for (int i = rank_ - 1; i > at; --i) dims_[i] = dims_[i - 1];
        dims_[at] = dim;
    }
    constexpr void erase(int at) {
        for (int i = at; i + 1 < rank_; ++i) dims_[i] = dims_[i + 1];
        dims_[--rank_] = 0;
    }

    // Number of elements; 1 for rank 0. Throws beyond 2^63 - 1.
    constexpr std::int64_t numel() const {
        std::int64_t n = 0;
        if (!count(n)) detail::fail_size_overflow();
        return n;
    }
    // The same into n; false beyond 2^63 - 1, also where a size of 0 stands beside such sizes: strides multiply the
    // others.
    constexpr bool count(std::int64_t& n) const {
        n = 1;
        bool empty = false;
        for (std::int64_t d : *this) {
            if (d == 0)
                empty = true;
            else if (__builtin_mul_overflow(n, d, &n))
                return false;
        }
        if (empty) n = 0;
        return true;
    }

    friend constexpr bool operator==(const Shape& a, const Shape& b) {
        if (a.rank_ != b.rank_) return false;
        for (int i = 0; i < a.rank_; ++i)
            if (a.dims_[i] != b.dims_[i]) return false;
        return true;
    }

private:
    constexpr int checked(int i) const {
        const int at = i < 0 ? i + rank_ : i;
        if (at < 0 || at >= rank_) detail::fail_index(i, *this);
        return at;
    }

    std::int64_t dims_[max_rank] = {};
    int rank_ = 0;
};

}  // namespace fathom::inline v0
