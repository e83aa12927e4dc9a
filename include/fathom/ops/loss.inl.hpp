// Definitions of loss.hpp.
#include <algorithm>

#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0::detail {

// Calls visit(position, class) for every target in row-major order.
using TargetVisitor = void (*)(void* visit, std::int64_t position, std::int64_t target);
FATHOM_INLINE void for_each_target(const AnyTensor& target, Where site, TargetVisitor visitor, void* visit) {
    const auto* t = static_cast<const std::int64_t*>(host_data(target, site));
    std::int64_t position = 0;
    for_each_run<1>(target.shape(), {&target.strides()}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i) visitor(visit, position++, t[offsets[0] + i * steps[0]]);
    });
}
template <class Visit>
void for_each_target(const AnyTensor& target, Where site, Visit visit) {
    for_each_target(
        target, site, [](void* v, std::int64_t position, std::int64_t t) { (*static_cast<Visit*>(v))(position, t); },
        &visit);
}

FATHOM_INLINE double class_weight(const AnyTensor& weight, std::int64_t c, Where site) {
    if (!weight.defined()) return 1;
    const void* data = host_data(weight, site);
    const std::int64_t offset = c * weight.strides()[0];
    double value = 0;
    with_floating(weight.dtype(),
                  [&]<class T>(Type<T>) { value = static_cast<double>(static_cast<const T*>(data)[offset]); });
    return value;
}

FATHOM_INLINE TargetShares target_shares(const AnyTensor& slope, const AnyTensor& target,
                                         const CrossEntropySettings& settings, const char* name, Where site) {
    const Shape& shape = slope.shape();
    const std::int64_t classes = shape[1], inner = shape.numel() / std::max<std::int64_t>(1, shape[0] * classes);
    Shape one_class = shape;
    one_class[1] = 1;
    const auto constant = [&](const Shape& s) {
        return new_tensor(s, row_major_strides(s), slope.dtype(), Device::cpu(), name, site);
    };
    const TargetShares shares{constant(shape), constant(one_class)};
    const auto store = [](const AnyTensor& x, std::int64_t i, double value) {
        with_floating(x.dtype(),
                      [&]<class T>(Type<T>) { static_cast<T*>(x.raw_unchecked())[i] = static_cast<T>(value); });
    };
    for_each_target(target, site, [&](std::int64_t i, std::int64_t t) {
        double sum = 0;
        for (std::int64_t c = 0; c < classes; ++c) {
            const double share =
                settings.label_smoothing / static_cast<double>(classes) + (c == t ? 1 - settings.label_smoothing : 0);
            // A class without a share may have any weight: infinity, where it is absent and weighs by its inverse
            // frequency.
            const double value =
                t == settings.ignore_index || share == 0 ? 0 : share * class_weight(settings.weight, c, site);
            store(shares.coefficients, (i / inner * classes + c) * inner + i % inner, value);
            sum += value;
        }
        store(shares.inverse_weight, i, sum == 0 ? 0 : 1 / sum);
    });
    return shares;
}

FATHOM_INLINE void check_cross_entropy(const AnyTensor& logits, const AnyTensor& target,
                                       const CrossEntropySettings& settings, const char* name, Where site) {
    require_defined(logits, name, site), require_defined(target, name, site);
    if (logits.rank() < 2 || logits.shape()[1] < 1)
        fail(name, site, {"logits have shape ", logits.shape(), ", expected [N,C,...] with a class at least"});
    Shape positions = logits.shape();
    positions.erase(1);
    if (!(target.shape() == positions))
        fail(name, site,
             {"target has shape ", target.shape(), ", expected ", positions, " (logits ", logits.shape(), ")"});
    if (settings.weight.defined() && !(settings.weight.shape() == Shape{logits.shape()[1]}))
        fail(name, site,
             {"class weights have shape ", settings.weight.shape(), ", expected [", logits.shape()[1], "]"});
    if (!(settings.label_smoothing >= 0 && settings.label_smoothing <= 1))
        fail(name, site, {"label_smoothing ", settings.label_smoothing, " is outside [0, 1]"});
    check_device(logits, target, name, site);
}

FATHOM_INLINE void check_class_probabilities(const AnyTensor& logits, const AnyTensor& target,
                                             const CrossEntropySettings& settings, const char* name, Where site) {
    require_defined(logits, name, site), require_defined(target, name, site);
    if (logits.rank() < 1 || logits.shape()[logits.rank() == 1 ? 0 : 1] < 1)
        fail(name, site, {"logits have shape ", logits.shape(), ", expected [N,C,...] or [C] with a class at least"});
    if (!(target.shape() == logits.shape()))
        fail(name, site,
             {"target of class probabilities has shape ", target.shape(), ", expected the logits' ", logits.shape()});
    const std::int64_t classes = logits.shape()[logits.rank() == 1 ? 0 : 1];
    if (settings.weight.defined() && !(settings.weight.shape() == Shape{classes}))
        fail(name, site, {"class weights have shape ", settings.weight.shape(), ", expected [", classes, "]"});
    if (settings.ignore_index != CrossEntropySettings{}.ignore_index)
        fail(name, site, {"ignore_index ", settings.ignore_index, " means nothing to class probabilities"});
    if (!(settings.label_smoothing >= 0 && settings.label_smoothing <= 1))
        fail(name, site, {"label_smoothing ", settings.label_smoothing, " is outside [0, 1]"});
    check_device(logits, target, name, site);
}

FATHOM_INLINE double target_weight(const AnyTensor& target, const AnyTensor& weight, std::int64_t ignore_index,
                                   Where site) {
    double total = 0;
    for_each_target(target, site, [&](std::int64_t, std::int64_t c) {
        total += c == ignore_index ? 0 : class_weight(weight, c, site);
    });
    return total;
}

}  // namespace fathom::inline v0::detail
