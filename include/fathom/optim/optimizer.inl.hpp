// Definitions of optimizer.hpp.
#include <algorithm>
#include <set>

#include "fathom/backend/cpu/optimize.hpp"
#include "fathom/core/float_bits.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0::optim {

FATHOM_INLINE Optimizer::Optimizer(UpdateRule kind, const std::vector<Group>& groups, const ParamGroup& defaults,
                                   Where site)
    : kind_(kind) {
    std::size_t count = 0;
    std::set<const void*> seen;
    for (const Group& given : groups) {
        ParamGroup& group = groups_.emplace_back(defaults);
        group.params = given.params;
        group.lr = group.initial_lr = given.lr.value_or(defaults.lr);
        group.momentum = given.momentum.value_or(defaults.momentum);
        group.betas = given.betas.value_or(defaults.betas);
        group.eps = given.eps.value_or(defaults.eps);
        group.weight_decay = given.weight_decay.value_or(defaults.weight_decay);
        group.nesterov = given.nesterov.value_or(defaults.nesterov);
        check_group(group, groups_.size() - 1, site);
        for (const AnyTensor& p : group.params) {
            if (!p.defined() || (p.dtype() != DType::float32 && p.dtype() != DType::float64))
                fail(name(), site,
                     {"parameter ", count, " is ", p.defined() ? name_of(p.dtype()) : "undefined",
                      ", expected float or double"});
            for (int d = 0; d < p.rank(); ++d)
                if (p.strides()[d] == 0 && p.shape()[d] > 1)
                    fail(name(), site,
                         {"parameter ", count, " (shape ", p.shape(),
                          ") is expanded: several elements share memory; clone() it first"});
            const autograd::Node* node = autograd::node_of(p);
            if (node && node->sequence != 0)
                fail(name(), site,
                     {"parameter ", count, " (shape ", p.shape(), ") is the result of ", node->name,
                      ", expected a leaf"});
            if (!seen.insert(&p.impl()).second)
                fail(name(), site, {"parameter ", count, " (shape ", p.shape(), ") is given twice"});
            autograd::list(autograd::node_of(p));
            ++count;
        }
    }
    if (count == 0) fail(name(), site, {"no parameters"});
    state_.resize(count);
}

FATHOM_INLINE const char* Optimizer::name() const {
    return kind_ == UpdateRule::sgd ? "SGD" : kind_ == UpdateRule::adam ? "Adam" : "AdamW";
}

FATHOM_INLINE const char* Optimizer::buffer_name(int i) const {
    if (kind_ == UpdateRule::sgd) return i == 0 ? "momentum_buffer" : nullptr;
    return i == 0 ? "exp_avg" : "exp_avg_sq";
}

FATHOM_INLINE void Optimizer::check_group(const ParamGroup& g, std::size_t index, Where site) const {
    const auto require = [&](bool ok, const char* what, double value) {
        if (!ok || is_nan(value)) fail(name(), site, {"group ", index, ": ", what, ", got ", value});
    };
    require(g.lr >= 0, "lr must be at least 0", g.lr);
    require(g.weight_decay >= 0, "weight_decay must be at least 0", g.weight_decay);
    require(g.momentum >= 0, "momentum must be at least 0", g.momentum);
    require(!g.nesterov || g.momentum > 0, "nesterov needs a momentum above 0", g.momentum);
    require(g.betas.first >= 0 && g.betas.first < 1, "the first beta must be in [0, 1)", g.betas.first);
    require(g.betas.second >= 0 && g.betas.second < 1, "the second beta must be in [0, 1)", g.betas.second);
    require(g.eps >= 0, "eps must be at least 0", g.eps);
}

FATHOM_INLINE AnyTensor Optimizer::new_buffer(const AnyTensor& p, Where site) const {
    return detail::new_tensor(p.shape(), detail::strides_in_order_of(p.shape(), p.shape(), p.strides()), p.dtype(),
                              p.device(), name(), site);
}

