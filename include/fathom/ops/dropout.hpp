// dropout.
#pragma once

#include "fathom/backend/cpu/random.hpp"
#include "fathom/core/random.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

namespace detail {
// Numbers in [0, 1), one for each element of x, the generator's next.
AnyTensor uniform_like(const AnyTensor& x, Generator& gen, CpuKernel<abi::RandomArgs> cpu, const char* name,
                       Where site);
}  // namespace detail

// Each element is 0 with probability p, else divided by 1 - p, so that the mean stays: what happens while training (in
// eval() there is nothing to call). Which ones are 0 follows from the generator, not from threads or strides.
// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.
template <FloatElement T>
Tensor<T> dropout(const Tensor<T>& x, double p, Generator& gen, Where site = Where::here()) {
    const char* name = "dropout";
    detail::require_defined(x, name, site);
    if (!(p >= 0 && p <= 1)) fail(name, site, {"probability ", p, " is outside [0, 1]"});
    const auto constant = [&](double value) { return detail::scalar_tensor(static_cast<T>(value), x.device(), site); };
    const auto noise = detail::typed<T>(detail::uniform_like(x, gen, &cpu::random<T>, name, site)), limit = constant(p);
    const Tensor<bool> kept = less_equal(Operand<T>(limit, site), Operand<T>(noise, site));
    const Tensor<T> factor = where(kept, constant(p == 1 ? 0 : 1 / (1 - p)), constant(0), site);
    return mul(Operand<T>(x, site), Operand<T>(factor, site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/dropout.inl.hpp"
#endif
