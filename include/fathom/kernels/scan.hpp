// Running sums and products along one dimension, for any strides. As in reduce.hpp those of float are carried in
// double, and the order follows from sizes and strides alone.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fathom/abi/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

struct ScanShape {
    Loop positions;  // all dimensions but the one of the scan; operands: in, out
    std::int64_t n = 0, in_stride = 0, out_stride = 0;
    bool reverse = false, exclusive = false;
};

// What becomes of T.
template <class T>
using Scanned = std::conditional_t<std::is_integral_v<T>, std::int64_t, T>;

// out[i] = in[0] op ... op in[i], without in[i] where `exclusive`; with `reverse` from the other end. int64 wraps.
template <class T, Scan op>
void scan(const ScanShape& shape, Scanned<T>* out, const T* in);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/scan.inl.hpp"
#endif
