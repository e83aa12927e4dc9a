// Definitions of schedule.hpp.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0::optim {

FATHOM_INLINE double step_factor(std::int64_t step, std::int64_t step_size, double gamma) {
    return std::pow(gamma, static_cast<double>(step / step_size));
}

FATHOM_INLINE double exponential_factor(std::int64_t step, double gamma) {
    return std::pow(gamma, static_cast<double>(step));
}

// How many milestones are at or before a step.
FATHOM_INLINE std::size_t passed(const std::vector<std::int64_t>& milestones, std::int64_t step) {
    return detail::first_not(milestones.size(), [&](std::size_t i) { return milestones[i] <= step; });
}

FATHOM_INLINE void check_milestones(const std::vector<std::int64_t>& milestones, const char* name, Where site) {
    for (std::size_t i = 1; i < milestones.size(); ++i)
        if (milestones[i] < milestones[i - 1]) fail(name, site, {"the milestones must ascend"});
}

FATHOM_INLINE double multi_step_factor(std::int64_t step, const std::vector<std::int64_t>& milestones, double gamma) {
    return std::pow(gamma, static_cast<double>(passed(milestones, step)));
}

FATHOM_INLINE double linear_factor(std::int64_t step, const LinearOptions& options) {
    const double done = static_cast<double>(std::min(step, options.total_iters));
    return options.start_factor +
           (options.end_factor - options.start_factor) * done / static_cast<double>(options.total_iters);
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

// From `from` at 0 to `to` at 1.
FATHOM_INLINE double half_cosine(double from, double to, double progress) {
    return to + (from - to) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

FATHOM_INLINE double cosine_factor(std::int64_t step, const CosineOptions& options) {
    if (step >= options.max_steps) return options.lowest;
    return half_cosine(1, options.lowest, static_cast<double>(step) / static_cast<double>(options.max_steps));
}

FATHOM_INLINE double one_cycle_factor(std::int64_t step, const OneCycleOptions& options) {
    const double first = 1 / options.div_factor, lowest = first / options.final_div_factor;
    // Both phases end on a step that still counts as theirs, as in PyTorch: hence the - 1. Steps are compared with the
    // rounded product: a compiler that contracts may subtract the 1 before rounding.
    const double at = static_cast<double>(step), end = static_cast<double>(options.total_steps - 1),
                 rising = options.pct_start * static_cast<double>(options.total_steps), top = rising - 1;
    if (at + 1 < rising) return half_cosine(first, 1, at / top);
    if (at < end) return half_cosine(1, lowest, (at - top) / (end - top));
    return at + 1 == rising ? 1 : lowest;
}

FATHOM_INLINE void Schedule::set_steps(std::int64_t steps) {
    steps_ = steps;
    const double f = factor(steps);
    if (!(f >= 0)) fail("schedule", {}, {"a factor of ", f, " at step ", steps, ", expected at least 0"});
    for (ParamGroup& group : optimizer_->groups_) group.lr = rate(group.initial_lr, steps);
}

FATHOM_INLINE StateDict Schedule::state_dict() const {
    StateDict dict;
    dict.add("steps", detail::scalar_value(steps_));
    return dict;
}

FATHOM_INLINE void Schedule::load_state_dict(const StateDict& dict, Where site) {
    std::int64_t steps = 0;
    if (dict.size() != 1)
        fail("load_state_dict", site, {"a schedule's state is one number, 'steps', got ", dict.size(), " entries"});
    detail::read_scalar(dict.find("steps"), "steps", steps, site);
    set_steps(steps);
}

FATHOM_INLINE StepLR::StepLR(Optimizer& optimizer, std::int64_t step_size, double gamma, Where site)
    : Schedule(optimizer), step_size_(step_size), gamma_(gamma) {
    if (step_size < 1) fail("StepLR", site, {"step_size must be at least 1, got ", step_size});
    if (!(gamma >= 0)) fail("StepLR", site, {"gamma must be at least 0, got ", gamma});
    set_steps(0);
}

FATHOM_INLINE MultiStepLR::MultiStepLR(Optimizer& optimizer, std::vector<std::int64_t> milestones, double gamma,
                                       Where site)
    : Schedule(optimizer), milestones_(std::move(milestones)), gamma_(gamma) {
    check_milestones(milestones_, "MultiStepLR", site);
    if (!(gamma >= 0)) fail("MultiStepLR", site, {"gamma must be at least 0, got ", gamma});
    set_steps(0);
}

FATHOM_INLINE LinearLR::LinearLR(Optimizer& optimizer, const LinearOptions& options, Where site)
    : Schedule(optimizer), options_(options) {
    if (options.total_iters < 1) fail("LinearLR", site, {"total_iters must be at least 1, got ", options.total_iters});
    if (!(options.start_factor >= 0 && options.end_factor >= 0))
        fail("LinearLR", site,
             {"start_factor ", options.start_factor, " and end_factor ", options.end_factor,
              ", expected numbers of at least 0"});
    set_steps(0);
}

FATHOM_INLINE CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, std::int64_t T_max, double eta_min, Where site)
    : Schedule(optimizer), t_max_(T_max), eta_min_(eta_min) {
    if (T_max < 1) fail("CosineAnnealingLR", site, {"T_max must be at least 1, got ", T_max});
    if (!(eta_min >= 0)) fail("CosineAnnealingLR", site, {"eta_min must be at least 0, got ", eta_min});
    set_steps(0);
}

FATHOM_INLINE_MEMBER double CosineAnnealingLR::factor(std::int64_t step) const {
    return half_cosine(1, 0, static_cast<double>(step) / static_cast<double>(t_max_));
}

FATHOM_INLINE SequentialLR::SequentialLR(Optimizer& optimizer, std::vector<const Schedule*> schedules,
                                         std::vector<std::int64_t> milestones, Where site)
    : Schedule(optimizer), schedules_(std::move(schedules)), milestones_(std::move(milestones)) {
    if (schedules_.empty() || milestones_.size() + 1 != schedules_.size())
        fail("SequentialLR", site,
             {schedules_.size(), " schedules and ", milestones_.size(),
              " milestones, expected one milestone between every two"});
    check_milestones(milestones_, "SequentialLR", site);
    set_steps(0);
}

// Which of the schedules has a step, and where that one begins.
FATHOM_INLINE std::pair<std::size_t, std::int64_t> schedule_at(const std::vector<std::int64_t>& milestones,
                                                               std::int64_t step) {
    const std::size_t which = passed(milestones, step);
    return {which, which == 0 ? 0 : milestones[which - 1]};
}

FATHOM_INLINE_MEMBER double SequentialLR::factor(std::int64_t step) const {
    const auto [which, begin] = schedule_at(milestones_, step);
    return schedules_[which]->factor(step - begin);
}

FATHOM_INLINE_MEMBER double SequentialLR::rate(double initial_lr, std::int64_t step) const {
    const auto [which, begin] = schedule_at(milestones_, step);
    return schedules_[which]->rate(initial_lr, step - begin);
}

FATHOM_INLINE ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma, Where site)
    : Schedule(optimizer), gamma_(gamma) {
    if (!(gamma >= 0)) fail("ExponentialLR", site, {"gamma must be at least 0, got ", gamma});
    set_steps(0);
}

