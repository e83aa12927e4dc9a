// Definitions of schedule.hpp.
#include <cmath>

#include "fathom/nn/values.hpp"

namespace fathom::inline v0::optim {

FATHOM_INLINE double step_factor(std::int64_t step, std::int64_t step_size, double gamma) {
    return std::pow(gamma, static_cast<double>(step / step_size));
}

FATHOM_INLINE double exponential_factor(std::int64_t step, double gamma) {
    return std::pow(gamma, static_cast<double>(step));
}

FATHOM_INLINE double warmup_poly_factor(std::int64_t step, const WarmupPolyOptions& options) {
    if (step < options.warmup_steps)
        return std::pow(options.warmup_start,
                        1 - static_cast<double>(step) / static_cast<double>(options.warmup_steps));
    if (step >= options.max_steps) return 0;
    const auto done = static_cast<double>(step - options.warmup_steps),
               all = static_cast<double>(options.max_steps - options.warmup_steps);
    return std::pow(1 - done / all, options.power);
}

FATHOM_INLINE void Schedule::set_steps(std::int64_t steps) {
    steps_ = steps;
    const double f = factor(steps);
    for (ParamGroup& group : optimizer_->groups()) group.lr = group.initial_lr * f;
}

FATHOM_INLINE StateDict Schedule::state_dict() const {
    StateDict dict;
    dict.add("steps", detail::scalar_value(steps_));
    return dict;
}

FATHOM_INLINE void Schedule::load_state_dict(const StateDict& dict, Where where) {
    std::int64_t steps = 0;
    if (dict.size() != 1)
        fail("load_state_dict", where, {"a schedule's state is one number, 'steps', got ", dict.size(), " entries"});
    detail::read_scalar(dict, "steps", steps, where);
    set_steps(steps);
}

FATHOM_INLINE StepLR::StepLR(Optimizer& optimizer, std::int64_t step_size, double gamma, Where where)
    : Schedule(optimizer), step_size_(step_size), gamma_(gamma) {
    if (step_size < 1) fail("StepLR", where, {"step_size must be at least 1, got ", step_size});
    set_steps(0);
}

FATHOM_INLINE ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma) : Schedule(optimizer), gamma_(gamma) {
    set_steps(0);
}

FATHOM_INLINE WarmupPolyLR::WarmupPolyLR(Optimizer& optimizer, const WarmupPolyOptions& options)
    : Schedule(optimizer), options_(options) {
    set_steps(0);
}

}  // namespace fathom::inline v0::optim
