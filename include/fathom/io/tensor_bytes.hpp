// Between tensors and a file's bytes, which are in logical (row-major) order on the host.
#pragma once

#include "fathom/io/file.hpp"
#include "fathom/tensor/dispatch.hpp"

namespace fathom::inline v0::io {

// Bytes of a dense tensor; -1 if a size is negative or the product of the sizes that are not 0 exceeds 2^63 - 1, so
// that strides fit too.
std::int64_t dense_bytes(const Shape& shape, DType dtype);

// A row-major CPU tensor made of the first dense_bytes(shape, dtype) bytes, which must be valid. Any non-zero byte of a
// bool is true.
AnyTensor tensor_from_bytes(const void* bytes, const Shape& shape, DType dtype, const char* operation, Where site);

// The tensor's elements in logical order, from any strides and any device: in place if they lie so, otherwise gathered
// into `buffer`.
std::string_view tensor_bytes(const AnyTensor& tensor, std::string& buffer, const char* operation, Where site);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/tensor_bytes.inl.hpp"
#endif
