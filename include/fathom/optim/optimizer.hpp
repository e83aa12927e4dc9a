// Optimizer: what SGD, Adam, AdamW, RMSprop and Adagrad have in common: parameter groups, one fused update per
// parameter, a state that resumes bit for bit. Next: sgd.hpp, adam.hpp, clip.hpp, schedule.hpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fathom/autograd/backward.hpp"
#include "fathom/backend/cpu/optimize.hpp"
#include "fathom/core/list.hpp"
#include "fathom/core/pointer_set.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/state_dict.hpp"

namespace fathom::inline v0::optim {

struct Betas {
    double first = 0.9, second = 0.999;
};

// Parameters with settings of their own; what is not given comes from the optimizer's options.
// SGD sgd({{.params = body.parameters()}, {.params = head.parameters(), .lr = 0.1}}, {.lr = 0.01});
struct Group {
    std::vector<AnyTensor> params = {};
    std::optional<double> lr = {}, momentum = {};
    std::optional<Betas> betas = {};
    std::optional<double> eps = {}, weight_decay = {};
    std::optional<bool> nesterov = {};
    std::optional<double> dampening = {}, alpha = {}, lr_decay = {}, initial_accumulator_value = {};
    std::optional<bool> amsgrad = {}, centered = {}, maximize = {};
};

// A group as it is used; change lr and the rest between steps as you like. What a kind of optimizer has no use for is
// 0.
struct ParamGroup {
    std::vector<AnyTensor> params = {};
    double lr = 0, momentum = 0;
    Betas betas = {};
    double eps = 0, weight_decay = 0;
    bool nesterov = false;
    double dampening = 0, alpha = 0, lr_decay = 0, initial_accumulator_value = 0;
    bool amsgrad = false, centered = false, maximize = false;
    double initial_lr = 0;  // what schedules multiply
};

inline constexpr int max_state_buffers = 3;

// What tells one kind of optimizer from another. The CPU's kernels are chosen where an optimizer is made, by
// constructors that are templates, so that a program compiles no others.
struct OptimizerKind {
    UpdateRule rule;
    const char* name;
    // The names of what a parameter's state holds, in the order of abi::OptimizeTensor; null where there is no more.
    const char* buffers[max_state_buffers];
    detail::CpuKernel<abi::OptimizeArgs> float32, float64;
};
template <UpdateRule rule>
constexpr OptimizerKind optimizer_kind(const char* name, const char* first, const char* second = nullptr,
                                       const char* third = nullptr) {
    return {rule, name, {first, second, third}, &cpu::optimize<float, rule>, &cpu::optimize<double, rule>};
}

class Optimizer {
public:
    Optimizer(Optimizer&&) noexcept = default;
    Optimizer& operator=(Optimizer&&) & noexcept = default;
    ~Optimizer() = default;

    // Templates: a span checks its iterators at length, which programs that never call them are spared.
    template <class G = ParamGroup>
    std::span<G> groups() {
        return {groups_.begin(), groups_.end()};
    }
    template <class G = const ParamGroup>
    std::span<G> groups() const {
        return {groups_.begin(), groups_.end()};
    }

    // Forgets the gradients of all parameters.
    void zero_grad();
    // Updates every parameter that has a gradient; the others stay as they are, their count of steps too.
    void step(Where site = Where::here());

    // Settings ("param_groups.0.lr") and, per parameter that was updated, count of steps and moments
    // ("state.3.exp_avg"): copies, under PyTorch's names. Loading it into an optimizer over the same parameters
    // continues bit for bit. Settings that came later than the others (dampening, maximize, amsgrad, ...) are left out
    // where they are 0, and are 0 where they lack.
    StateDict state_dict(Where site = Where::here()) const;
    // Throws, and changes nothing, unless the state is one of this kind of optimizer over parameters of these shapes.
    void load_state_dict(const StateDict& dict, Where site = Where::here());

protected:
    Optimizer(const OptimizerKind& kind, ParamGroup group, Where site);
    // defaults: what the groups leave out.
    Optimizer(const OptimizerKind& kind, const std::vector<Group>& groups, const ParamGroup& defaults, Where site);

private:
    friend class Schedule;
    friend class ReduceLROnPlateau;
    struct State {
        std::int64_t steps = 0;
        AnyTensor buffers[max_state_buffers];  // undefined before the first step and where the group needs none
    };
    // A group's setting under its name in the state dict; a flag has no value.
    struct Setting {
        const char* name;
        double* value;
        bool* flag;
        bool later;  // absent from states where it is 0
    };

    const char* name() const { return kind_.name; }
    // Checks a group and its parameters, none of which may be in `seen`, and takes it.
    void add(ParamGroup& group, detail::PointerSet& seen, Where site);
    bool needs_buffer(const ParamGroup& group, int i) const;
    // The buffers of a parameter's state, made or moved to its device. Says whether SGD's was made.
    bool prepare_buffers(const ParamGroup& group, const AnyTensor& p, State& s, Where site) const;
    // Step number `step` of a list of parameters of one dtype and device, those of `like`. fresh: their momentum
    // begins.
    void run(const ParamGroup& group, const AnyTensor& like, const detail::List<abi::OptimizeTensor>& list,
             std::int64_t step, bool fresh, Where site) const;

    AnyTensor new_buffer(const AnyTensor& p, Where site) const;
    // The settings of a group that this kind uses.
    detail::List<Setting> settings(ParamGroup& group) const;
    void check_group(const ParamGroup& group, std::size_t index, Where site) const;

    OptimizerKind kind_;
    detail::List<ParamGroup> groups_;
    detail::List<State> state_;  // one per parameter, in the order of the groups
};

}  // namespace fathom::inline v0::optim

#ifndef FATHOM_COMPILED
#include "fathom/optim/optimizer.inl.hpp"
#endif
