// Optimizer: what SGD, Adam and AdamW have in common: parameter groups, one fused update per parameter, a state that
// resumes bit for bit. Next: sgd.hpp, adam.hpp, clip.hpp, schedule.hpp.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fathom/autograd/backward.hpp"
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
};

// A group as it is used; change lr and the rest between steps as you like.
struct ParamGroup {
    std::vector<AnyTensor> params = {};
    double lr = 0, momentum = 0;
    Betas betas = {};
    double eps = 0, weight_decay = 0;
    bool nesterov = false;
    double initial_lr = 0;  // what schedules multiply
};

class Optimizer {
public:
    Optimizer(Optimizer&&) noexcept = default;
    Optimizer& operator=(Optimizer&&) & noexcept = default;
    ~Optimizer() = default;

    std::vector<ParamGroup>& groups() { return groups_; }
    const std::vector<ParamGroup>& groups() const { return groups_; }

    // Forgets the gradients of all parameters.
    void zero_grad();
    // Updates every parameter that has a gradient; the others stay as they are, their count of steps too.
    void step(Where site = Where::here());

    // Settings ("param_groups.0.lr") and, per parameter that was updated, count of steps and moments
    // ("state.3.exp_avg"): copies, under PyTorch's names. Loading it into an optimizer over the same parameters
    // continues bit for bit.
    StateDict state_dict(Where site = Where::here()) const;
    // Throws, and changes nothing, unless the state is one of this kind of optimizer over parameters of these shapes.
    void load_state_dict(const StateDict& dict, Where site = Where::here());

protected:
    Optimizer(UpdateRule kind, const std::vector<Group>& groups, const ParamGroup& defaults, Where site);

private:
    struct State;
    // The buffers of a parameter's state, made or moved to its device.
    void prepare_buffers(const ParamGroup& group, const AnyTensor& p, State& s, Where site) const;
    // Step number `step` of a list of parameters of one dtype and device, those of `like`.
    void run(const ParamGroup& group, const AnyTensor& like, const std::vector<abi::OptimizeTensor>& list,
             std::int64_t step, Where site) const;

    struct State {
        std::int64_t steps = 0;
        AnyTensor first, second;  // momentum buffer, or first and second moments; undefined before the first step
    };

    const char* name() const;
    // The names of State::first and second; null where the kind has none.
    const char* buffer_name(int i) const;
    AnyTensor new_buffer(const AnyTensor& p, Where site) const;
    // The numbers of a group that this kind uses, with their names.
    std::vector<std::pair<const char*, double*>> settings(ParamGroup& group) const;
    void check_group(const ParamGroup& group, std::size_t index, Where site) const;

    UpdateRule kind_;
    std::vector<ParamGroup> groups_;
    std::vector<State> state_;  // one per parameter, in the order of the groups
};

}  // namespace fathom::inline v0::optim

#ifndef FATHOM_COMPILED
#include "fathom/optim/optimizer.inl.hpp"
#endif
