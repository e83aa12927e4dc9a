// Learning-rate schedules: pure functions of the step, and objects that apply one to every group of an optimizer.
#pragma once

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

// Factors on the initial rate at step 0, 1, ...
double step_factor(std::int64_t step, std::int64_t step_size, double gamma);  // gamma^floor(step / step_size)
double exponential_factor(std::int64_t step, double gamma);                   // gamma^step

struct WarmupPolyOptions {
    std::int64_t warmup_steps = 1000;
    double warmup_start = 1e-3;  // first rate, as a part of the initial one
    std::int64_t max_steps = 80000;
    double power = 0.9;
};
// Rises geometrically from warmup_start to 1 over warmup_steps, then falls as (1 - progress)^power to 0 at max_steps.
double warmup_poly_factor(std::int64_t step, const WarmupPolyOptions& options);

struct CosineOptions {
    std::int64_t max_steps = 80000;
    double lowest = 0;  // last rate, as a part of the initial one
};
// Falls from 1 to `lowest` at max_steps along half a cosine, and stays there: PyTorch's CosineAnnealingLR up to
// max_steps, where that rises again.
double cosine_factor(std::int64_t step, const CosineOptions& options);

struct OneCycleOptions {
    std::int64_t total_steps = 80000;
    double pct_start = 0.3;         // part of the steps in which the rate rises
    double div_factor = 25;         // highest rate / first rate
    double final_div_factor = 1e4;  // first rate / last rate
};
// Rises from 1 / div_factor to 1, then falls to 1 / (div_factor * final_div_factor) at step total_steps - 1, each along
// half a cosine, and stays there (Smith and Topin, "Super-convergence", 2018). PyTorch's OneCycleLR with max_lr the
// initial rate, without its cycling of the momentum.
double one_cycle_factor(std::int64_t step, const OneCycleOptions& options);

// Sets the rate of every group to initial_lr * factor(steps()): once when made, then in each step(), which comes after
// the optimizer's. Refers to the optimizer, which must outlive it and stay where it is.
class Schedule {
public:
    virtual ~Schedule() = default;
    virtual double factor(std::int64_t step) const = 0;

    void step() { set_steps(steps_ + 1); }
    std::int64_t steps() const { return steps_; }
    // Goes to any step: the rate depends on nothing else.
    void set_steps(std::int64_t steps);

    StateDict state_dict() const;
    void load_state_dict(const StateDict& dict, Where site = Where::here());

protected:
    explicit Schedule(Optimizer& optimizer) : optimizer_(&optimizer) {}
    Schedule(const Schedule&) = default;
    Schedule& operator=(const Schedule&) = default;

private:
    Optimizer* optimizer_;
    std::int64_t steps_ = 0;
};

class StepLR : public Schedule {
public:
    StepLR(Optimizer& optimizer, std::int64_t step_size, double gamma = 0.1, Where site = Where::here());
    double factor(std::int64_t step) const override { return step_factor(step, step_size_, gamma_); }

private:
    std::int64_t step_size_;
    double gamma_;
};

class ExponentialLR : public Schedule {
public:
    ExponentialLR(Optimizer& optimizer, double gamma, Where site = Where::here());
    double factor(std::int64_t step) const override { return exponential_factor(step, gamma_); }

private:
    double gamma_;
};

class WarmupPolyLR : public Schedule {
public:
    explicit WarmupPolyLR(Optimizer& optimizer, const WarmupPolyOptions& options = {});
    double factor(std::int64_t step) const override { return warmup_poly_factor(step, options_); }

private:
    WarmupPolyOptions options_;
};

class CosineLR : public Schedule {
public:
    explicit CosineLR(Optimizer& optimizer, const CosineOptions& options = {}, Where site = Where::here());
    double factor(std::int64_t step) const override { return cosine_factor(step, options_); }

private:
    CosineOptions options_;
};

// The optimizer's rate is the highest.
class OneCycleLR : public Schedule {
public:
    explicit OneCycleLR(Optimizer& optimizer, const OneCycleOptions& options = {}, Where site = Where::here());
    double factor(std::int64_t step) const override { return one_cycle_factor(step, options_); }

private:
    OneCycleOptions options_;
};

}  // namespace fathom::inline v0::optim

#ifndef FATHOM_COMPILED
#include "fathom/optim/schedule.inl.hpp"
#endif
