// Sums, products, norms, maxima and minima over any set of dimensions and any strides. The order of summation is a
// function of the sizes and strides alone: chunks of some 16 thousand elements, vector lanes in them, then pairs of
// chunks. Sums and products of float are carried in double, so that they round once.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fathom/abi/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// Which elements make one output. Operands of `kept`: in, out, index; of `reduced`: in.
struct ReduceLoops {
    Loop kept, reduced;
};

// Dimensions where out has size 1 and in has not are reduced; the others are equal. index_strides may be null. order:
// of the reduced dimensions, logical where the index of an element among them counts.
ReduceLoops make_reduce_loops(int rank, const std::int64_t* in_shape, const std::int64_t* in_strides,
                              const std::int64_t* out_shape, const std::int64_t* out_strides,
                              const std::int64_t* index_strides, LoopOrder order = LoopOrder::by_stride);

// Whether partial results are added or multiplied up, in a wider type, and not chosen among.
constexpr bool accumulates(Reduce op) { return op != Reduce::max && op != Reduce::min; }

// What becomes of T: sums and products of integers and bools are int64.
template <class T, Reduce op>
using Reduced = std::conditional_t<accumulates(op) && std::is_integral_v<T>, std::int64_t, T>;

// out = scale * sum, scale * root of the sum of squares (norm), the product, or the largest or smallest (NaN wins).
// accumulate: out += that. The sum of nothing is 0, the product 1; of nothing there is no largest: do not ask. float,
// double, norms of no others, int64, int32, uint8, sums and products also of bool; those of int64 wrap, scale is for
// floating types.
template <class T, Reduce op>
void reduce(const ReduceLoops& loops, Reduced<T, op>* out, const T* in, double scale, bool accumulate);

// The largest or smallest (NaN wins) and the row-major position among the reduced elements where it first stands. Needs
// LoopOrder::logical.
template <class T, Reduce op>
void reduce_indexed(const ReduceLoops& loops, T* out, std::int64_t* index, const T* in);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/reduce.inl.hpp"
#endif
