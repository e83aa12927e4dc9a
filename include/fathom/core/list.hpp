// List: what the library's own loops collect things in. It does what they need of std::vector in three functions per
// type of element; std::vector takes fifty, and two dozen types of it were a tenth of what a small header-only program
// compiles. Users are given std::vector.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace fathom::inline v0::detail {

template <class T>
class List {
public:
    List() = default;
    // By hand: std::exchange and std::swap are instantiated, and their conditions checked, for every type of pointer.
    List(List&& other) noexcept : data_(other.data_), size_(other.size_), capacity_(other.capacity_) {
        other.data_ = nullptr, other.size_ = other.capacity_ = 0;
    }
    List& operator=(List&& other) noexcept {
        T* const data = data_;
        data_ = other.data_, other.data_ = data;
        std::swap(size_, other.size_), std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~List() {
        clear();
        ::operator delete(data_);
    }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    T* begin() { return data_; }
    const T* begin() const { return data_; }
    T* end() { return data_ + size_; }
    const T* end() const { return data_ + size_; }
    T& operator[](std::size_t i) { return data_[i]; }
    const T& operator[](std::size_t i) const { return data_[i]; }
    T& back() { return data_[size_ - 1]; }
    const T& back() const { return data_[size_ - 1]; }

    // By value: it may be an element of the list itself.
    T& push_back(T value) {
        if (size_ == capacity_) reserve(size_ == 0 ? 8 : 2 * size_);
        return *new (data_ + size_++) T(std::move(value));
    }
    void pop_back() { data_[--size_].~T(); }
    void clear() {
        while (size_ > 0) pop_back();
    }
    // New elements are T(): numbers are 0.
    void resize(std::size_t size) {
        if (size > capacity_) reserve(size);
        while (size_ > size) pop_back();
        while (size_ < size) new (data_ + size_++) T();
    }

private:
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

    [[gnu::noinline]] void reserve(std::size_t capacity) {
        T* to = static_cast<T*>(::operator new(capacity * sizeof(T)));
        for (std::size_t i = 0; i < size_; ++i) {
            new (to + i) T(std::move(data_[i]));
            data_[i].~T();
        }
        ::operator delete(data_);
        data_ = to, capacity_ = capacity;
    }

    T* data_ = nullptr;
    std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace fathom::inline v0::detail
