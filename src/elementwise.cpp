#include "fathom/kernels/elementwise.hpp"

#include "fathom/kernels/elementwise.inl.hpp"
#include "fathom/kernels/float16.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T, op) template BlockKernel elementwise_kernel<T, Elementwise::op>();
#define FATHOM_INSTANTIATE_floating(op) FATHOM_INSTANTIATE(float, op) FATHOM_INSTANTIATE(double, op)
#define FATHOM_INSTANTIATE_numbers(op)                                                                        \
    FATHOM_INSTANTIATE_floating(op) FATHOM_INSTANTIATE(std::int64_t, op) FATHOM_INSTANTIATE(std::int32_t, op) \
        FATHOM_INSTANTIATE(std::uint8_t, op)
#define FATHOM_FORMULA(name, inputs, set, cost, formula) FATHOM_INSTANTIATE_##set(name)
#define FATHOM_COMPARISON(name, formula) FATHOM_INSTANTIATE_numbers(name) FATHOM_INSTANTIATE(bool, name)
#include "fathom/abi/elementwise.list.hpp"

}  // namespace fathom::inline v0::kernels
