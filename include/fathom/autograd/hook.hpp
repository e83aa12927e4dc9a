// Hooks: functions that are called with the gradient of a tensor while backward() or grad() passes it.
#pragma once

#include "fathom/autograd/backward.hpp"

namespace fathom::inline v0 {

// What register_hook gives: the hook stays, whether this lives or not, until remove().
class HookHandle {
public:
    explicit HookHandle(Ref<autograd::Hook> hook) : hook_(std::move(hook)) {}
    void remove() {
        if (hook_) hook_->removed = true;
    }

private:
    Ref<autograd::Hook> hook_;
};

namespace autograd {
// Adds it behind those that x has.
void add_hook(const AnyTensor& x, const Ref<Hook>& hook);
}  // namespace autograd

// f(gradient) is called whenever the whole gradient of x is known, with x a leaf or a result, before it goes on (for a
// leaf: before it is added to x.grad()). What f returns, if it returns a tensor and that is defined, takes the
// gradient's place; f must not write into what it is given. Hooks are called in the order in which they were added;
// with create_graph what they compute is recorded. As f lives as long as the history of x, it should hold no handle on
// x.
//   auto hook = x.register_hook([](const ft::Tensor<float>& g) { return 0.5f * g; });
template <FractionElement T, class F>
HookHandle register_hook(const Tensor<T>& x, F f, Where site = Where::here()) {
    struct Call final : autograd::Hook {
        explicit Call(F function) : f(std::move(function)) {}
        AnyTensor call(const AnyTensor& gradient) override {
            const Tensor<T> g = Tensor<T>::adopt(gradient);
            if constexpr (std::is_void_v<decltype(f(g))>)
                return f(g), AnyTensor{};
            else
                return Tensor<T>(f(g)).untyped();
        }
        F f;
    };
    Ref<autograd::Hook> hook(new Call(std::move(f)));
    hook->site = site;
    autograd::add_hook(x, hook);
    return HookHandle(std::move(hook));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/autograd/hook.inl.hpp"
#endif
