// The kernels of one dtype that every recorded operation may need.
#pragma once

#include "fathom/autograd/node.hpp"
#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/cpu/reduce.hpp"

namespace fathom::inline v0::autograd {

template <FractionElement T>
inline constexpr TypeOps type_ops = {cpu::kernel<T, Elementwise::add>, cpu::kernel<T, Elementwise::affine>,
                                     cpu::kernel<T, Elementwise::copy>, cpu::kernel<T, Elementwise::fill>,
                                     &cpu::reduce<T, Reduce::sum>};

}  // namespace fathom::inline v0::autograd
