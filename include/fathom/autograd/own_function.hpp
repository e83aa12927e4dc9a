// Function: an operation of the user's own, with its gradient. Its backward is differentiated again (create_graph)
// where it is made of differentiable operations.
//
//   struct Cube : ft::Function<Cube> {
//       static ft::Tensor<float> forward(ft::Context& ctx, const ft::Tensor<float>& x) {
//           ctx.save(x);
//           return x * x * x;
//       }
//       static ft::Tensor<float> backward(ft::Context& ctx, const ft::Tensor<float>& dy) {
//           const auto x = ctx.saved<float>(0);
//           return 3 * x * x * dy;
//       }
//   };
//   ft::Tensor<float> y = Cube::apply(x);
//
// apply takes what forward takes behind the context: tensors and anything else, which has no gradient. forward computes
// without being recorded and gives one tensor of float or double. backward gives one gradient for each tensor that
// forward takes, in their order: a tensor, or for several a std::array or std::tuple of tensors. An undefined one says
// that there is none, which is right where ctx.needs(i) is false, and for tensors of integers.
#pragma once

#include <array>
#include <string_view>
#include <tuple>
#include <vector>

#include "fathom/autograd/backward.hpp"

namespace fathom::inline v0 {

namespace autograd {
class OwnNode;
}

// What forward keeps for backward.
class Context {
public:
    // In forward: keeps an input or the result, with its history, or an intermediate value, which a second derivative
    // takes for a constant. Writing into it before backward is an error that backward reports.
    template <Element T>
    void save(const Tensor<T>& x) {
        kept_.push_back(x.untyped());
    }
    void save_number(double value) { numbers_.push_back(value); }

    // In backward: the i-th tensor and number that were kept.
    template <Element T>
    Tensor<T> saved(std::size_t i) const {
        return Tensor<T>::adopt(saved_tensor(i, dtype_of<T>));
    }
    double number(std::size_t i) const;
    // Whether tensor i of forward's wants a gradient.
    bool needs(std::size_t i) const { return i < needs_.size() && needs_[i]; }

private:
    friend class autograd::OwnNode;
    template <class Op>
    friend class Function;

    AnyTensor saved_tensor(std::size_t i, DType dtype) const;

    std::vector<AnyTensor> kept_;  // during forward
    detail::List<double> numbers_;
    detail::List<bool> needs_;
    autograd::OwnNode* node_ = nullptr;  // during backward
    bool recorded_ = false;
};

namespace autograd {

class OwnNode : public Node {
public:
    // Keeps what forward has saved; `out` is its result.
    void keep(Context&& context, const AnyTensor& out, const InputList& given);
    void backward(Gradients& g) override { run(g, false); }
    void backward_recorded(Gradients& g) override { run(g, true); }
    void release_saved() override {
        for (Saved& s : saved_) s.release();
    }

protected:
    // The gradients of all tensors, undefined where there is none.
    virtual std::vector<AnyTensor> gradients(Context& context, const AnyTensor& dy) = 0;

private:
    friend class fathom::Context;
    void run(Gradients& g, bool recorded);

