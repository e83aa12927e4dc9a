// The operand of an operator: a tensor or a scalar, together with the line it stands on (an operator cannot have
// default arguments). No promotion between tensors; a scalar becomes the tensor's type, but a floating scalar never
// becomes an integer. Beside a tensor of two bytes it is a float: the result alone is rounded.
#pragma once

#include "fathom/tensor/any_tensor.hpp"
#include "fathom/tensor/scalar.hpp"

namespace fathom::inline v0 {

template <Element T>
class Operand {
public:
    Operand(const Tensor<T>& x, Where w = Where::here()) : site(w), tensor_(&x) {}
    template <ScalarFor<T> S>
    Operand(S value, Where w = Where::here()) : site(w), scalar_(detail::scalar_as<ArithmeticOf<T>>(value, w)) {}
    Operand(T value, Where w = Where::here()) requires StoredElement<T> : site(w), scalar_(value) {}

    bool is_scalar() const { return !tensor_; }
    const Tensor<T>& tensor() const { return *tensor_; }
    ArithmeticOf<T> scalar() const { return scalar_; }

    Where site;

private:
    const Tensor<T>* tensor_ = nullptr;  // lives as long as the expression
    ArithmeticOf<T> scalar_{};
};

}  // namespace fathom::inline v0
