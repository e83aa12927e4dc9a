// Pooling as modules, for Sequential: MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d, MaxPool1d, AvgPool1d.
// They have no parameters and work for float and double.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/pool1d.hpp"

namespace fathom::inline v0::nn {

class MaxPool2d : public Module {
public:
    MaxPoolOptions options;

    explicit MaxPool2d(const MaxPoolOptions& o) : options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "MaxPool2d"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return max_pool2d(x, options, site);
    }
};

class AvgPool2d : public Module {
public:
    AvgPoolOptions options;

    explicit AvgPool2d(const AvgPoolOptions& o) : options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "AvgPool2d"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return avg_pool2d(x, options, site);
    }
};

class AdaptiveAvgPool2d : public Module {
public:
    Pair output_size;

    explicit AdaptiveAvgPool2d(Pair size) : output_size(size) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "AdaptiveAvgPool2d"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return adaptive_avg_pool2d(x, output_size, site);
    }
};

class AdaptiveMaxPool2d : public Module {
public:
    Pair output_size;

    explicit AdaptiveMaxPool2d(Pair size) : output_size(size) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "AdaptiveMaxPool2d"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return adaptive_max_pool2d(x, output_size, site);
    }
};

class MaxPool1d : public Module {
public:
    MaxPool1dOptions options;

    explicit MaxPool1d(const MaxPool1dOptions& o) : options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "MaxPool1d"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return max_pool1d(x, options, site);
    }
};

class AvgPool1d : public Module {
public:
    AvgPool1dOptions options;

    explicit AvgPool1d(const AvgPool1dOptions& o) : options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "AvgPool1d"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return avg_pool1d(x, options, site);
    }
};

}  // namespace fathom::inline v0::nn
