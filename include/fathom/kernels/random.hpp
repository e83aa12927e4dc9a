// Fills arrays with random numbers: element i in row-major order gets number i of the stream (core/random.hpp),
// whatever the strides and threads.
#pragma once

#include "fathom/core/random.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// Uniform in [low, high). The loop, of LoopOrder::logical, has the operand out.
template <class T>
void random_uniform(const Loop& loop, T* out, RandomStream stream, double low, double high);

template <class T>
void random_normal(const Loop& loop, T* out, RandomStream stream, double mean, double deviation);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/random.inl.hpp"
#endif
