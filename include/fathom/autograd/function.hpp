// How an operation of the library is written: a node of the graph holds what its gradient needs; a static `forward`
// computes the result and ends in finish<F>(), `backward` gives the gradients of the inputs. ops/softmax.hpp is a
// complete one. Users have the shorter form of own_function.hpp; who wants to write gradients in place, or a second
// derivative of its own, writes it like this:
//
//   struct Cube : ft::autograd::Node {
//       static ft::Tensor<float> forward(const ft::Tensor<float>& x, ft::Where site = ft::Where::here()) {
//           const ft::Tensor<float> v = x.detach();  // without history: what follows is not recorded
//           return ft::finish<Cube>(v * v * v, "cube", site, {x}, [&](Cube& f) { f.x = ft::Saved(x); });
//       }
//       void backward(ft::Gradients& g) override {
//           const auto v = x.get<float>(*this);
//           g.add(0, 3 * v * v * g.output<float>());
//       }
//       void release_saved() override { x.release(); }
//       ft::Saved x;
//   };
//   ft::Tensor<float> y = Cube::forward(x);
#pragma once

#include "fathom/autograd/gradients.hpp"
#include "fathom/autograd/type_ops.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0 {

using autograd::Gradients;
using autograd::Saved;

namespace detail {
// What the library's operations call their base.
using Function = autograd::Node;
}  // namespace detail

// The tensors that an operation was computed from; undefined ones are inputs that were left out.
class InputList {
public:
    struct Input {
        Input(const AnyTensor& x) : tensor(&x) {}
        template <class T>
        Input(const Tensor<T>& x) : tensor(&x.untyped()) {}
        const AnyTensor* tensor;
    };
    InputList() = default;
    InputList(std::initializer_list<Input> inputs) : list_(inputs) {}
    explicit InputList(const std::vector<AnyTensor>& inputs) : tensors_(&inputs) {}

    // Whether an operation on these is to be recorded.
    bool recording() const;
    // The nodes of the inputs, the edges of a new one.
    autograd::Edges nodes() const;
    // The kernels of the first input that has a history.
    const autograd::TypeOps* type_ops() const;
    // f(const AnyTensor&) of each, undefined ones too.
    template <class F>
    void each(F f) const {
        if (tensors_)
            for (const AnyTensor& x : *tensors_) f(x);
        else
            for (const Input& x : list_) f(*x.tensor);
    }

private:
    std::initializer_list<Input> list_;
    const std::vector<AnyTensor>* tensors_ = nullptr;
};

namespace detail {
// Makes `function` the history of `out`.
void record(const AnyTensor& out, Ref<autograd::Node> function, const char* name, Where site,
            const autograd::TypeOps* ops, const InputList& inputs);
// Observers see what an operation made of its inputs.
void announce(const AnyTensor& out, const char* name, Where site, const InputList& inputs);
inline void observe(const AnyTensor& out, const char* name, Where site, const InputList& inputs = {}) {
    if (ObserveScope::any()) announce(out, name, site, inputs);
}
}  // namespace detail

// Where a view ends, whose elements the observer has seen.
template <class F, class Save>
AnyTensor finish_view(const AnyTensor& out, const char* name, Where site, const InputList& inputs, Save save) {
    if (inputs.recording()) {
        F* const function = new F;
        Ref<autograd::Node> node(function);  // no Ref<F>, which would be instantiated for every operation
        save(*function);
        detail::record(out, std::move(node), name, site, inputs.type_ops(), inputs);
    }
    return out;
}

// Where every operation ends. If gradients are recorded and an input wants one, a new F, which `save` has prepared,
// becomes the history of `out`. Throws if `out` has a history already: then forward has recorded what it computed.
template <class F, FractionElement T, class Save>
Tensor<T> finish(const Tensor<T>& out, const char* name, Where site, const InputList& inputs, Save save) {
    if (inputs.recording()) {
        F* const function = new F;
        Ref<autograd::Node> node(function);  // no Ref<F>, which would be instantiated for every operation
        save(*function);
        detail::record(out, std::move(node), name, site, &autograd::type_ops<T>, inputs);
    }
    detail::observe(out, name, site, inputs);
    return out;
}
// The same for what works on any dtype, with the kernels of its inputs.
template <class F, class Save>
AnyTensor finish(const AnyTensor& out, const char* name, Where site, const InputList& inputs, Save save) {
    const AnyTensor result = finish_view<F>(out, name, site, inputs, save);
    detail::observe(result, name, site, inputs);
    return result;
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/autograd/function.inl.hpp"
#include "fathom/autograd/gradients.inl.hpp"
#endif
