// Sizes of up to 8 dimensions, held inline. Used for shapes and strides alike.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <type_traits>

namespace fathom::inline v0 {

inline constexpr int max_rank = 8;

// An integer of any type as int64: `{v.size(), 3}` is a shape without a narrowing warning.
struct Dim {
    std::int64_t value;

    template <class I>
    requires std::is_integral_v<I>
    constexpr Dim(I v) : value(static_cast<std::int64_t>(v)) {
        if constexpr (std::is_unsigned_v<I> && sizeof(I) == 8) {
            if (v > static_cast<I>(std::numeric_limits<std::int64_t>::max()))
                throw std::out_of_range("fathom: a dimension above 2^63 - 1");
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
    constexpr std::int64_t operator[](int i) const { return dims_[i]; }
    constexpr std::int64_t& operator[](int i) { return dims_[i]; }
    constexpr const std::int64_t* begin() const { return dims_; }
    constexpr const std::int64_t* end() const { return dims_ + rank_; }
    constexpr const std::int64_t* data() const { return dims_; }

    constexpr void push_back(std::int64_t dim) {
        if (rank_ == max_rank) throw std::length_error("fathom: a tensor has at most 8 dimensions");
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

    // Number of elements; 1 for rank 0.
    constexpr std::int64_t numel() const {
        std::int64_t n = 1;
        for (std::int64_t d : *this) n *= d;
        return n;
    }

    friend constexpr bool operator==(const Shape& a, const Shape& b) {
        if (a.rank_ != b.rank_) return false;
        for (int i = 0; i < a.rank_; ++i)
            if (a.dims_[i] != b.dims_[i]) return false;
        return true;
    }

private:
    std::int64_t dims_[max_rank] = {};
    int rank_ = 0;
};

}  // namespace fathom::inline v0
