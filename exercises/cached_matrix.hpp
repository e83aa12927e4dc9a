// CachedMatrix: a square matrix behind a small cache that counts what it loads. All matrices share one cache of 32
// lines, each of 8 neighbors in a row; what was not used for longest goes first. Real caches do the same with larger
// numbers.
#pragma once

#include "exercises/exercise.hpp"

class Cache {
public:
    static constexpr std::size_t lines = 32, line_size = 8;

    void use(std::size_t line) {
        auto place = std::find(recent_.begin(), recent_.end(), line);
        if (place == recent_.end()) {
            ++loads_;
            if (recent_.size() < lines) recent_.push_back(line);
            place = recent_.end() - 1;
            *place = line;
        }
        std::rotate(recent_.begin(), place, place + 1);
    }
    int loads() const { return loads_; }

private:
    std::vector<std::size_t> recent_;  // the last one used in front
    int loads_ = 0;
};

class CachedMatrix {
public:
    CachedMatrix(const Tensor& x, Cache& cache, std::size_t number)
        : x_(ft::from_data(x.dense_data(), x.shape())), cache_(&cache), number_(number) {}

    std::int64_t size() const { return x_.size(0); }
    double get(std::int64_t i, std::int64_t j) const { return use(i, j), x_(i, j); }
    void add(std::int64_t i, std::int64_t j, double value) { use(i, j), x_(i, j) += value; }
    const Tensor& values() const { return x_; }

private:
    void use(std::int64_t i, std::int64_t j) const {
        const auto row = static_cast<std::size_t>(i), column = static_cast<std::size_t>(j);
        cache_->use((number_ * 1000 + row) * 1000 + column / Cache::line_size);
    }

    Tensor x_;
    Cache* cache_;
    std::size_t number_;
};
