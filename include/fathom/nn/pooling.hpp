// Pooling as modules, for Sequential: MaxPool2d, AvgPool2d, AdaptiveAvgPool2d. They have no parameters and work for
// float and double.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/pool.hpp"

namespace fathom::inline v0::nn {

class MaxPool2d : public Module {
public:
    PoolOptions options;

    explicit MaxPool2d(const PoolOptions& o) : options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "MaxPool2d"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return max_pool2d(x, options, site);
    }
};

class AvgPool2d : public Module {
public:
    PoolOptions options;

    explicit AvgPool2d(const PoolOptions& o) : options(o) {}
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

}  // namespace fathom::inline v0::nn
