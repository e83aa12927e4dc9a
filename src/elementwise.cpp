#include "fathom/kernels/elementwise.hpp"

#include "fathom/kernels/elementwise.inl.hpp"
#include "fathom/kernels/float16.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T, op) \
    template bool elementwise<T, Elementwise::op>(const Loop&, T*, const T*, const T*, const T*, double, double, bool);
#define FATHOM_INSTANTIATE_floating(op) FATHOM_INSTANTIATE(float, op) FATHOM_INSTANTIATE(double, op)
#define FATHOM_INSTANTIATE_numbers(op)                                                                        \
    FATHOM_INSTANTIATE_floating(op) FATHOM_INSTANTIATE(std::int64_t, op) FATHOM_INSTANTIATE(std::int32_t, op) \
        FATHOM_INSTANTIATE(std::uint8_t, op)
#define FATHOM_INSTANTIATE_WIDENED(op)                                                                            \
    template void elementwise_widened<Elementwise::op>(const Loop&, const DType*, void*, const void*, const void*, \
                                                       const void*, double, double, bool);
#define FATHOM_FORMULA(name, inputs, set, cost, formula) FATHOM_INSTANTIATE_##set(name) FATHOM_INSTANTIATE_WIDENED(name)

#define FATHOM_INSTANTIATE_COMPARE(T, op) \
    template void compare<T, Elementwise::op>(const Loop&, bool*, const T*, const T*);
#define FATHOM_COMPARISON(name, formula)           \
    FATHOM_INSTANTIATE_COMPARE(float, name)        \
    FATHOM_INSTANTIATE_COMPARE(double, name)       \
    FATHOM_INSTANTIATE_COMPARE(std::int64_t, name) \
    FATHOM_INSTANTIATE_COMPARE(std::int32_t, name) \
    FATHOM_INSTANTIATE_COMPARE(std::uint8_t, name) \
    FATHOM_INSTANTIATE_COMPARE(bool, name)         \
    template void compare_widened<Elementwise::name>(const Loop&, const DType*, bool*, const void*, const void*);
#include "fathom/abi/elementwise.list.hpp"

}  // namespace fathom::inline v0::kernels
