// What `a(i, j)` and nested braces are made of: Index, the element proxy that counts a write only when assigned, Nested
// values.
#pragma once

#include <initializer_list>
#include <vector>

#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0::detail {

// An index together with the line it stands on: a default argument cannot follow a pack of indices.
struct Index {
    std::int64_t value;
    Where site;

    template <class I>
    requires std::is_integral_v<I> Index(I v, Where w = Where::here()) : value(static_cast<std::int64_t>(v)), site(w) {}
};

// Offset in elements of an index tuple; throws if the count or a value is out of range. Negative values count from the
// end.
std::int64_t element_offset(const AnyTensor& x, std::initializer_list<Index> indices);

// `a(i, j)` of a non-const tensor: reads as T, counts a write when assigned.
template <Element T>
class ElementProxy {
public:
    ElementProxy(const AnyTensor& x, std::int64_t offset)
        : x_(&x), element_(static_cast<T*>(x.raw_unchecked()) + offset) {}
    operator T() const { return *element_; }
    operator float() const requires StoredElement<T> { return *element_; }
    const ElementProxy& operator=(ScalarOf<T> value) const {
        x_->impl().storage->bump_version();
        *element_ = static_cast<T>(value);
        return *this;
    }
    const ElementProxy& operator=(const ElementProxy& other) const { return *this = static_cast<T>(other); }
    ElementProxy(const ElementProxy&) = default;
    const ElementProxy& operator+=(ScalarOf<T> value) const {
        return *this = static_cast<ScalarOf<T>>(*element_ + value);
    }
    const ElementProxy& operator-=(ScalarOf<T> value) const {
        return *this = static_cast<ScalarOf<T>>(*element_ - value);
    }
    const ElementProxy& operator*=(ScalarOf<T> value) const {
        return *this = static_cast<ScalarOf<T>>(*element_ * value);
    }
    const ElementProxy& operator/=(ScalarOf<T> value) const {
        return *this = static_cast<ScalarOf<T>>(*element_ / value);
    }

private:
    const AnyTensor* x_;
    T* element_;
};

// A scalar or a list of Nested: the values of a tensor, never its shape.
template <Element T>
class Nested {
public:
    template <class S>
    requires(std::is_same_v<S, T> || (std::is_arithmetic_v<S> && (!std::is_integral_v<T> || std::is_integral_v<S>)))
        Nested(S value)
        : value_(static_cast<T>(value)) {}
    Nested(std::initializer_list<Nested> list) : list_(list), is_list_(true) {}

    bool is_list() const { return is_list_; }
    const std::vector<Nested>& list() const { return list_; }
    T value() const { return value_; }

private:
    std::vector<Nested> list_;
    T value_{};
    bool is_list_ = false;
};

// Shape of nested lists, read off the first entries; flatten() throws where another entry disagrees.
template <Element T>
Shape shape_of(const std::initializer_list<Nested<T>>& list) {
    Shape shape{list.size()};
    const Nested<T>* first = list.begin();
    for (std::size_t n = list.size(); n && first->is_list(); n = first->list().size(), first = first->list().data())
        shape.push_back(static_cast<std::int64_t>(first->list().size()));
    return shape;
}

[[noreturn]] void fail_ragged(const Shape& shape, Where site);

template <Element T>
void flatten(const Nested<T>* first, std::size_t count, const Shape& shape, int depth, T*& out, Where site) {
    if (static_cast<std::int64_t>(count) != shape[depth]) fail_ragged(shape, site);
    for (const Nested<T>* n = first; n != first + count; ++n) {
        if (n->is_list() != (depth + 1 < shape.rank())) fail_ragged(shape, site);
        if (n->is_list())
            flatten(n->list().data(), n->list().size(), shape, depth + 1, out, site);
        else
            *out++ = n->value();
    }
}

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/tensor/element.inl.hpp"
#endif
