// Definitions of optimizer.hpp.
#include "fathom/core/float_bits.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0::optim {

FATHOM_INLINE Optimizer::Optimizer(const OptimizerKind& kind, ParamGroup group, Where site) : kind_(kind) {
    detail::PointerSet seen;
    add(group, seen, site);
    if (state_.empty()) fail(name(), site, {"no parameters"});
}

FATHOM_INLINE Optimizer::Optimizer(const OptimizerKind& kind, const std::vector<Group>& groups,
                                   const ParamGroup& defaults, Where site)
    : kind_(kind) {
    detail::PointerSet seen;
    const auto set = [](auto& setting, const auto& given) {
        if (given) setting = *given;
    };
    for (const Group& given : groups) {
        ParamGroup group = defaults;
        group.params = given.params;
        set(group.lr, given.lr);
        set(group.momentum, given.momentum);
        set(group.betas, given.betas);
        set(group.eps, given.eps);
        set(group.weight_decay, given.weight_decay);
        set(group.nesterov, given.nesterov);
        set(group.dampening, given.dampening);
        set(group.alpha, given.alpha);
        set(group.lr_decay, given.lr_decay);
        set(group.initial_accumulator_value, given.initial_accumulator_value);
        set(group.amsgrad, given.amsgrad);
        set(group.centered, given.centered);
        set(group.maximize, given.maximize);
        add(group, seen, site);
    }
    if (state_.empty()) fail(name(), site, {"no parameters"});
}

FATHOM_INLINE void Optimizer::add(ParamGroup& group, detail::PointerSet& seen, Where site) {
    group.initial_lr = group.lr;
    check_group(group, groups_.size(), site);
    for (const AnyTensor& p : group.params) {
        const std::size_t number = state_.size();
        if (!p.defined() || (p.dtype() != DType::float32 && p.dtype() != DType::float64))
            fail(name(), site,
                 {"parameter ", number, " is ", p.defined() ? name_of(p.dtype()) : "undefined",
                  ", expected float or double"});
        for (int d = 0; d < p.rank(); ++d)
            if (p.strides()[d] == 0 && p.shape()[d] > 1)
                fail(name(), site,
                     {"parameter ", number, " (shape ", p.shape(),
                      ") is expanded: several elements share memory; clone() it first"});
        const autograd::Node* node = autograd::node_of(p);
        if (node && node->sequence != 0)
            fail(name(), site,
                 {"parameter ", number, " (shape ", p.shape(), ") is the result of ", node->name, ", expected a leaf"});
        if (!seen.insert(&p.impl()))
            fail(name(), site, {"parameter ", number, " (shape ", p.shape(), ") is given twice"});
        autograd::list(autograd::node_of(p));
        state_.push_back({});
    }
    groups_.push_back(std::move(group));
}

FATHOM_INLINE void Optimizer::check_group(const ParamGroup& g, std::size_t index, Where site) const {
    const auto require = [&](bool ok, const char* what, double value) {
        if (!ok || is_nan(value)) fail(name(), site, {"group ", index, ": ", what, ", got ", value});
    };
    require(g.lr >= 0, "lr must be at least 0", g.lr);
    require(g.weight_decay >= 0, "weight_decay must be at least 0", g.weight_decay);
    require(g.momentum >= 0, "momentum must be at least 0", g.momentum);
    require(!g.nesterov || g.momentum > 0, "nesterov needs a momentum above 0", g.momentum);
    require(!g.nesterov || g.dampening == 0, "nesterov needs a dampening of 0", g.dampening);
    require(g.betas.first >= 0 && g.betas.first < 1, "the first beta must be in [0, 1)", g.betas.first);
    require(g.betas.second >= 0 && g.betas.second < 1, "the second beta must be in [0, 1)", g.betas.second);
    require(g.eps >= 0, "eps must be at least 0", g.eps);
    require(is_finite(g.dampening), "dampening must be finite", g.dampening);
    require(g.alpha >= 0, "alpha must be at least 0", g.alpha);
    require(g.lr_decay >= 0, "lr_decay must be at least 0", g.lr_decay);
    require(g.initial_accumulator_value >= 0, "initial_accumulator_value must be at least 0",
            g.initial_accumulator_value);
}

FATHOM_INLINE AnyTensor Optimizer::new_buffer(const AnyTensor& p, Where site) const {
    return detail::new_tensor(p.shape(), detail::strides_in_order_of(p.shape(), p.shape(), p.strides()), p.dtype(),
                              p.device(), name(), site);
}