    Context context_;
    detail::List<Saved> saved_;
};

}  // namespace autograd

namespace detail {

template <class Op>
constexpr auto type_name() {
    constexpr std::string_view all = __PRETTY_FUNCTION__;  // "... [with Op = demo::Cube]", of clang "[Op = demo::Cube]"
    constexpr std::size_t from = all.find("Op = ") + 5, to = all.find_first_of(";]", from);
    constexpr std::size_t colon = all.substr(0, to).find_last_of(':');
    constexpr std::size_t begin = colon != std::string_view::npos && colon > from ? colon + 1 : from;
    std::array<char, to - begin + 1> name{};
    for (std::size_t i = begin; i < to; ++i) name[i - begin] = all[i];
    return name;
}
template <class Op>
inline constexpr auto name_of_type = type_name<Op>();

// Parameters and buffers as the tensors they are, anything else as it is.
template <Element T>
const Tensor<T>& as_tensor(const Tensor<T>& x) {
    return x;
}
template <class X>
concept TensorLike = requires(const X& x) {
    as_tensor(x);
};
template <class X>
decltype(auto) as_argument(const X& x) {
    if constexpr (TensorLike<X>)
        return as_tensor(x);
    else
        return (x);
}
template <class X>
void append_tensor(std::vector<AnyTensor>& to, const X& x) {
    if constexpr (TensorLike<X>) to.push_back(as_tensor(x).untyped());
}

}  // namespace detail

template <class Op>
class Function {
public:
    template <class A>
    static auto apply(const A& a, Where site = Where::here()) {
        return run(site, a);
    }
    template <class A, class B>
    static auto apply(const A& a, const B& b, Where site = Where::here()) {
        return run(site, a, b);
    }
    template <class A, class B, class C>
    static auto apply(const A& a, const B& b, const C& c, Where site = Where::here()) {
        return run(site, a, b, c);
    }
    template <class A, class B, class C, class D>
    static auto apply(const A& a, const B& b, const C& c, const D& d, Where site = Where::here()) {
        return run(site, a, b, c, d);
    }
    template <class A, class B, class C, class D, class E>
    static auto apply(const A& a, const B& b, const C& c, const D& d, const E& e, Where site = Where::here()) {
        return run(site, a, b, c, d, e);
    }
    template <class A, class B, class C, class D, class E, class F>
    static auto apply(const A& a, const B& b, const C& c, const D& d, const E& e, const F& f,
                      Where site = Where::here()) {
        return run(site, a, b, c, d, e, f);
    }

private:
    template <class T, std::size_t tensors>
    struct Recorded final : autograd::OwnNode {
        std::vector<AnyTensor> gradients(Context& context, const AnyTensor& dy) override {
            return list(Op::backward(context, Tensor<T>::adopt(dy)));
        }
        template <Element U>
        static std::vector<AnyTensor> list(const Tensor<U>& only) {
            static_assert(tensors == 1, "forward takes several tensors: backward gives a std::array or std::tuple");
            return {only.untyped()};
        }
        template <class All>
        static std::vector<AnyTensor> list(const All& all) {
            static_assert(std::tuple_size_v<All> == tensors, "backward gives one gradient for each tensor of forward");
            return std::apply([](const auto&... g) { return std::vector<AnyTensor>{g.untyped()...}; }, all);
        }
    };

    template <class... X>
    static auto run(Where site, const X&... inputs) {
        constexpr const char* name = detail::name_of_type<Op>.data();
        static_assert(!(std::is_same_v<X, AnyTensor> || ...), "an untyped tensor is given as x.as<float>()");
        constexpr std::size_t tensors = (std::size_t{detail::TensorLike<X>} + ... + 0);
        static_assert(tensors > 0, "forward takes a tensor");
        std::vector<AnyTensor> given;
        (detail::append_tensor(given, inputs), ...);
        Context context;
        const auto computed = [&] {
            const NoGrad off;
            return Op::forward(context, detail::as_argument(inputs)...);
        }();
        using T = typename std::decay_t<decltype(computed)>::value_type;
        static_assert(FractionElement<T>, "forward gives a tensor of float, double, bfloat16 or half");
        detail::require_defined(computed.untyped(), name, site);
        // A handle of its own: forward may have given an input as it is.
        const Tensor<T> out = computed.detach();
        for (AnyTensor& kept : context.kept_)
            if (kept.defined() && kept.same_as(computed.untyped())) kept = out.untyped();
        const InputList list(given);
        return finish<Recorded<T, tensors>>(out, name, site, list, [&](autograd::OwnNode& node) {
            node.keep(std::move(context), out.untyped(), list);
        });
    }
};

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/autograd/own_function.inl.hpp"
#endif
