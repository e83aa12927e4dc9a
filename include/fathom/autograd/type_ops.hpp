// The kernels of one dtype that every recorded operation may need.
#pragma once

#include "fathom/autograd/node.hpp"
#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/cpu/reduce.hpp"

namespace fathom::inline v0::autograd {

template <FloatElement T>
inline constexpr TypeOps type_ops = {&cpu::elementwise<T, Elementwise::add>, &cpu::elementwise<T, Elementwise::affine>,
                                     &cpu::copy<T, T>, &cpu::fill<T>, &cpu::reduce<T, Reduce::sum>};

}  // namespace fathom::inline v0::autograd
