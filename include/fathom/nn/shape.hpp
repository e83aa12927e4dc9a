// Modules that change shapes or nothing, for Sequential: Flatten, Unflatten, Identity.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/views.hpp"

namespace fathom::inline v0::nn {

// All dimensions from start_dim to end_dim as one; by default all but the batch's.
class Flatten : public Module {
public:
    int start_dim, end_dim;

    explicit Flatten(int start = 1, int end = -1) : start_dim(start), end_dim(end) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "Flatten"; }
    template <Element T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return flatten(x, start_dim, end_dim, site);
    }
};

// The inverse: one dimension as several, one of whose sizes may be -1.
class Unflatten : public Module {
public:
    int dim;
    Shape sizes;

    Unflatten(int d, const Shape& s) : dim(d), sizes(s) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "Unflatten"; }
    template <Element T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return unflatten(x, dim, sizes, site);
    }
};

class Identity : public Module {
public:
    void visit(Visitor&) override {}
    const char* kind() const override { return "Identity"; }
    template <Element T>
    Tensor<T> operator()(const Tensor<T>& x, Where = Where::here()) const {
        return x;
    }
};

}  // namespace fathom::inline v0::nn