FATHOM_INLINE void Optimizer::zero_grad() {
    for (const ParamGroup& group : groups_)
        for (const AnyTensor& p : group.params) autograd::zero_grad(p);
}

FATHOM_INLINE bool Optimizer::needs_buffer(const ParamGroup& group, int i) const {
    if (!kind_.buffers[i]) return false;
    switch (kind_.rule) {
        case UpdateRule::sgd:
            return group.momentum != 0;
        case UpdateRule::adam:
        case UpdateRule::adamw:
            return i < 2 || group.amsgrad;
        case UpdateRule::rmsprop:
            return i == 0 || (i == 1 ? group.momentum != 0 : group.centered);
        case UpdateRule::adagrad:
            return true;
    }
    return true;
}

FATHOM_INLINE bool Optimizer::prepare_buffers(const ParamGroup& group, const AnyTensor& p, State& s, Where site) const {
    const autograd::Node& leaf = *autograd::node_of(p);
    bool made = false;
    for (int i = 0; i < max_state_buffers; ++i) {
        AnyTensor& buffer = s.buffers[i];
        if (!needs_buffer(group, i)) continue;
        if (!buffer.defined()) {
            buffer = new_buffer(p, site);
            autograd::engine::fill(buffer, kind_.rule == UpdateRule::adagrad ? group.initial_accumulator_value : 0,
                                   leaf);
            made = true;
        } else if (buffer.device() != p.device()) {  // the module has moved
            buffer = detail::to_device(buffer, p.device(), leaf.ops->copy, site);
        }
    }
    return made && kind_.rule == UpdateRule::sgd;
}

FATHOM_INLINE void Optimizer::run(const ParamGroup& group, const AnyTensor& like,
                                  const detail::List<abi::OptimizeTensor>& list, std::int64_t step, bool fresh,
                                  Where site) const {
    const abi::OptimizeArgs args{
        .rule = kind_.rule,
        .tensors = list.data(),
        .count = static_cast<std::int64_t>(list.size()),
        .lr = {group.lr, nullptr},
        .step = {static_cast<double>(step), nullptr},
        .weight_decay = group.weight_decay,
        .momentum = group.momentum,
        .beta1 = group.betas.first,
        .beta2 = kind_.rule == UpdateRule::rmsprop ? group.alpha : group.betas.second,
        .eps = group.eps,
        .dampening = fresh ? 0 : group.dampening,
        .lr_decay = group.lr_decay,
        .nesterov = group.nesterov,
        .maximize = group.maximize,
    };
    detail::run(like, name(), site, operation::optimize, like.dtype() == DType::float32 ? kind_.float32 : kind_.float64,
                args);
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
        detail::List<abi::OptimizeTensor> list;
        AnyTensor last;
        std::int64_t steps = 0;
        bool fresh = false;
        const auto flush = [&] {
            if (!list.empty()) run(group, last, list, steps + 1, fresh, site);
            list.clear();
        };
        for (const AnyTensor& p : group.params) {
            State& s = *state++;
            const AnyTensor gradient = autograd::accumulated_grad(p);
            if (!gradient.defined()) continue;
            const bool begins = prepare_buffers(group, p, s, site);
            if (last.defined() &&
                (s.steps != steps || begins != fresh || p.dtype() != last.dtype() || p.device() != last.device()))
                flush();
            p.impl().storage->bump_version();
            const auto buffer = [&](int i) {
                return needs_buffer(group, i) ? detail::array_of(s.buffers[i]) : abi::Array{};
            };
            list.push_back({detail::array_of(p), detail::array_of(gradient), buffer(0), buffer(1), buffer(2)});
            last = p, steps = s.steps++, fresh = begins;
        }
        flush();
    }
}

