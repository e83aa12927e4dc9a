// Definitions of binary_loss.hpp.
#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_element_weight(const AnyTensor& x, const AnyTensor& weight, const char* what, const char* name,
                                        Where site) {
    if (!weight.defined()) return;
    Shape shape;
    if (!broadcast_shapes(x.shape(), weight.shape(), shape) || !(shape == x.shape()))
        fail(name, site, {what, " has shape ", weight.shape(), ", expected one that broadcasts to ", x.shape()});
    check_device(x, weight, name, site);
}

FATHOM_INLINE void check_probabilities(const AnyTensor& x, const char* name, Where site) {
    if (!x.device().is_cpu()) return;
    with_floating(x.dtype(), [&]<class T>(Type<T>) {
        const auto* p = static_cast<const T*>(host_data(x, site));
        for_each_run<1>(x.shape(), {&x.strides()}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
            bool inside = true;
            for (std::int64_t i = 0; i < n; ++i) {
                const T value = p[offsets[0] + i * steps[0]];
                inside &= value >= T{0} && value <= T{1};
            }
            for (std::int64_t i = 0; !inside && i < n; ++i) {
                const T value = p[offsets[0] + i * steps[0]];
                if (!(value >= T{0} && value <= T{1}))
                    fail(name, site, {"input has the element ", value, ", expected probabilities in [0, 1]"});
            }
        });
    });
}

}  // namespace fathom::inline v0::detail
