// Definitions of finite.hpp.
#include "fathom/core/float_bits.hpp"
#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0 {

namespace detail {
template <class T>
bool finite_elements(const AnyTensor& x) {
    const T* elements = static_cast<const T*>(x.raw());
    bool finite = true;
    for_each_run<1>(x.shape(), {&x.strides()}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
        const T* run = elements + offsets[0];
        for (std::int64_t i = 0; i < n; ++i) finite &= is_finite(run[i * steps[0]]);
    });
    return finite;
}
}  // namespace detail

FATHOM_INLINE bool all_finite(const AnyTensor& x) {
    if (x.dtype() == DType::float32) return detail::finite_elements<float>(x);
    if (x.dtype() == DType::float64) return detail::finite_elements<double>(x);
    return true;
}

FATHOM_INLINE std::string first_not_finite(const StateDict& tensors) {
    for (const auto& [name, tensor] : tensors)
        if (!all_finite(tensor)) return name;
    return {};
}

FATHOM_INLINE std::string FirstNonFinite::message() const {
    if (!found()) return {};
    return join({operation_, " at ", to_string(site_), module_.empty() ? "" : " in ", module_,
                 " gave a value that is not finite in a result of shape ", shape_});
}

FATHOM_INLINE void FirstNonFinite::see(void* state, const char* operation, Where site, const AnyTensor& output) {
    auto& self = *static_cast<FirstNonFinite*>(state);
    if (self.found() || !output.device().is_cpu() || all_finite(output)) return;
    self.operation_ = operation;
    if (const std::string* module = detail::current_module()) self.module_ = *module;
    self.site_ = site;
    self.shape_ = output.shape();
}

}  // namespace fathom::inline v0
