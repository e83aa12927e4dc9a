// Text of a tensor, like NumPy's: values with shape and dtype, elided when there are more than a thousand.
#pragma once

#include <iosfwd>
#include <string>

#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0 {

std::string to_string(const AnyTensor& x);

// A template over the stream's traits, so that <iosfwd> is enough here.
template <class Traits, Element T>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Tensor<T>& x) {
    out << to_string(x.untyped()).c_str();
    return out;
}
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const AnyTensor& x) {
    out << to_string(x).c_str();
    return out;
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/tensor/print.inl.hpp"
#endif