FATHOM_INLINE void Optimizer::zero_grad() {
    for (const ParamGroup& group : groups_)
        for (const AnyTensor& p : group.params) autograd::zero_grad(p);
}

FATHOM_INLINE void Optimizer::prepare_buffers(const ParamGroup& group, const AnyTensor& p, State& s, Where site) const {
    const autograd::Node& leaf = *autograd::node_of(p);
    for (int i = 0; i < 2; ++i) {
        AnyTensor& buffer = i == 0 ? s.first : s.second;
        if (!buffer_name(i) || (kind_ == UpdateRule::sgd && group.momentum == 0)) continue;
        if (!buffer.defined()) {
            buffer = new_buffer(p, site);
            autograd::engine::fill(buffer, 0, leaf);
        } else if (buffer.device() != p.device()) {  // the module has moved
            buffer = detail::to_device(buffer, p.device(), leaf.ops->copy, site);
        }
    }
}

FATHOM_INLINE void Optimizer::run(const ParamGroup& group, const AnyTensor& like,
                                  const std::vector<abi::OptimizeTensor>& list, std::int64_t step, Where site) const {
    const abi::OptimizeArgs args{.rule = kind_,
                                 .tensors = list.data(),
                                 .count = static_cast<std::int64_t>(list.size()),
                                 .lr = {group.lr, nullptr},
                                 .step = {static_cast<double>(step), nullptr},
                                 .weight_decay = group.weight_decay,
                                 .momentum = group.momentum,
                                 .beta1 = group.betas.first,
                                 .beta2 = group.betas.second,
                                 .eps = group.eps,
                                 .nesterov = group.nesterov};
    with_floating(like.dtype(), [&]<class T>(Type<T>) {
        detail::run(like, name(), site, operation::optimize, &cpu::optimize<T>, args);
    });
}

FATHOM_INLINE void Optimizer::step(Where site) {
    if (const auto forgotten = std::exchange(autograd::forgotten_parameter(), {}); forgotten.leaf)
        fail(name(), site,
             {"a parameter of shape ", forgotten.shape, ", made at ", to_string(forgotten.site),
              ", got a gradient and would not be trained: no visit() lists it and no optimizer has it"});
    State* state = state_.data();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        const ParamGroup& group = groups_[g];
        check_group(group, g, site);
        // Neighbours that have made equally many steps go together.
        std::vector<abi::OptimizeTensor> list;
        AnyTensor last;
        std::int64_t steps = 0;
        const auto flush = [&] {
            if (!list.empty()) run(group, last, list, steps + 1, site);
            list.clear();
        };
        for (const AnyTensor& p : group.params) {
            State& s = *state++;
            const AnyTensor gradient = autograd::accumulated_grad(p);
            if (!gradient.defined()) continue;
            if (last.defined() && (s.steps != steps || p.dtype() != last.dtype() || p.device() != last.device()))
                flush();
            prepare_buffers(group, p, s, site);
            p.impl().storage->bump_version();
            list.push_back({detail::array_of(p), detail::array_of(gradient), detail::array_of(s.first),
                            detail::array_of(s.second)});
            last = p, steps = s.steps++;
        }
        flush();
    }
}

FATHOM_INLINE std::vector<std::pair<const char*, double*>> Optimizer::settings(ParamGroup& group) const {
    if (kind_ == UpdateRule::sgd)
        return {{"lr", &group.lr},
                {"initial_lr", &group.initial_lr},
                {"momentum", &group.momentum},
                {"weight_decay", &group.weight_decay}};
    return {{"lr", &group.lr},
            {"initial_lr", &group.initial_lr},
            {"beta1", &group.betas.first},
            {"beta2", &group.betas.second},
            {"eps", &group.eps},
            {"weight_decay", &group.weight_decay}};
}

// "state.3." and "param_groups.0."
FATHOM_INLINE std::string entry_prefix(const char* kind, std::size_t index) { return join({kind, ".", index, "."}); }

