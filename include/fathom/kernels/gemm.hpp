// Matrix products on raw pointers: C = A B with any strides, in register tiles over blocks that fit the caches.
// Next: gemm.kernel.hpp (the micro-kernel and its packing), gemm.inl.hpp (blocks and threads).
#pragma once

#include <cstdint>

#include "fathom/kernels/epilogue.hpp"
#include "fathom/kernels/gemm_shape.hpp"

namespace fathom::inline v0::kernels {

// c = activation(a b + bias + residual), or what else the epilogue says; bias may be null. c must not overlap
// the others and must not repeat elements. Results do not depend on the number of threads.
template <class T>
void gemm(const T* a, const T* b, const T* bias, T* c, const GemmShape& shape, const Epilogue<T>& epilogue = {});

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/gemm.inl.hpp"
#endif
