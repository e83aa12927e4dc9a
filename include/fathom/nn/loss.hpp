// Losses as modules. Their options are fields that a program may change.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/binary_loss.hpp"
#include "fathom/ops/kl_div.hpp"
#include "fathom/ops/nll_loss.hpp"
#include "fathom/ops/similarity.hpp"

namespace fathom::inline v0::nn {

class L1Loss : public Module {
public:
    Reduction reduction;

    explicit L1Loss(Reduction r = Reduction::mean) : reduction(r) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "L1Loss"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& target, Where site = Where::here()) const {
        return l1_loss(x, target, reduction, site);
    }
};

class MSELoss : public Module {
public:
    Reduction reduction;

    explicit MSELoss(Reduction r = Reduction::mean) : reduction(r) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "MSELoss"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& target, Where site = Where::here()) const {
        return mse_loss(x, target, reduction, site);
    }
};

class SmoothL1Loss : public Module {
public:
    Reduction reduction;
    double beta;

    explicit SmoothL1Loss(Reduction r = Reduction::mean, double b = 1) : reduction(r), beta(b) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "SmoothL1Loss"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& target, Where site = Where::here()) const {
        return smooth_l1_loss(x, target, reduction, beta, site);
    }
};

class HuberLoss : public Module {
public:
    Reduction reduction;
    double delta;

    explicit HuberLoss(Reduction r = Reduction::mean, double d = 1) : reduction(r), delta(d) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "HuberLoss"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& target, Where site = Where::here()) const {
        return huber_loss(x, target, reduction, delta, site);
    }
};

class KLDivLoss : public Module {
public:
    KlReduction reduction;
    bool log_target;

    explicit KLDivLoss(KlReduction r = KlReduction::mean, bool log = false) : reduction(r), log_target(log) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "KLDivLoss"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& target, Where site = Where::here()) const {
        return kl_div(x, target, reduction, log_target, site);
    }
};

class DiceLoss : public Module {
public:
    Reduction reduction;
    double smooth;

    explicit DiceLoss(Reduction r = Reduction::mean, double s = 1) : reduction(r), smooth(s) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "DiceLoss"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& target, Where site = Where::here()) const {
        return dice_loss(x, target, reduction, smooth, site);
    }
};

class CosineSimilarity : public Module {
public:
    int dim;
    double eps;

    explicit CosineSimilarity(int d = 1, double e = 1e-8) : dim(d), eps(e) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "CosineSimilarity"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) const {
        return cosine_similarity(a, b, dim, eps, site);
    }
};

// Weights are buffers, as in PyTorch: they move with the module and are saved where they are given.
template <FloatElement T>
class BCELoss : public Module {
public:
    Buffer<T> weight;
    Reduction reduction;

    explicit BCELoss(const BinaryCrossEntropyOptions<T>& o = {}, Where site = Where::here())
        : weight(o.weight, site), reduction(o.reduction) {}
    void visit(Visitor& v) override { v("weight", weight); }
    const char* kind() const override { return "BCELoss"; }
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& target, Where site = Where::here()) const {
        return binary_cross_entropy(x, target, {weight, reduction}, site);
    }
};

template <FloatElement T>
class BCEWithLogitsLoss : public Module {
public:
    Buffer<T> weight, pos_weight;
    Reduction reduction;

    explicit BCEWithLogitsLoss(const BinaryCrossEntropyWithLogitsOptions<T>& o = {}, Where site = Where::here())
        : weight(o.weight, site), pos_weight(o.pos_weight, site), reduction(o.reduction) {}
    void visit(Visitor& v) override {
        v("weight", weight);
        v("pos_weight", pos_weight);
    }
    const char* kind() const override { return "BCEWithLogitsLoss"; }
    Tensor<T> operator()(const Tensor<T>& logits, const Tensor<T>& target, Where site = Where::here()) const {
        return binary_cross_entropy_with_logits(logits, target, {weight, reduction, pos_weight}, site);
    }
};

template <FloatElement T>
class NLLLoss : public Module {
public:
    Buffer<T> weight;
    std::int64_t ignore_index;
    Reduction reduction;

    explicit NLLLoss(const NllLossOptions<T>& o = {}, Where site = Where::here())
        : weight(o.weight, site), ignore_index(o.ignore_index), reduction(o.reduction) {}
    void visit(Visitor& v) override { v("weight", weight); }
    const char* kind() const override { return "NLLLoss"; }
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<std::int64_t>& target, Where site = Where::here()) const {
        return nll_loss(x, target, {weight, ignore_index, reduction}, site);
    }
};

template <FloatElement T>
class CrossEntropyLoss : public Module {
public:
    Buffer<T> weight;
    std::int64_t ignore_index;
    Reduction reduction;
    double label_smoothing;

    explicit CrossEntropyLoss(const CrossEntropyOptions<T>& o = {}, Where site = Where::here())
        : weight(o.weight, site),
          ignore_index(o.ignore_index),
          reduction(o.reduction),
          label_smoothing(o.label_smoothing) {}
    void visit(Visitor& v) override { v("weight", weight); }
    const char* kind() const override { return "CrossEntropyLoss"; }
    // target: class indices, or probabilities of all classes.
    template <Element U>
    Tensor<T> operator()(const Tensor<T>& logits, const Tensor<U>& target, Where site = Where::here()) const {
        return cross_entropy(logits, target, {weight, ignore_index, reduction, label_smoothing}, site);
    }
};

}  // namespace fathom::inline v0::nn