FATHOM_INLINE StateDict Optimizer::state_dict(Where site) const {
    StateDict dict;
    for (std::size_t i = 0; i < state_.size(); ++i) {
        const State& s = state_[i];
        if (s.steps == 0) continue;
        const std::string prefix = entry_prefix("state", i);
        dict.add(prefix + "step", detail::scalar_value(s.steps));
        if (s.first.defined()) dict.add(prefix + buffer_name(0), detail::host_copy(s.first, name(), site));
        if (s.second.defined()) dict.add(prefix + buffer_name(1), detail::host_copy(s.second, name(), site));
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        ParamGroup group = groups_[g];
        const std::string prefix = entry_prefix("param_groups", g);
        dict.add(prefix + "params", detail::scalar_value(static_cast<std::int64_t>(group.params.size())));
        for (const auto& [setting, value] : settings(group)) dict.add(prefix + setting, detail::scalar_value(*value));
        if (kind_ == UpdateRule::sgd) dict.add(prefix + "nesterov", detail::scalar_value(std::int64_t{group.nesterov}));
    }
    return dict;
}

FATHOM_INLINE void Optimizer::load_state_dict(const StateDict& dict, Where site) {
    constexpr const char* operation = "load_state_dict";
    std::vector<ParamGroup> groups = groups_;
    std::vector<State> state(state_.size());
    std::size_t index = 0;
    const detail::SortedNames names(dict);
    std::vector<std::string> used;
    const auto find = [&](std::string name) { return names.find(used.emplace_back(std::move(name))); };
    const auto read = [&](std::string name, auto& value) {
        const AnyTensor* found = find(std::move(name));
        detail::read_scalar(found, used.back(), value, site);
    };
    for (std::size_t g = 0; g < groups.size(); ++g) {
        ParamGroup& group = groups[g];
        const std::string prefix = entry_prefix("param_groups", g);
        std::int64_t count = 0, nesterov = 0;
        read(prefix + "params", count);
        if (count != static_cast<std::int64_t>(group.params.size()))
            fail(operation, site, {prefix, "params: expected ", group.params.size(), " parameters, got ", count});
        for (const auto& [setting, value] : settings(group)) read(prefix + setting, *value);
        if (kind_ == UpdateRule::sgd) read(prefix + "nesterov", nesterov);
        group.nesterov = nesterov != 0;
        check_group(group, g, site);
        for (const AnyTensor& p : group.params) {
            const std::string of_parameter = entry_prefix("state", index);
            State& s = state[index++];
            if (!names.find(of_parameter + "step")) continue;
            read(of_parameter + "step", s.steps);
            if (s.steps < 1) fail(operation, site, {of_parameter, "step: expected at least 1, got ", s.steps});
            for (int i = 0; i < 2 && buffer_name(i); ++i) {
                const std::string entry = of_parameter + buffer_name(i);
                const AnyTensor* values = find(entry);
                if (!values && kind_ == UpdateRule::sgd) continue;  // no momentum so far
                if (!values) fail(operation, site, {"the state lacks ", entry});
                if (values->dtype() != p.dtype() || !(values->shape() == p.shape()))
                    fail(operation, site,
                         {entry, ": expected ", p.dtype(), " ", p.shape(), ", got ", values->dtype(), " ",
                          values->shape()});
                AnyTensor& buffer = i == 0 ? s.first : s.second;
                buffer = new_buffer(p, site);
                detail::load_values(buffer, *values, operation, site);
            }
        }
    }
    std::vector<std::string> unknown;
    std::sort(used.begin(), used.end());
    for (const StateDict::Entry& entry : dict)
        if (!std::binary_search(used.begin(), used.end(), entry.first)) unknown.push_back(entry.first);
    if (!unknown.empty())
        fail(operation, site, {"the state of this ", name(), " has no ", detail::list_names(unknown)});
    groups_ = std::move(groups);
    state_ = std::move(state);
}

}  // namespace fathom::inline v0::optim
