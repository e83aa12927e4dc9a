// Definitions of finite.hpp.
#include <algorithm>
#include <bit>

namespace fathom::inline v0 {

namespace detail {
// By the exponent's bits: a comparison would be optimized away under -ffast-math.
template <class Bits, class T>
bool finite_elements(const AnyTensor& x, Bits exponent) {
    const T* p = static_cast<const T*>(x.raw());
    const std::int64_t n = x.numel();
    if (x.is_contiguous()) {
        Bits worst = 0;
        for (std::int64_t i = 0; i < n; ++i) worst = std::max(worst, std::bit_cast<Bits>(p[i]) & exponent);
        return worst != exponent;
    }
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t offset = 0;
        for (std::int64_t d = x.rank() - 1, rest = i; d >= 0; --d) {
            const std::int64_t size = x.shape()[static_cast<int>(d)];
            offset += rest % size * x.strides()[static_cast<int>(d)];
            rest /= size;
        }
        if ((std::bit_cast<Bits>(p[offset]) & exponent) == exponent) return false;
    }
    return true;
}
}  // namespace detail

FATHOM_INLINE bool all_finite(const AnyTensor& x) {
    if (x.dtype() == DType::float32) return detail::finite_elements<std::uint32_t, float>(x, 0x7f800000u);
    if (x.dtype() == DType::float64) return detail::finite_elements<std::uint64_t, double>(x, 0x7ff0000000000000u);
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
