// Definitions of averaged_model.hpp.
#include "fathom/core/float_bits.hpp"

namespace fathom::inline v0::optim {

FATHOM_INLINE void check_average(const AverageOptions& options, Where site) {
    if (options.decay && !(*options.decay >= 0 && *options.decay <= 1))
        fail("AveragedModel", site, {"decay must be in [0, 1], got ", *options.decay});
}

FATHOM_INLINE void update_average(nn::Module& average, const nn::Module& net, std::int64_t updates,
                                  const AverageOptions& options, const OptimizerKind& step, Where site) {
    const auto pairs = [&](const std::vector<AnyTensor>& to, const std::vector<AnyTensor>& from, auto&& f) {
        if (to.size() != from.size())
            fail(step.name, site, {"the net has ", from.size(), " tensors, the average ", to.size()});
        for (std::size_t i = 0; i < to.size(); ++i) {
            if (!(to[i].shape() == from[i].shape()) || to[i].dtype() != from[i].dtype() ||
                to[i].device() != from[i].device())
                fail(step.name, site,
                     {"tensor ", i, " of the net is ", from[i].dtype(), " ", from[i].shape(), " on ",
                      to_string(from[i].device()), ", the average's ", to[i].dtype(), " ", to[i].shape(), " on ",
                      to_string(to[i].device())});
        }
        for (std::size_t i = 0; i < to.size(); ++i) f(to[i], from[i]);
    };
    const auto copy = [&](const AnyTensor& to, const AnyTensor& from) {
        detail::load_values(to, detail::host_copy(from, step.name, site), step.name, site);
    };
    // A step of descent on half the squared distance: average -= w (average - weights).
    const double w = options.decay ? 1 - *options.decay : 1 / static_cast<double>(updates + 1);
    pairs(average.parameters(), net.parameters(), [&](const AnyTensor& to, const AnyTensor& from) {
        if (updates == 0) return copy(to, from);
        const abi::OptimizeTensor one{.parameter = detail::array_of(to), .gradient = detail::array_of(from)};
        const abi::OptimizeArgs args{.rule = step.rule,
                                     .tensors = &one,
                                     .count = 1,
                                     .lr = {w, nullptr},
                                     .step = {1, nullptr},
                                     .weight_decay = 1,
                                     .maximize = 1};
        to.impl().storage->bump_version();
        detail::run(to, step.name, site, operation::optimize,
                    to.dtype() == DType::float32 ? step.float32 : step.float64, args);
    });
    pairs(average.buffers(), net.buffers(), copy);
}

}  // namespace fathom::inline v0::optim
