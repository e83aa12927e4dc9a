// Definitions of plateau.hpp.
#include <algorithm>
#include <limits>

#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0::optim {

FATHOM_INLINE ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const PlateauOptions& options, Where site)
    : optimizer_(&optimizer),
      options_(options),
      best_(options.mode == PlateauMode::min ? std::numeric_limits<double>::infinity()
                                             : -std::numeric_limits<double>::infinity()) {
    const char* name = "ReduceLROnPlateau";
    if (!(options.factor >= 0 && options.factor < 1))
        fail(name, site, {"factor must be in [0, 1), got ", options.factor});
    if (options.patience < 0 || options.cooldown < 0)
        fail(name, site, {"patience ", options.patience, " and cooldown ", options.cooldown, ", expected at least 0"});
    if (!(options.threshold >= 0)) fail(name, site, {"threshold must be at least 0, got ", options.threshold});
    if (!(options.min_lr >= 0)) fail(name, site, {"min_lr must be at least 0, got ", options.min_lr});
}

FATHOM_INLINE bool ReduceLROnPlateau::is_better(double metric) const {
    const double t = options_.threshold;
    if (options_.mode == PlateauMode::min)
        return metric < (options_.threshold_mode == PlateauThreshold::rel ? best_ * (1 - t) : best_ - t);
    return metric > (options_.threshold_mode == PlateauThreshold::rel ? best_ * (1 + t) : best_ + t);
}

FATHOM_INLINE void ReduceLROnPlateau::step(double metric) {
    if (is_better(metric))
        best_ = metric, bad_epochs_ = 0;
    else
        ++bad_epochs_;
    if (cooldown_ > 0) --cooldown_, bad_epochs_ = 0;
    if (bad_epochs_ <= options_.patience) return;
    for (ParamGroup& group : optimizer_->groups_) {
        const double rate = std::max(group.lr * options_.factor, options_.min_lr);
        if (group.lr - rate > options_.eps) group.lr = rate;
    }
    cooldown_ = options_.cooldown, bad_epochs_ = 0;
}

FATHOM_INLINE StateDict ReduceLROnPlateau::state_dict() const {
    StateDict dict;
    dict.add("best", detail::scalar_value(best_));
    dict.add("num_bad_epochs", detail::scalar_value(bad_epochs_));
    dict.add("cooldown_counter", detail::scalar_value(cooldown_));
    return dict;
}

FATHOM_INLINE void ReduceLROnPlateau::load_state_dict(const StateDict& dict, Where site) {
    double best = 0;
    std::int64_t bad = 0, cooldown = 0;
    if (dict.size() != 3)
        fail("load_state_dict", site, {"the state of a ReduceLROnPlateau is 3 numbers, got ", dict.size(), " entries"});
    detail::read_scalar(dict.find("best"), "best", best, site);
    detail::read_scalar(dict.find("num_bad_epochs"), "num_bad_epochs", bad, site);
    detail::read_scalar(dict.find("cooldown_counter"), "cooldown_counter", cooldown, site);
    best_ = best, bad_epochs_ = bad, cooldown_ = cooldown;
}

}  // namespace fathom::inline v0::optim
