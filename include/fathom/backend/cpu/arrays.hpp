// From the seam's plain arrays (abi.hpp) to the loops and pointers that kernels take.
#pragma once

#include "fathom/abi/arguments.hpp"
#include "fathom/core/error.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::cpu {

template <class T>
T* data(const abi::Array& a) {
    return static_cast<T*>(a.data);
}

inline DType type(const abi::Array& a) { return static_cast<DType>(a.dtype); }

inline std::int64_t numel(const abi::Array& a) {
    std::int64_t n = 1;
    for (int d = 0; d < a.rank; ++d) n *= a.shape[d];
    return n;
}

// A loop over arrays of one shape, the first one's.
template <class... Arrays>
kernels::Loop loop_over(const abi::Array& first, const Arrays&... others) {
    const std::int64_t* strides[] = {first.strides, others.strides...};
    return kernels::make_loop(static_cast<int>(1 + sizeof...(others)), first.rank, first.shape, strides);
}

[[noreturn]] inline void fail(const abi::Call& call, Parts parts) {
    v0::fail(call.operation, {call.file, call.line}, parts);
}

}  // namespace fathom::inline v0::cpu
