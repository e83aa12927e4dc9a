// Module: a net or a part of one. It lists its children by name in visit(); everything else (parameters, state dicts,
// loading, freezing, moving to a device) is a walk over that list. Modules are values: a copy has its own weights.
// Next: linear.hpp, conv.hpp, sequential.hpp (layers), init.hpp (initial values).
#pragma once

#include <atomic>
#include <concepts>

#include "fathom/core/list.hpp"
#include "fathom/core/random.hpp"
#include "fathom/nn/parameter.hpp"
#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0::nn {

class Module;

// What to do with names of a state dict that the module does not have, and with names of the module that the dict
// lacks. error: throw, nothing is changed; report: list them in the result; ignore: neither.
enum class Unused { error, report, ignore };
enum class Missing { error, report, ignore };

struct LoadOptions {
    Unused unused = Unused::error;
    Missing missing = Missing::error;
};

struct LoadReport {
    std::vector<std::string> missing, unused;
    std::string prefix;  // what the names had in front of the module's own and was left out: "module." of DataParallel
};

// Given to visit(): v("conv1", conv1) for every child module, parameter, buffer and generator.
class Visitor {
public:
    struct Found {
        std::string name;  // from the walk's root, joined by dots, as PyTorch writes it
        AnyTensor tensor;
        bool is_parameter;
        bool initialised;
        bool* uninitialised;             // the mark inside the member
        const autograd::TypeOps* ops;    // null for buffers
        detail::ElementwiseKernel copy;  // of its dtype
    };
    using NamedModule = std::pair<std::string, Module*>;
    using NamedGenerator = std::pair<std::string, Generator*>;

    void operator()(std::string_view name, Module& child);
    template <FloatElement T>
    void operator()(std::string_view name, Parameter<T>& parameter) {
        add(name, parameter, &autograd::type_ops<T>);
    }
    template <Element T>
    void operator()(std::string_view name, Buffer<T>& buffer) {
        add(name, buffer, nullptr);
    }
    // What the module draws from while training. It is no part of the state dict (generator_state.hpp saves it).
    void operator()(std::string_view name, Generator& generator) { generators_.push_back({path_to(name), &generator}); }

private:
    friend class Module;

    explicit Visitor(Module& root);
    template <Element T>
    void add(std::string_view name, Member<T>& member, const autograd::TypeOps* ops) {
        if (!member.defined()) return;
        autograd::list(autograd::node_of(member.untyped()));
        found_.push_back({path_to(name), member.untyped(), ops != nullptr, member.initialised(), &member.uninitialised_,
                          ops, cpu::kernel<T, Elementwise::copy>});
    }
    std::string path_to(std::string_view name) const;

    std::string root_path_, path_;
    detail::List<Found> found_;
    detail::List<NamedModule> modules_;
    detail::List<NamedGenerator> generators_;
};

// Where a module stands in its net. Walks write it, also those over const modules, and forward reads it, on any
// threads: so a path, once written, stays for ever, and what changes is one pointer.
class ModulePath {
public:
    ModulePath() = default;
    ModulePath(const ModulePath& other) : text_(&other.text()) {}
    ModulePath& operator=(const ModulePath& other) {
        text_.store(&other.text(), std::memory_order_release);
        return *this;
    }
    const std::string& text() const { return *text_.load(std::memory_order_acquire); }
    void set(const std::string& path);

private:
    static const std::string& none();
    std::atomic<const std::string*> text_{&none()};
};

class Module {
public:
    virtual ~Module() = default;

    // Net and path for messages: "FusionNet", "Linear decode.out".
    friend std::string to_string(const Module& module) {
        return module.path().empty() ? module.kind() : join({module.kind(), " ", module.path()});
    }
    // The modules below, a line each, with their parameters' shapes.
    std::string describe() const;
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Module& module) {
        out << module.describe().c_str();
        return out;
    }

    // Lists the children, always in the same order: { v("hidden", hidden); v("out", out); }
    virtual void visit(Visitor& v) = 0;
    // The type's name in messages.
    virtual const char* kind() const { return "Module"; }

    // Handles on all parameters: a tied one once, those that do not require a gradient too (optimizers skip them).
    std::vector<AnyTensor> parameters() const;
    std::vector<AnyTensor> buffers() const;
    // The same with their names; a tied one under each of its names.
    std::vector<StateDict::Entry> named_parameters() const;
    std::vector<StateDict::Entry> named_buffers() const;
    // This module (under the name "") and all below it, parents first. A template, as is the next, so that programs
    // that never call it compile no vector of these.
    template <std::same_as<Visitor::NamedModule> Named = Visitor::NamedModule>
    std::vector<Named> named_modules() {
        const Visitor visitor = walk();
        return {visitor.modules_.begin(), visitor.modules_.end()};
    }
    // The generators that modules draw from while training, as those of dropout.
    template <std::same_as<Visitor::NamedGenerator> Named = Visitor::NamedGenerator>
    std::vector<Named> named_generators() {
        const Visitor visitor = walk();
        return {visitor.generators_.begin(), visitor.generators_.end()};
    }

    // Parameters and buffers by PyTorch's names ("decode4.conv.weight"), without history. As in PyTorch they share the
    // module's memory: copy the module to keep values. Throws if something was never initialised.
    StateDict state_dict(Where site = Where::here()) const;
    // Copies values in; floating dtypes convert into each other. A misshapen, mistyped, missing or unused name is an
    // error that says which, and changes nothing. Where the dict has none of the module's names, but all of them behind
    // one prefix, as wrappers of nets write them, they are taken from there, and the report has the prefix.
    LoadReport load_state_dict(const StateDict& dict, const LoadOptions& options = {}, Where site = Where::here());

    void train(bool on = true);
    void eval() { train(false); }
    bool is_training() const { return training_; }
    // For every parameter below: freezing a net is net.requires_grad_(false).
    void requires_grad_(bool on = true, Where site = Where::here());
    void zero_grad();
    // Moves parameters, their gradients and buffers. Handles see the new place, so optimizers stay valid.
    void to(Device device, Where site = Where::here());

    // Throws unless every parameter and buffer below was initialised or loaded, naming the first that was not.
    void check_initialised(Where site = Where::here()) const;

    // "decode4.conv": the path from the net of the last walk; "" for the net itself.
    const std::string& path() const { return path_.text(); }
    // Writes the paths into all modules below; every walk does so too.
    void name_children() const;

protected:
    Module() = default;
    Module(const Module&) = default;
    Module(Module&&) noexcept = default;
    Module& operator=(const Module&) & = default;
    Module& operator=(Module&&) & noexcept = default;

    // For forward(): throws unless all of them were initialised or loaded.
    template <class... M>
    void require_initialised(Where site, const M&... members) const {
        if (!(members.initialised() && ...)) fail_uninitialised(site);
    }

private:
    friend class Visitor;

    // visit() only hands out references, so a walk over a const module changes nothing but the paths.
    std::string find_prefix(const StateDict& dict, const detail::SortedNames& names, const Visitor& members,
                            Where site) const;
    Visitor walk() const { return Visitor(const_cast<Module&>(*this)); }
    [[noreturn]] void fail_uninitialised(Where site) const;

    ModulePath path_;
    bool training_ = true;
};

}  // namespace fathom::inline v0::nn

#ifndef FATHOM_COMPILED
#include "fathom/nn/module.inl.hpp"
#endif
