// Definitions of anomaly.hpp.
#include "fathom/autograd/function.hpp"
#include "fathom/tensor/runs.hpp"
#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0 {
namespace detail {

FATHOM_INLINE Statistics statistics_of(const AnyTensor& x) {
    Statistics s;
    s.count = x.numel();
    const TensorImpl& impl = x.impl();
    const char* bytes = static_cast<const char*>(impl.storage->data());
    std::string copy;
    if (!x.device().is_cpu()) {
        copy.resize(static_cast<std::size_t>(impl.storage->bytes()));
        copy_to_host(x.device(), copy.data(), bytes, impl.storage->bytes(), x.dtype(), "statistics", {});
        bytes = copy.data();
    }
    double sum = 0;
    std::int64_t finite = 0;
    for_each_run<1>(x.shape(), {&x.strides()}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i) {
            const double value = element_value(bytes, x.dtype(), impl.offset + offsets[0] + i * steps[0]);
            if (!is_finite(value)) {
                ++(is_nan(value) ? s.nan : s.infinite);
                continue;
            }
            s.lowest = finite == 0 || value < s.lowest ? value : s.lowest;
            s.highest = finite == 0 || value > s.highest ? value : s.highest;
            sum += value, ++finite;
        }
    });
    if (finite > 0) s.mean = sum / static_cast<double>(finite);
    return s;
}

FATHOM_INLINE std::string describe(const AnyTensor& x) {
    const Statistics s = statistics_of(x);
    std::string text = join({x.dtype(), " ", x.shape()});
    if (s.count > s.nan + s.infinite) text += join({" from ", s.lowest, " to ", s.highest, ", mean ", s.mean});
    if (s.nan + s.infinite > 0) text += join({", ", s.nan, " NaN and ", s.infinite, " infinite of ", s.count});
    return text;
}

}  // namespace detail

FATHOM_INLINE_MEMBER void AnomalyMode::sees(const detail::Observation& seen) {
    if (all_finite(seen.output)) return;
    if (!options_.infinite && detail::statistics_of(seen.output).nan == 0) return;
    std::string text = seen.backward ? "gave a gradient that is not finite: " : "gave values that are not finite: ";
    text += detail::describe(seen.output);
    int i = 0;
    seen.inputs.each([&](const AnyTensor& x) {
        if (x.defined())
            text += seen.backward ? "; gradient of its result: " + detail::describe(x)
                                  : join({"; input ", i, ": "}) + detail::describe(x);
        ++i;
    });
    const std::string* module = detail::current_module();
    if (module && !module->empty()) text += join({"; in module ", *module});
    fail(seen.operation, seen.site, {text});
}

}  // namespace fathom::inline v0
