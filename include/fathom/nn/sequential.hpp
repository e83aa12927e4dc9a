// Sequential: modules of any kind, one after another. ModuleList: modules of one kind, as a vector. Their children are
// named "0", "1", ...
#pragma once

#include <concepts>

#include "fathom/nn/module.hpp"

namespace fathom::inline v0 {

namespace detail {
[[noreturn]] void fail_layer(const char* container, std::size_t index, std::size_t size, const char* problem,
                             Where site);
}

namespace nn {

// Any module that maps a tensor to a tensor, held by value: a copy copies the module.
template <FloatElement T>
class Layer {
public:
    template <std::derived_from<Module> M>
    Layer(M module) : held_(new Held<M>(std::move(module))) {}
    Layer(const Layer& other) : held_(other.held_ ? other.held_->clone() : Ref<Holder>()) {}
    Layer(Layer&&) noexcept = default;
    Layer& operator=(Layer other) & noexcept {
        held_ = std::move(other.held_);
        return *this;
    }
    ~Layer() = default;

    Module& module() const { return held_->module(); }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return held_->run(x, site); }

private:
    struct Holder : Refcounted {
        virtual Module& module() = 0;
        virtual Tensor<T> run(const Tensor<T>& x, Where site) = 0;
        virtual Ref<Holder> clone() const = 0;
    };
    template <class M>
    struct Held final : Holder {
        M value;
        explicit Held(M m) : value(std::move(m)) {}
        Module& module() override { return value; }
        Tensor<T> run(const Tensor<T>& x, Where site) override {
            if constexpr (requires { value(x, site); })
                return value(x, site);
            else if constexpr (requires { value(x); })
                return value(x);
            else if constexpr (requires { value.forward(x, site); })
                return value.forward(x, site);
            else
                return value.forward(x);
        }
        Ref<Holder> clone() const override { return new Held(value); }
    };

    Ref<Holder> held_;  // one owner: counted only because a Ref is at hand
};

// nn::Sequential<float> net{nn::Linear<float>(2, 64, gen), nn::ReLU(), nn::Linear<float>(64, 2, gen)};
// A list, so that the layers draw their initial values in the order written.
template <FloatElement T>
class Sequential : public Module {
public:
    Sequential() = default;
    Sequential(std::initializer_list<Layer<T>> layers) : layers_(layers) {}

    void push_back(Layer<T> layer) { layers_.push_back(std::move(layer)); }
    std::size_t size() const { return layers_.size(); }
    // The i-th layer as what it is: net.at<nn::Conv2d<float>>(0).weight
    template <std::derived_from<Module> M>
    M& at(std::size_t i, Where site = Where::here()) const {
        if (i >= layers_.size()) detail::fail_layer(kind(), i, layers_.size(), "is out of range", site);
        M* layer = dynamic_cast<M*>(&layers_[i].module());
        if (!layer) detail::fail_layer(kind(), i, layers_.size(), "is of another type", site);
        return *layer;
    }

    void visit(Visitor& v) override {
        for (std::size_t i = 0; i < layers_.size(); ++i) v(std::to_string(i), layers_[i].module());
    }
    const char* kind() const override { return "Sequential"; }

    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        Tensor<T> y = x;
        for (const Layer<T>& layer : layers_) y = layer(y, site);
        return y;
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return forward(x, site); }

private:
    std::vector<Layer<T>> layers_;
};

template <std::derived_from<Module> M>
class ModuleList : public Module {
public:
    ModuleList() = default;

    void push_back(M module) { modules_.push_back(std::move(module)); }
    template <class... A>
    M& emplace_back(A&&... arguments) {
        return modules_.emplace_back(std::forward<A>(arguments)...);
    }
    std::size_t size() const { return modules_.size(); }
    M& operator[](std::size_t i) { return at(i, {}); }
    const M& operator[](std::size_t i) const { return const_cast<ModuleList*>(this)->at(i, {}); }
    M& at(std::size_t i, Where site = Where::here()) {
        if (i >= modules_.size()) detail::fail_layer(kind(), i, modules_.size(), "is out of range", site);
        return modules_[i];
    }
    auto begin() { return modules_.begin(); }
    auto end() { return modules_.end(); }
    auto begin() const { return modules_.begin(); }
    auto end() const { return modules_.end(); }

    void visit(Visitor& v) override {
        for (std::size_t i = 0; i < modules_.size(); ++i) v(std::to_string(i), modules_[i]);
    }
    const char* kind() const override { return "ModuleList"; }

private:
    std::vector<M> modules_;
};

}  // namespace nn
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/sequential.inl.hpp"
#endif
