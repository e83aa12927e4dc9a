// Parameter<T> and Buffer<T>: the members of a module. Both are tensors in every expression, but a copy has its own
// values: `auto w = net.weight` copies, `Tensor<float> w = net.weight` is a handle on it. Next: module.hpp.
#pragma once

#include "fathom/ops/copy.hpp"

namespace fathom::inline v0 {

namespace detail {
// A tensor with the values of x (or, without `values`, only of its form), without history.
AnyTensor copy_member(const AnyTensor& x, bool values, const ElementwiseKernel& copy, Where site);
// Writes the values of `from` into `to`, so that handles on `to` see them; the gradient of the old values goes.
void overwrite_member(const AnyTensor& to, const AnyTensor& from, const ElementwiseKernel& copy);
// Makes the leaf of a copy a parameter's where that of the original is one.
void mark_as(const AnyTensor& copy, const AnyTensor& original);
}  // namespace detail

namespace nn {

class Visitor;

// What Parameter and Buffer have in common. An undefined one (a layer without a bias) is left out of every walk.
template <Element T>
class Member : public Tensor<T> {
public:
    Member() = default;
    Member(const Member& other) : Tensor<T>(copy_of(other)), uninitialised_(!other.initialised()) {}
    Member(Member&&) noexcept = default;
    // Into the memory that is there, if it has the right shape: handles and optimizers stay valid.
    Member& operator=(const Member& other) & {
        if (this->defined() && other.defined() && this->untyped().same_as(other.untyped())) return *this;
        const bool initialised = other.initialised();
        if (this->defined() && other.defined() && initialised && this->shape() == other.shape() &&
            this->device() == other.device())
            detail::overwrite_member(this->untyped(), other.untyped(), cpu::kernel<T, Elementwise::copy>);
        else
            handle() = copy_of(other);
        uninitialised_ = !initialised;
        return *this;
    }
    Member& operator=(Member&&) & noexcept = default;
    ~Member() = default;

    // False as long as nothing was written into memory that was made without values.
    bool initialised() const {
        return !uninitialised_ || !this->defined() || this->untyped().impl().storage->version() != 0;
    }

protected:
    friend class Visitor;

    Member(const Tensor<T>& values, Where site) {
        if (values.defined())
            handle() = Tensor<T>::adopt(detail::copy_member(values, true, cpu::kernel<T, Elementwise::copy>, site));
    }
    Tensor<T>& handle() { return *this; }
    template <class Derived>
    static Derived shared(const Derived& from) {
        Derived tied;
        tied.handle() = from;
        tied.uninitialised_ = from.uninitialised_;
        return tied;
    }
    template <class Derived>
    static Derived without_values(const Shape& shape, Where site) {
        Derived made;
        made.handle() = detail::new_row_major<T>(shape, "parameter", site);
        made.uninitialised_ = true;
        return made;
    }

private:
    static Tensor<T> copy_of(const Member& other) {
        if (!other.defined()) return {};
        Tensor<T> made = Tensor<T>::adopt(
            detail::copy_member(other.untyped(), other.initialised(), cpu::kernel<T, Elementwise::copy>, {}));
        if constexpr (FloatElement<T>) {
            made.requires_grad_(other.requires_grad(), {});
            detail::mark_as(made.untyped(), other.untyped());
        }
        return made;
    }

    bool uninitialised_ = false;
};

// What an optimizer changes. Requires a gradient unless told otherwise.
template <FloatElement T>
class Parameter : public Member<T> {
public:
    Parameter() = default;
    // Copies the values; their history stays behind.
    explicit Parameter(const Tensor<T>& values, bool requires_grad = true, Where site = Where::here())
        : Member<T>(values, site) {
        if (this->defined()) this->requires_grad_(requires_grad, site);
        mark();
    }
    // Memory whose values come later, by loading or by an initialiser.
    static Parameter uninitialised(const Shape& shape, Where site = Where::here()) {
        Parameter made = Member<T>::template without_values<Parameter>(shape, site);
        made.requires_grad_(true, site);
        made.mark();
        return made;
    }
    // The same parameter under another name: decoder.weight = encoder.weight.share(). A copy of the module unties it.
    Parameter share() const { return Member<T>::shared(*this); }

private:
    void mark() {
        if (autograd::Node* leaf = autograd::node_of(this->untyped()))
            static_cast<autograd::Leaf*>(leaf)->is_parameter = true;
    }
    friend class Member<T>;
};

// What is saved with a module but not trained: running statistics, fixed filters.
template <Element T>
class Buffer : public Member<T> {
public:
    Buffer() = default;
    explicit Buffer(const Tensor<T>& values, Where site = Where::here()) : Member<T>(values, site) {}
    static Buffer uninitialised(const Shape& shape, Where site = Where::here()) {
        return Member<T>::template without_values<Buffer>(shape, site);
    }
    Buffer share() const { return Member<T>::shared(*this); }

private:
    friend class Member<T>;
};

}  // namespace nn
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/parameter.inl.hpp"
#endif
