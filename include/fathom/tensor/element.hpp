// What `a(i, j)` and nested braces are made of: Index, the element proxy that counts a write only when assigned, Nested
// values.
#pragma once

#include <initializer_list>
#include <vector>

#include "fathom/tensor/any_tensor.hpp"
#include "fathom/tensor/scalar.hpp"

namespace fathom::inline v0::detail {

// An index together with the line it stands on: a default argument cannot follow a pack of indices.
struct Index {
    std::int64_t value;
    Where site;

    template <class Integer>
    requires std::is_integral_v<Integer> Index(Integer v, Where w = Where::here())
        : value(static_cast<std::int64_t>(v)), site(w) {}
};

// Offset in elements of an index tuple; throws if the count or a value is out of range. Negative values count from the
// end.
std::int64_t element_offset(const AnyTensor& x, std::initializer_list<Index> indices);

// `a(i, j)` of a non-const tensor: reads as T, counts a write when assigned. It keeps the memory: a tensor that gets
// another value, or ends, leaves it the element it had. A copy of it is a value of its own, so that std::swap exchanges
// two elements.
template <Element T>
class ElementProxy {
public:
    ElementProxy(const AnyTensor& x, std::int64_t offset, Where site)
        : storage_(x.impl().storage), element_(static_cast<T*>(x.raw_unchecked()) + offset), site_(site) {}
    ElementProxy(const ElementProxy& other) : value_(other), element_(&value_), site_(other.site_) {}

    operator T() const { return *element_; }
    operator float() const requires StoredElement<T> { return *element_; }
    template <ScalarFor<T> S>
    const ElementProxy& operator=(S value) const {
        const T converted = scalar_as<T>(value, site_);
        if (storage_) storage_->bump_version();
        *element_ = converted;
        return *this;
    }
    const ElementProxy& operator=(T value) const requires StoredElement<T> { return *this = static_cast<float>(value); }
    const ElementProxy& operator=(const ElementProxy& other) const { return *this = static_cast<T>(other); }
    template <ScalarFor<T> S>
    const ElementProxy& operator+=(S value) const {
        return set(*element_ + operand(value));
    }
    template <ScalarFor<T> S>
    const ElementProxy& operator-=(S value) const {
        return set(*element_ - operand(value));
    }
    template <ScalarFor<T> S>
    const ElementProxy& operator*=(S value) const {
        return set(*element_ * operand(value));
    }
    template <ScalarFor<T> S>
    const ElementProxy& operator/=(S value) const {
        return set(*element_ / operand(value));
    }

private:
    template <class S>
    ScalarOf<T> operand(S value) const {
        return scalar_as<ScalarOf<T>>(value, site_);
    }
    template <class V>
    const ElementProxy& set(V value) const {
        return *this = static_cast<ScalarOf<T>>(value);  // integers wrap, as they do in C++
    }

    T value_{};
    Ref<Storage> storage_;  // null for a copy
    T* element_;
    Where site_;
};

// A scalar or a list of Nested: the values of a tensor, never its shape.
template <Element T>
class Nested {
public:
    template <class S>
    requires(std::is_same_v<S, T> || ScalarFor<S, T>) Nested(S value, Where site = Where::here())
        : value_(scalar_as<T>(value, site)) {}
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
