// Activations as modules, for Sequential: ReLU, LeakyReLU, Sigmoid, Tanh. They have no parameters and work for float
// and double.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/math.hpp"

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

}  // namespace fathom::inline v0::nn
