// checkpoint: memory for time. Of what a function computes nothing is kept but its inputs; backward runs it again.
#pragma once

#include <utility>
#include <vector>

#include "fathom/autograd/backward.hpp"

namespace fathom::inline v0 {

namespace autograd {

// A function of tensors that can be run again.
class CheckpointBody : public Refcounted {
public:
    virtual AnyTensor run(const std::vector<AnyTensor>& inputs) = 0;
};
AnyTensor checkpoint(Ref<CheckpointBody> body, const std::vector<AnyTensor>& inputs, Where site);

}  // namespace autograd

namespace detail {

// A module is held by reference, since a copy of it would have weights of its own; anything else by value.
template <class F>
concept IsModule = requires(const F& f) {
    f.named_parameters();
};

template <class F, Element... T>
struct CheckpointCall final : autograd::CheckpointBody {
    explicit CheckpointCall(F& function) : f(function) {}
    static auto call(F& f, const Tensor<T>&... x) {
        if constexpr (requires { f.forward(x...); })
            return f.forward(x...);
        else
            return f(x...);
    }
    AnyTensor run(const std::vector<AnyTensor>& inputs) override {
        return [&]<std::size_t... i>(std::index_sequence<i...>)->AnyTensor {
            return call(f, Tensor<T>::adopt(inputs[i])...);
        }
        (std::index_sequence_for<T...>());
    }
    std::conditional_t<IsModule<F>, F&, F> f;
};

template <class F, Element... T>
auto run_checkpoint(F& f, Where site, const Tensor<T>&... inputs) {
    using Call = CheckpointCall<F, T...>;
    using Result = decltype(Call::call(f, inputs...));
    return Result::adopt(autograd::checkpoint(Ref<autograd::CheckpointBody>(new Call(f)), {inputs.untyped()...}, site));
}

}  // namespace detail

// f(x...) of one to four tensors, which gives one tensor. While gradients are recorded, what f's operations save for
// backward is freed as soon as f is done; backward runs f again to have it. So f has to compute the same again: weights
// that it uses must not have changed, numbers that it draws from any Generator are drawn again as they were. All
// gradients arrive as without checkpoint, those of weights and other tensors that f uses without being given them too,
// and can be differentiated again. f may contain further checkpoints. A module is given as it is, and held by
// reference; so must live what a lambda refers to, until backward is done:
//   y = ft::checkpoint(block, x);
//   y = ft::checkpoint([&](const ft::Tensor<float>& h) { return ft::relu(net.conv(h) + h); }, x);
template <class F, Element A>
auto checkpoint(F&& f, const Tensor<A>& a, Where site = Where::here()) {
    static_assert(std::is_lvalue_reference_v<F> || !detail::IsModule<F>,
                  "the module must live until backward: give a variable, not a temporary");
    return detail::run_checkpoint(f, site, a);
}
template <class F, Element A, Element B>
auto checkpoint(F&& f, const Tensor<A>& a, const Tensor<B>& b, Where site = Where::here()) {
    static_assert(std::is_lvalue_reference_v<F> || !detail::IsModule<F>,
                  "the module must live until backward: give a variable, not a temporary");
    return detail::run_checkpoint(f, site, a, b);
}
template <class F, Element A, Element B, Element C>
auto checkpoint(F&& f, const Tensor<A>& a, const Tensor<B>& b, const Tensor<C>& c, Where site = Where::here()) {
    static_assert(std::is_lvalue_reference_v<F> || !detail::IsModule<F>,
                  "the module must live until backward: give a variable, not a temporary");
    return detail::run_checkpoint(f, site, a, b, c);
}
template <class F, Element A, Element B, Element C, Element D>
auto checkpoint(F&& f, const Tensor<A>& a, const Tensor<B>& b, const Tensor<C>& c, const Tensor<D>& d,
                Where site = Where::here()) {
    static_assert(std::is_lvalue_reference_v<F> || !detail::IsModule<F>,
                  "the module must live until backward: give a variable, not a temporary");
    return detail::run_checkpoint(f, site, a, b, c, d);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/autograd/checkpoint.inl.hpp"
#endif