FATHOM_INLINE WarmupPolyLR::WarmupPolyLR(Optimizer& optimizer, const WarmupPolyOptions& options)
    : Schedule(optimizer), options_(options) {
    set_steps(0);
}

FATHOM_INLINE CosineLR::CosineLR(Optimizer& optimizer, const CosineOptions& options, Where site)
    : Schedule(optimizer), options_(options) {
    if (options.max_steps < 1) fail("CosineLR", site, {"max_steps must be at least 1, got ", options.max_steps});
    set_steps(0);
}

FATHOM_INLINE OneCycleLR::OneCycleLR(Optimizer& optimizer, const OneCycleOptions& options, Where site)
    : Schedule(optimizer), options_(options) {
    if (options.total_steps < 1)
        fail("OneCycleLR", site, {"total_steps must be at least 1, got ", options.total_steps});
    if (!(options.pct_start >= 0 && options.pct_start <= 1))
        fail("OneCycleLR", site, {"pct_start ", options.pct_start, " is outside [0, 1]"});
    if (!(options.div_factor > 0 && options.final_div_factor > 0))
        fail("OneCycleLR", site,
             {"div_factor ", options.div_factor, " and final_div_factor ", options.final_div_factor,
              ", expected positive numbers"});
    set_steps(0);
}

}  // namespace fathom::inline v0::optim
