// Definitions of finite.hpp.
#include "fathom/backend/cpu/finite.hpp"
#include "fathom/tensor/dispatch.hpp"

namespace fathom::inline v0 {

FATHOM_INLINE bool all_finite(const AnyTensor& x) {
    constexpr const char* name = "all_finite";
    const Where site{};
    bool finite = true;
    with_dtype(x.dtype(), [&]<class T>(Type<T>) {
        if constexpr (StoredElement<T>) {
            const AnyTensor wide = detail::new_tensor(x.shape(), detail::row_major_strides(x.shape()), DType::float32,
                                                      x.device(), name, site);
            detail::run_elementwise(cpu::conversion<T, float>, {wide}, {&x}, name, site);
            finite = all_finite(wide);
        }
    });
    with_floating(x.dtype(), [&]<class T>(Type<T>) {
        abi::FiniteArgs args{};
        args.in = detail::array_of(x);
        const auto run = [&] { detail::run(x, name, site, operation::all_finite, &cpu::all_finite<T>, args); };
        if (x.device().is_cpu()) {
            args.out.data = &finite;
            return run();
        }
        const AnyTensor out = detail::new_tensor({}, {}, DType::boolean, x.device(), name, site);
        args.out = detail::array_of(out);
        run();
        detail::copy_to_host(x.device(), &finite, out.raw_unchecked(), sizeof finite, DType::boolean, name, site);
    });
    return finite;
}

FATHOM_INLINE std::string first_not_finite(const StateDict& tensors) {
    for (const auto& [name, tensor] : tensors)
        if (!all_finite(tensor)) return name;
    return {};
}

FATHOM_INLINE std::string FirstNonFinite::message() const {
    if (!found()) return {};
    const std::string place = to_string(site_);
    return join({operation_, place.empty() ? "" : " at ", place, module_.empty() ? "" : " in ", module_,
                 " gave a value that is not finite in a result of shape ", shape_});
}

FATHOM_INLINE_MEMBER void FirstNonFinite::sees(const detail::Observation& seen) {
    if (found() || all_finite(seen.output)) return;
    operation_ = seen.operation;
    if (const std::string* module = detail::current_module()) module_ = *module;
    site_ = seen.site;
    shape_ = seen.output.shape();
}

}  // namespace fathom::inline v0
