// GroupNorm and InstanceNorm2d: ops/group_norm.hpp with weight and bias.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/group_norm.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0::nn {

// The fields are in the order of PyTorch's arguments.
struct GroupNormSettings {
    double eps = 1e-5;
    bool affine = true;  // with weight and bias
};

// Starts as the identity behind the normalisation: weight 1, bias 0.
template <FloatElement T>
class GroupNorm : public Module {
public:
    std::int64_t num_groups;
    Parameter<T> weight, bias;  // [channels], with affine
    GroupNormSettings settings;

    GroupNorm(std::int64_t groups, std::int64_t channels, const GroupNormSettings& s = {}, Where site = Where::here())
        : num_groups(groups), settings(s) {
        if (groups < 1 || channels < 1 || channels % groups != 0)
            fail("GroupNorm", site, {"num_groups ", groups, " must divide the channels, ", channels});
        if (!s.affine) return;
        weight = Parameter<T>(ones<T>({channels}), true, site);
        bias = Parameter<T>(zeros<T>({channels}), true, site);
    }

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
    }
    const char* kind() const override { return "GroupNorm"; }

    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        const ModuleScope scope(path());
        return group_norm(x, num_groups, weight, bias, settings.eps, site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return forward(x, site); }
};

// The fields are in the order of PyTorch's arguments.
struct InstanceNormSettings {
    double eps = 1e-5;
    double momentum = 0.1;
    bool affine = false;               // with weight and bias
    bool track_running_stats = false;  // with running statistics, which eval() uses
};

// Each channel of each image of [N, C, H, W] for itself.
template <FloatElement T>
class InstanceNorm2d : public Module {
public:
    Parameter<T> weight, bias;                 // [channels], with affine
    Buffer<T> running_mean, running_var;       // [channels], with track_running_stats
    Buffer<std::int64_t> num_batches_tracked;  // [], which stays 0, as in PyTorch
    InstanceNormSettings settings;

    explicit InstanceNorm2d(std::int64_t channels, const InstanceNormSettings& s = {}, Where site = Where::here())
        : settings(s), channels_(channels) {
        if (channels < 1) fail("InstanceNorm2d", site, {"channels must be at least 1, got ", channels});
        if (s.affine) {
            weight = Parameter<T>(ones<T>({channels}), true, site);
            bias = Parameter<T>(zeros<T>({channels}), true, site);
        }
        if (!s.track_running_stats) return;
        running_mean = Buffer<T>(zeros<T>({channels}), site);
        running_var = Buffer<T>(ones<T>({channels}), site);
        num_batches_tracked = Buffer<std::int64_t>(zeros<std::int64_t>({}), site);
    }

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
        v("running_mean", running_mean);
        v("running_var", running_var);
        v("num_batches_tracked", num_batches_tracked);
    }
    const char* kind() const override { return "InstanceNorm2d"; }

    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) {
        const ModuleScope scope(path());
        if (x.rank() != 4 || x.shape()[1] != channels_)
            fail("InstanceNorm2d", site, {"input has shape ", x.shape(), ", expected [N,", channels_, ",H,W]"});
        const bool own = is_training() || !running_mean.defined();
        return instance_norm(x, running_mean, running_var, weight, bias, {own, settings.momentum, settings.eps}, site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) { return forward(x, site); }

private:
    std::int64_t channels_;
};

}  // namespace fathom::inline v0::nn
