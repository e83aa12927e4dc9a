// The operand of an operator: a tensor or a scalar, together with the line it stands on (an operator cannot have
// default arguments). No promotion between tensors; a scalar becomes the tensor's type, but a floating scalar never
// becomes an integer.
#pragma once

#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0 {

template <class S, class T>
concept ScalarFor = std::is_arithmetic_v<S> &&(!std::is_integral_v<T> || std::is_integral_v<S>);

template <Element T>
class Operand {
public:
    Operand(const Tensor<T>& x, Where w = Where::here()) : site(w), tensor_(&x) {}
    template <ScalarFor<T> S>
    Operand(S value, Where w = Where::here()) : site(w), scalar_(static_cast<T>(value)) {}

    bool is_scalar() const { return !tensor_; }
    const Tensor<T>& tensor() const { return *tensor_; }
    T scalar() const { return scalar_; }

    Where site;

private:
    const Tensor<T>* tensor_ = nullptr;  // lives as long as the expression
    T scalar_{};
};

}  // namespace fathom::inline v0
