// Definitions of module.hpp.
#include "fathom/core/lock.hpp"
#include "fathom/core/pointer_set.hpp"

namespace fathom::inline v0::nn {

FATHOM_INLINE const std::string& ModulePath::none() {
    static const std::string empty;
    return empty;
}

FATHOM_INLINE void ModulePath::set(const std::string& path) {
    if (text() == path) return;
    static v0::detail::Mutex mutex;
    static detail::List<const std::string*>& known = *new detail::List<const std::string*>;  // in their order
    const v0::detail::Lock lock(mutex);
    const std::size_t at = detail::first_not(known.size(), [&](std::size_t i) { return *known[i] < path; });
    if (at == known.size() || *known[at] != path) {
        known.push_back(new std::string(path));  // as many as nets have modules
        for (std::size_t i = known.size() - 1; i > at; --i) std::swap(known[i], known[i - 1]);
    }
    text_.store(known[at], std::memory_order_release);
}

FATHOM_INLINE Visitor::Visitor(Module& root) : root_path_(root.path()) {
    modules_.push_back({"", &root});
    root.visit(*this);
}

FATHOM_INLINE std::string Visitor::path_to(std::string_view name) const {
    if (name.empty()) fail("visit", {}, {"a member of '", path_, "' has an empty name"});
    std::string path = path_;
    if (!path.empty()) path += '.';
    return path += name;
}

FATHOM_INLINE void Visitor::operator()(std::string_view name, Module& child) {
    std::string before = std::exchange(path_, path_to(name));
    child.path_.set(root_path_.empty() ? path_ : root_path_ + '.' + path_);
    modules_.push_back({path_, &child});
    child.visit(*this);
    path_ = std::move(before);
}

FATHOM_INLINE std::vector<AnyTensor> Module::parameters() const {
    std::vector<AnyTensor> handles;
    detail::PointerSet known;
    for (const Visitor::Found& m : walk().found_)
        if (m.is_parameter && known.insert(&m.tensor.impl())) handles.push_back(m.tensor);
    return handles;
}

FATHOM_INLINE std::vector<AnyTensor> Module::buffers() const {
    std::vector<AnyTensor> handles;
    for (const Visitor::Found& m : walk().found_)
        if (!m.is_parameter) handles.push_back(m.tensor);
    return handles;
}

FATHOM_INLINE std::vector<StateDict::Entry> Module::named_parameters() const {
    std::vector<StateDict::Entry> named;
    for (const Visitor::Found& m : walk().found_)
        if (m.is_parameter) named.push_back({m.name, m.tensor});
    return named;
}

FATHOM_INLINE std::vector<StateDict::Entry> Module::named_buffers() const {
    std::vector<StateDict::Entry> named;
    for (const Visitor::Found& m : walk().found_)
        if (!m.is_parameter) named.push_back({m.name, m.tensor});
    return named;
}

FATHOM_INLINE void Module::name_children() const { walk(); }

FATHOM_INLINE StateDict Module::state_dict(Where site) const {
    StateDict dict;
    for (const Visitor::Found& m : walk().found_) {
        if (!m.initialised) fail("state_dict", site, {m.name, " was never initialised or loaded"});
        dict.add(m.name, detail::detached(m.tensor));
    }
    if (const std::string* twice = detail::SortedNames(dict).repeated())
        fail("state_dict", site, {"two members are named ", *twice});
    return dict;
}

// Empty if the dict has names of the module as they are, or lacks some behind every prefix.
FATHOM_INLINE std::string Module::find_prefix(const StateDict& dict, const detail::SortedNames& names,
                                              const Visitor& visitor, Where site) const {
    const detail::List<Visitor::Found>& members = visitor.found_;
    for (const Visitor::Found& m : members)
        if (names.find(m.name)) return {};
    // Each place where the first name might be is looked at in full; a dict with more of them is no net in a wrapper.
    constexpr int most = 8;
    int looked_at = 0;
    std::string prefix;
    for (const StateDict::Entry& entry : dict) {
        if (members.empty() || looked_at == most) break;
        const std::string_view name = entry.first, own = members[0].name;
        if (name.size() < own.size() + 2 || !name.ends_with(own) || name[name.size() - own.size() - 1] != '.') continue;
        ++looked_at;
        const std::string candidate(name.substr(0, name.size() - own.size()));
        bool all = true;
        for (std::size_t i = 1; i < members.size() && all; ++i) all = names.find(candidate + members[i].name);
        if (!all) continue;
        if (!prefix.empty())
            fail("load_state_dict", site,
                 {"the state dict has these names behind ", prefix, " and behind ", candidate,
                  ", expected one of them (take_prefix() gives it)"});
        prefix = candidate;
    }
    return prefix;
}

FATHOM_INLINE LoadReport Module::load_state_dict(const StateDict& dict, const LoadOptions& options, Where site) {
    constexpr const char* name = "load_state_dict";
    const Visitor visitor = walk();
    const detail::List<Visitor::Found>& members = visitor.found_;

    // Everything is checked before the first value is written.
    LoadReport found;
    const detail::SortedNames known(dict);
    found.prefix = find_prefix(dict, known, visitor, site);
    StateDict own;
    detail::List<std::pair<AnyTensor, AnyTensor>> copies;
    std::vector<std::string> there;
    std::string mismatch;
    for (const Visitor::Found& m : members) {
        own.add(found.prefix + m.name, m.tensor);
        const AnyTensor* values = known.find(own.entries.back().first);
        if (!values) {
            found.missing.push_back(m.name);
        } else if (!(values->shape() == m.tensor.shape()) || !detail::can_load(m.tensor.dtype(), values->dtype())) {
            if (mismatch.empty())
                mismatch = join({m.name, ": expected ", m.tensor.dtype(), " ", m.tensor.shape(), ", got ",
                                 values->dtype(), " ", values->shape()});
        } else if (!values->device().is_cpu()) {
            fail(name, site, {m.name, ": the state dict's tensor is on ", values->device(), ", expected cpu"});
        } else {
            copies.push_back({m.tensor, *values});
        }
    }
    const detail::SortedNames own_names(own);
    for (const StateDict::Entry& entry : dict) {
        there.push_back(entry.first);
        const std::size_t members_of_name = own_names.count(entry.first);
        if (members_of_name == 0) found.unused.push_back(entry.first);
        if (members_of_name > 1) fail(name, site, {"two members are named ", entry.first});
    }
    std::string names;
    if (options.missing == Missing::error && !found.missing.empty())
        names = join({"the state dict lacks ", detail::list_names(found.missing)});
    if (options.unused == Unused::error && !found.unused.empty())
        names += join({names.empty() ? "" : "; ", "the module has no ", detail::list_names(found.unused)});
    else if (!names.empty() && dict.empty())
        names += "; it is empty";
    else if (!names.empty())
        names += join({"; it has ", found.unused.empty() ? "" : "instead ",
                       detail::list_names(found.unused.empty() ? there : found.unused)});
    if (!names.empty()) fail(name, site, {names});
    if (!mismatch.empty()) fail(name, site, {mismatch});

    for (const auto& [to, from] : copies) detail::load_values(to, from, name, site);
    if (options.missing == Missing::ignore) found.missing.clear();
    if (options.unused == Unused::ignore) found.unused.clear();
    return found;
}

FATHOM_INLINE std::string Module::describe() const {
    const Visitor visitor = walk();
    std::string text;
    for (const Visitor::NamedModule& m : visitor.modules_) {
        std::string line = m.first.empty() ? m.second->kind() : join({"  ", m.first, ": ", m.second->kind()});
        for (const Visitor::Found& found : visitor.found_) {
            const std::size_t dot = found.name.rfind('.');
            const std::string owner = dot == std::string::npos ? "" : found.name.substr(0, dot);
            if (found.is_parameter && owner == m.first)
                line += join({" ", found.name.substr(owner.empty() ? 0 : dot + 1), " ", found.tensor.shape()});
        }
        text += line + "\n";
    }
    return text;
}

FATHOM_INLINE void Module::train(bool on) {
    for (const Visitor::NamedModule& m : walk().modules_) m.second->training_ = on;
}

FATHOM_INLINE void Module::requires_grad_(bool on, Where site) {
    for (const Visitor::Found& m : walk().found_)
        if (m.is_parameter) autograd::set_requires_grad(m.tensor, on, m.ops, site);
}

FATHOM_INLINE void Module::zero_grad() {
    for (const Visitor::Found& m : walk().found_) autograd::zero_grad(m.tensor);
}

FATHOM_INLINE void Module::to(Device device, Where site) {
    const Visitor visitor = walk();
    // All copies first: running out of memory leaves the module where it was.
    detail::List<std::pair<AnyTensor, AnyTensor>> moved;
    for (const Visitor::Found& m : visitor.found_) {
        const AnyTensor gradient = autograd::accumulated_grad(m.tensor);
        moved.push_back({detail::to_device(detail::detached(m.tensor), device, m.copy, site),
                         gradient.defined() ? detail::to_device(gradient, device, m.copy, site) : gradient});
    }
    for (std::size_t i = 0; i < moved.size(); ++i) {
        const Visitor::Found& m = visitor.found_[i];
        const TensorImpl& from = moved[i].first.impl();
        TensorImpl& impl = m.tensor.impl();
        *m.uninitialised = !m.initialised;  // a new storage starts without writes
        impl.storage = from.storage, impl.strides = from.strides, impl.offset = from.offset;
        if (autograd::Node* node = autograd::node_of(m.tensor)) {
            node->output.strides = from.strides, node->output.device = device;
            static_cast<autograd::Leaf*>(node)->grad = moved[i].second;
        }
    }
}

FATHOM_INLINE void Module::check_initialised(Where site) const {
    for (const Visitor::Found& m : walk().found_)
        if (!m.initialised)
            fail(kind(), site,
                 {m.name,
                  " was never initialised or loaded; construct it with a Generator, or call load_state_dict() first"});
}

[[gnu::cold]] FATHOM_INLINE void Module::fail_uninitialised(Where site) const {
    fail(to_string(*this).c_str(), site,
         {"weights were never initialised or loaded; construct it with a Generator, or call load_state_dict() first"});
}

}  // namespace fathom::inline v0::nn
