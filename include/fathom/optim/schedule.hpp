// Learning-rate schedules: pure functions of the step, and objects that apply one to every group of an optimizer. Next:
// plateau.hpp (rates that follow a measure).
#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

// Factors on the initial rate at step 0, 1, ...
double step_factor(std::int64_t step, std::int64_t step_size, double gamma);  // gamma^floor(step / step_size)
double exponential_factor(std::int64_t step, double gamma);                   // gamma^step
// gamma to the power of how many milestones, which ascend, are not beyond the step.
double multi_step_factor(std::int64_t step, const std::vector<std::int64_t>& milestones, double gamma);

struct WarmupPolyOptions {
    std::int64_t warmup_steps = 1000;
    double warmup_start = 1e-3;  // first rate, as a part of the initial one
    std::int64_t max_steps = 80000;
    double power = 0.9;
};
// Rises geometrically from warmup_start to 1 over warmup_steps, then falls as (1 - progress)^power to 0 at max_steps.
double warmup_poly_factor(std::int64_t step, const WarmupPolyOptions& options);

struct LinearOptions {
    double start_factor = 1.0 / 3, end_factor = 1;
    std::int64_t total_iters = 5;
};
// From start_factor to end_factor in equal parts over total_iters steps: PyTorch's LinearLR, the usual warm-up.
double linear_factor(std::int64_t step, const LinearOptions& options);

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

// Sets the rate of every group to rate(initial_lr, steps()): once when made, then in each step(), which comes after the
// optimizer's. Refers to the optimizer, which must outlive it and stay where it is.
class Schedule {
public:
    virtual ~Schedule() = default;
    virtual double factor(std::int64_t step) const = 0;
    virtual double rate(double initial_lr, std::int64_t step) const { return initial_lr * factor(step); }

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

class MultiStepLR : public Schedule {
public:
    MultiStepLR(Optimizer& optimizer, std::vector<std::int64_t> milestones, double gamma = 0.1,
                Where site = Where::here());
    double factor(std::int64_t step) const override { return multi_step_factor(step, milestones_, gamma_); }

private:
    std::vector<std::int64_t> milestones_;
    double gamma_;
};

class LinearLR : public Schedule {
public:
    explicit LinearLR(Optimizer& optimizer, const LinearOptions& options = {}, Where site = Where::here());
    double factor(std::int64_t step) const override { return linear_factor(step, options_); }

private:
    LinearOptions options_;
};

// f(step) is the factor: LambdaLR schedule(adam, [](std::int64_t step) { return 1 / (1 + 0.1 * double(step)); });
template <class F>
requires std::is_invocable_r_v<double, const F&, std::int64_t>
class LambdaLR : public Schedule {
public:
    LambdaLR(Optimizer& optimizer, F f) : Schedule(optimizer), f_(std::move(f)) { set_steps(0); }
    double factor(std::int64_t step) const override { return f_(step); }

private:
    F f_;
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

// Falls from the optimizer's rate to eta_min along half a cosine over T_max steps, and rises again, as PyTorch has it.
class CosineAnnealingLR : public Schedule {
public:
    CosineAnnealingLR(Optimizer& optimizer, std::int64_t T_max, double eta_min = 0, Where site = Where::here());
    FATHOM_INLINE_MEMBER double factor(std::int64_t step) const override;
    double rate(double initial_lr, std::int64_t step) const override {
        return eta_min_ + (initial_lr - eta_min_) * factor(step);
    }

private:
    std::int64_t t_max_;
    double eta_min_;
};

// One schedule after another, each counting from 0: {&warmup, &cosine}, {1000} changes from the first to the second at
// step 1000. They must outlive it, and are not stepped themselves.
class SequentialLR : public Schedule {
public:
    SequentialLR(Optimizer& optimizer, std::vector<const Schedule*> schedules, std::vector<std::int64_t> milestones,
                 Where site = Where::here());
    FATHOM_INLINE_MEMBER double factor(std::int64_t step) const override;
    FATHOM_INLINE_MEMBER double rate(double initial_lr, std::int64_t step) const override;

private:
    std::vector<const Schedule*> schedules_;
    std::vector<std::int64_t> milestones_;
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