FATHOM_INLINE detail::List<Optimizer::Setting> Optimizer::settings(ParamGroup& group) const {
    detail::List<Setting> all;
    const auto number = [&](const char* name, double& value, bool later = false) {
        all.push_back({name, &value, nullptr, later});
    };
    const auto flag = [&](const char* name, bool& value, bool later) { all.push_back({name, nullptr, &value, later}); };
    number("lr", group.lr), number("initial_lr", group.initial_lr);
    switch (kind_.rule) {
        case UpdateRule::sgd:
            number("momentum", group.momentum), number("weight_decay", group.weight_decay);
            flag("nesterov", group.nesterov, false), number("dampening", group.dampening, true);
            break;
        case UpdateRule::adam:
        case UpdateRule::adamw:
            number("beta1", group.betas.first), number("beta2", group.betas.second), number("eps", group.eps);
            number("weight_decay", group.weight_decay), flag("amsgrad", group.amsgrad, true);
            break;
        case UpdateRule::rmsprop:
            number("alpha", group.alpha), number("eps", group.eps), number("weight_decay", group.weight_decay);
            number("momentum", group.momentum), flag("centered", group.centered, true);
            break;
        case UpdateRule::adagrad:
            number("lr_decay", group.lr_decay), number("weight_decay", group.weight_decay), number("eps", group.eps);
            number("initial_accumulator_value", group.initial_accumulator_value);
            break;
    }
    flag("maximize", group.maximize, true);
    return all;
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
        for (int k = 0; k < max_state_buffers; ++k)
            if (s.buffers[k].defined())
                dict.add(prefix + kind_.buffers[k], detail::host_copy(s.buffers[k], name(), site));
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        ParamGroup group = groups_[g];
        const std::string prefix = entry_prefix("param_groups", g);
        dict.add(prefix + "params", detail::scalar_value(static_cast<std::int64_t>(group.params.size())));
        for (const Setting& setting : settings(group)) {
            if (setting.later && (setting.flag ? !*setting.flag : *setting.value == 0)) continue;
            dict.add(prefix + setting.name, setting.flag ? detail::scalar_value(std::int64_t{*setting.flag})
                                                         : detail::scalar_value(*setting.value));
        }
    }
    return dict;
}

FATHOM_INLINE void Optimizer::load_state_dict(const StateDict& dict, Where site) {
    constexpr const char* operation = "load_state_dict";
    detail::List<ParamGroup> groups;
    for (const ParamGroup& group : groups_) groups.push_back(group);
    detail::List<State> state;
    state.resize(state_.size());
    std::size_t index = 0;
    const detail::SortedNames names(dict);
    StateDict used;  // names alone
    const auto find = [&](const std::string& name) {
        used.add(name, {});
        return names.find(name);
    };
    const auto read = [&](const std::string& name, auto& value) { detail::read_scalar(find(name), name, value, site); };
    for (std::size_t g = 0; g < groups.size(); ++g) {
        ParamGroup& group = groups[g];
        const std::string prefix = entry_prefix("param_groups", g);
        std::int64_t count = 0;
        read(prefix + "params", count);
        if (count != static_cast<std::int64_t>(group.params.size()))
            fail(operation, site, {prefix, "params: expected ", group.params.size(), " parameters, got ", count});
        for (const Setting& setting : settings(group)) {
            const std::string entry = prefix + setting.name;
            std::int64_t flag = 0;
            double number = 0;
            if (!setting.later || names.find(entry)) setting.flag ? read(entry, flag) : read(entry, number);
            setting.flag ? void(*setting.flag = flag != 0) : void(*setting.value = number);
        }
        check_group(group, g, site);
        for (const AnyTensor& p : group.params) {
            const std::string of_parameter = entry_prefix("state", index);
            State& s = state[index++];
            if (!names.find(of_parameter + "step")) continue;
            read(of_parameter + "step", s.steps);
            if (s.steps < 1) fail(operation, site, {of_parameter, "step: expected at least 1, got ", s.steps});
            for (int i = 0; i < max_state_buffers && kind_.buffers[i]; ++i) {
                const std::string entry = of_parameter + kind_.buffers[i];
                const AnyTensor* values = find(entry);
                // One that not every step of the kind makes: no momentum so far.
                if (!values && !needs_buffer(ParamGroup{}, i)) continue;
                if (!values) fail(operation, site, {"the state lacks ", entry});
                if (values->dtype() != p.dtype() || !(values->shape() == p.shape()))
                    fail(operation, site,
                         {entry, ": expected ", p.dtype(), " ", p.shape(), ", got ", values->dtype(), " ",
                          values->shape()});
                s.buffers[i] = new_buffer(p, site);
                detail::load_values(s.buffers[i], *values, operation, site);
            }
        }
    }
    std::vector<std::string> unknown;
    const detail::SortedNames used_names(used);
    for (const StateDict::Entry& entry : dict)
        if (!used_names.find(entry.first)) unknown.push_back(entry.first);
    if (!unknown.empty())
        fail(operation, site, {"the state of this ", name(), " has no ", detail::list_names(unknown)});
    groups_ = std::move(groups);
    state_ = std::move(state);
}

}  // namespace fathom::inline v0::optim
