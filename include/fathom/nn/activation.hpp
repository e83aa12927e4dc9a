// Activations as modules, for Sequential: what has no parameters works for float and double; PReLU has its slopes.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/activation.hpp"
#include "fathom/ops/softmax.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0::nn {

class ReLU : public Module {
public:
    void visit(Visitor&) override {}
    const char* kind() const override { return "ReLU"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return relu(x, site);
    }
};

class ReLU6 : public Module {
public:
    void visit(Visitor&) override {}
    const char* kind() const override { return "ReLU6"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return relu6(x, site);
    }
};

class LeakyReLU : public Module {
public:
    double negative_slope;

    explicit LeakyReLU(double slope = 0.01) : negative_slope(slope) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "LeakyReLU"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return leaky_relu(x, negative_slope, site);
    }
};

// weight [num_parameters]: one slope, or one for each channel, dimension 1 of the input.
template <FloatElement T>
class PReLU : public Module {
public:
    Parameter<T> weight;

    explicit PReLU(std::int64_t num_parameters = 1, double init = 0.25, Where site = Where::here()) {
        if (num_parameters < 1) fail("PReLU", site, {"num_parameters must be at least 1, got ", num_parameters});
        weight = Parameter<T>(full<T>({num_parameters}, init, Device::cpu(), site), true, site);
    }
    void visit(Visitor& v) override { v("weight", weight); }
    const char* kind() const override { return "PReLU"; }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        const ModuleScope scope(path());
        return prelu(x, Tensor<T>(weight), site);
    }
};

class ELU : public Module {
public:
    double alpha;

    explicit ELU(double a = 1) : alpha(a) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "ELU"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return elu(x, alpha, site);
    }
};

class GELU : public Module {
public:
    GeluApproximate approximate;

    explicit GELU(GeluApproximate a = GeluApproximate::none) : approximate(a) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "GELU"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return gelu(x, approximate, site);
    }
};

class SiLU : public Module {
public:
    void visit(Visitor&) override {}
    const char* kind() const override { return "SiLU"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return silu(x, site);
    }
};

class Hardswish : public Module {
public:
    void visit(Visitor&) override {}
    const char* kind() const override { return "Hardswish"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return hardswish(x, site);
    }
};

class Softplus : public Module {
public:
    double beta, threshold;

    explicit Softplus(double b = 1, double t = 20) : beta(b), threshold(t) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "Softplus"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return softplus(x, beta, threshold, site);
    }
};

class Sigmoid : public Module {
public:
    void visit(Visitor&) override {}
    const char* kind() const override { return "Sigmoid"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return sigmoid(x, site);
    }
};

class Tanh : public Module {
public:
    void visit(Visitor&) override {}
    const char* kind() const override { return "Tanh"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return tanh(x, site);
    }
};

class Softmax : public Module {
public:
    int dim;

    explicit Softmax(int d) : dim(d) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "Softmax"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return softmax(x, dim, site);
    }
};

class LogSoftmax : public Module {
public:
    int dim;

    explicit LogSoftmax(int d) : dim(d) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "LogSoftmax"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return log_softmax(x, dim, site);
    }
};

}  // namespace fathom::inline v0::nn
