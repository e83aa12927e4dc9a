// summary: what a net consists of, as a table: what runs in which order, shapes, parameters, FLOPs, memory.
#pragma once

#include <concepts>

#include "fathom/debug/flops.hpp"
#include "fathom/nn/module.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0::debug {

// Operations of one module that ran one after another, or a single one outside of all modules that name themselves.
struct SummaryRow {
    std::string name;             // "encoder.conv1"; of an operation outside "(relu)"; of the net itself ""
    std::string kind;             // "Conv2d"; of an operation outside ""
    Shape output;                 // of the last one; of rank 0 for what never ran
    std::int64_t parameters = 0;  // elements, in the first row of their module; a tied one where it is met first
    std::int64_t flops = 0;       // debug/flops.hpp
    std::int64_t bytes = 0;       // of all results
    bool ran = true;
};

struct Summary {
    std::string kind;  // of the net
    std::vector<SummaryRow> rows;
    std::int64_t parameters = 0, trainable = 0;  // elements
    std::int64_t parameter_bytes = 0, buffer_bytes = 0;
    std::int64_t flops = 0;
    std::int64_t activation_bytes = 0;  // of all results: about what a training step keeps
};
std::string to_string(const Summary& summary);
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Summary& summary) {
    out << to_string(summary).c_str();
    return out;
}

namespace detail {

// Puts a net into eval() and back into what each of its modules was.
class EvalScope {
public:
    explicit EvalScope(nn::Module& net);
    EvalScope(const EvalScope&) = delete;
    EvalScope& operator=(const EvalScope&) = delete;
    ~EvalScope();

private:
    std::vector<std::pair<nn::Module*, bool>> modules_;  // parents first
};

// Collects what a forward does.
class SummaryObserver final : public fathom::detail::Observer {
public:
    explicit SummaryObserver(nn::Module& net);
    FATHOM_INLINE_MEMBER void sees(const fathom::detail::Observation& seen) override;
    Summary result();

private:
    nn::Module& net_;
    Summary summary_;
    std::vector<nn::Visitor::NamedModule> modules_;
};

// A forward whose parameters are of another type, or whose inputs are another number, does not fit.
template <class Net, class... X>
concept Runs = requires(Net& net, const X&... x) {
    net.forward(x...);
};
template <class T>
Tensor<T> example(const Shape& shape, Where site) {
    if constexpr (FloatElement<T>) {
        Generator gen(0);
        return rand<T>(shape, gen, 0, 1, site);
    } else {
        return zeros<T>(shape, Device::cpu(), site);
    }
}
template <class T, class Net>
bool run_forward(Net& net, const std::vector<Shape>& shapes, Device device, Where site) {
    // Generic, so that a type that forward does not take costs nothing.
    const auto x = [&](auto i) { return example<T>(shapes[i], site).to(device, site); };
    if constexpr (Runs<Net, Tensor<T>>)
        if (shapes.size() == 1) return net.forward(x(0u)), true;
    if constexpr (Runs<Net, Tensor<T>, Tensor<T>>)
        if (shapes.size() == 2) return net.forward(x(0u), x(1u)), true;
    if constexpr (Runs<Net, Tensor<T>, Tensor<T>, Tensor<T>>)
        if (shapes.size() == 3) return net.forward(x(0u), x(1u), x(2u)), true;
    return false;
}
Device device_of(const nn::Module& net);
[[noreturn]] void fail_forward(const nn::Module& net, std::size_t inputs, Where site);

}  // namespace detail

// Runs net.forward once in eval() without gradients, on inputs of these shapes (of float, or double or int64 where
// forward takes that), and tells what ran. Of an image net: debug::summary(net, {{1, 3, 480, 640}}).
template <std::derived_from<nn::Module> Net>
Summary summary(Net& net, std::initializer_list<Shape> inputs, Where site = Where::here()) {
    detail::SummaryObserver observer(net);
    const std::vector<Shape> shapes(inputs);
    {
        const NoGrad off;
        const detail::EvalScope eval(net);
        const Device device = detail::device_of(net);
        const ObserveScope scope(observer);
        const bool ran = detail::run_forward<float>(net, shapes, device, site) ||
                         detail::run_forward<double>(net, shapes, device, site) ||
                         detail::run_forward<std::int64_t>(net, shapes, device, site);
        if (!ran) detail::fail_forward(net, shapes.size(), site);
    }
    return observer.result();
}

}  // namespace fathom::inline v0::debug

#ifndef FATHOM_COMPILED
#include "fathom/debug/summary.inl.hpp"
#endif
