// BatchNorm1d, BatchNorm2d, and ConvBatchNorm: a convolution, its batch norm and the activation behind them, one
// convolution in eval().
#pragma once

#include <array>
#include <optional>

#include "fathom/core/lock.hpp"
#include "fathom/nn/conv.hpp"
#include "fathom/ops/batch_norm.hpp"
#include "fathom/ops/inplace.hpp"

namespace fathom::inline v0::nn {

// The fields are in the order of PyTorch's arguments; activation and slope come after them.
struct BatchNormSettings {
    double eps = 1e-5;
    std::optional<double> momentum = 0.1;      // none: running statistics are the mean of all batches
    bool affine = true;                        // with weight and bias
    bool track_running_stats = true;           // false: the batch's statistics in eval() too
    Activation activation = Activation::none;  // applied to the result, in the same pass
    double slope = 0.01;                       // of leaky_relu
};

// What BatchNorm1d and BatchNorm2d have in common.
template <FloatElement T>
class BatchNorm : public Module {
public:
    Parameter<T> weight, bias;                 // [channels], with affine
    Buffer<T> running_mean, running_var;       // [channels], with track_running_stats
    Buffer<std::int64_t> num_batches_tracked;  // [], forward passes in training
    BatchNormSettings settings;

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
        v("running_mean", running_mean);
        v("running_var", running_var);
        v("num_batches_tracked", num_batches_tracked);
    }

    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) { return forward(x, settings.activation, site); }
    // With another activation than that of the settings.
    Tensor<T> forward(const Tensor<T>& x, Activation activation, Where site = Where::here()) {
        const ModuleScope scope(path());
        BatchNormOptions options{is_training() || !running_mean.defined(), settings.momentum.value_or(0), settings.eps,
                                 activation, settings.slope};
        Tensor<std::int64_t> count = num_batches_tracked;
        const bool counts = is_training() && count.defined();
        if (counts && !settings.momentum) options.momentum = 1 / static_cast<double>(count.item(site) + 1);
        const Tensor<T> y = batch_norm(x, running_mean, running_var, weight, bias, options, site);
        if (counts && !fathom::detail::running_again()) count += std::int64_t{1};
        return y;
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) { return forward(x, site); }

protected:
    BatchNorm(std::int64_t channels, const BatchNormSettings& s, const char* name, Where site) : settings(s) {
        if (channels < 1) fail(name, site, {"channels must be at least 1, got ", channels});
        if (s.affine) {
            weight = Parameter<T>(ones<T>({channels}), true, site);
            bias = Parameter<T>(zeros<T>({channels}), true, site);
        }
        if (!s.track_running_stats) return;
        running_mean = Buffer<T>(zeros<T>({channels}), site);
        running_var = Buffer<T>(ones<T>({channels}), site);
        num_batches_tracked = Buffer<std::int64_t>(zeros<std::int64_t>({}), site);
    }
};

// Per channel of [N, C, H, W]: the batch's mean and variance while training, the running ones in eval(). Starts as the
// identity: weight 1, bias 0, running_mean 0, running_var 1.
template <FloatElement T>
class BatchNorm2d : public BatchNorm<T> {
public:
    explicit BatchNorm2d(std::int64_t channels, const BatchNormSettings& s = {}, Where site = Where::here())
        : BatchNorm<T>(channels, s, "BatchNorm2d", site) {}
    const char* kind() const override { return "BatchNorm2d"; }
};
// The same of [N, C] or [N, C, L].
template <FloatElement T>
class BatchNorm1d : public BatchNorm<T> {
public:
    explicit BatchNorm1d(std::int64_t channels, const BatchNormSettings& s = {}, Where site = Where::here())
        : BatchNorm<T>(channels, s, "BatchNorm1d", site) {}
    const char* kind() const override { return "BatchNorm1d"; }
};

// activation(batch_norm(conv(x))). In eval() the norm is folded into the convolution; with the running mean m and
// variance v:
//   r      = bn.weight / sqrt(v + eps)
//   weight = conv.weight r
//   bias   = bn.bias - m r
// Gradients flow all the same. A net that names the parts otherwise visits them itself.
template <FloatElement T>
class ConvBatchNorm : public Module {
public:
    Conv2d<T> conv;  // without bias
    BatchNorm2d<T> bn;

    // Without values: forward throws until weights are loaded or initialised.
    ConvBatchNorm(std::int64_t in_channels, std::int64_t out_channels, ConvOptions o, Where site = Where::here())
        : conv(in_channels, out_channels, without_bias(o), site),
          bn(out_channels, {.activation = o.activation, .slope = o.slope}, site) {}

    void visit(Visitor& v) override {
        v("conv", conv);
        v("bn", bn);
    }
    const char* kind() const override { return "ConvBatchNorm"; }

    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) {
        if (bn.is_training()) return bn(convolved(x, site), site);
        return folded(
            [&](const Tensor<T>& weight, const Tensor<T>& bias, const Conv2dOptions& options) {
                return conv2d(conv.padded(x, site), weight, bias, options, site);
            },
            site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) { return forward(x, site); }
    // activation(batch_norm(conv(x)) + residual), residual of the result's shape.
    Tensor<T> forward(const Tensor<T>& x, const Tensor<T>& residual, Where site = Where::here()) {
        if (bn.is_training())
            return detail::activate(Tensor<T>(bn.forward(convolved(x, site), Activation::none, site) + residual),
                                    bn.settings.activation, bn.settings.slope, site);
        return folded(
            [&](const Tensor<T>& weight, const Tensor<T>& bias, const Conv2dOptions& options) {
                return conv2d_add(conv.padded(x, site), weight, bias, residual, options, site);
            },
            site);
    }

private:
    Tensor<T> convolved(const Tensor<T>& x, Where site) {
        folded_.set({});
        return conv(x, site);
    }
    // run(weight, bias, options) of the one convolution that eval() needs.
    template <class Run>
    Tensor<T> folded(Run run, Where site) {
        conv.require_weights(site);
        const ModuleScope scope(conv.path());
        Conv2dOptions options = conv.options;
        options.activation = bn.settings.activation, options.slope = bn.settings.slope;
        if (autograd::recording(conv.weight.untyped(), bn.weight.untyped(), bn.bias.untyped())) {
            const auto [weight, bias] = fold(site);
            return run(weight, bias, options);
        }
        Ref<Folded> kept = folded_.get();
        if (!kept || !kept->is_of(sources(), bn.settings.eps)) {
            kept = new Folded(fold(site), sources(), bn.settings.eps);
            folded_.set(kept);
        }
        return run(kept->values.first, kept->values.second, options);
    }

    using Sources = std::array<const AnyTensor*, 5>;
    using Values = std::pair<Tensor<T>, Tensor<T>>;  // weight, bias

    // What was folded, kept until something writes into what it was made from, or training goes on.
    struct Folded final : Refcounted {
        const Values values;
        std::array<Ref<Storage>, 5> storages;
        std::array<std::uint32_t, 5> versions = {};
        const double eps;

        Folded(Values v, const Sources& from, double e) : values(std::move(v)), eps(e) {
            for (std::size_t i = 0; i < 5; ++i)
                storages[i] = from[i]->impl().storage, versions[i] = storages[i]->version();
        }
        bool is_of(const Sources& from, double e) const {
            for (std::size_t i = 0; i < 5; ++i)
                if (!(storages[i] == from[i]->impl().storage) || versions[i] != storages[i]->version()) return false;
            return eps == e;
        }
    };
    // Read and written by a net in eval() on several threads: each may fold once.
    class Slot {
    public:
        Slot() = default;
        Slot(const Slot& other) : folded_(other.get()) {}
        Slot& operator=(const Slot& other) {
            set(other.get());
            return *this;
        }
        Ref<Folded> get() const {
            const v0::detail::Lock lock(mutex_);
            return folded_;
        }
        void set(Ref<Folded> folded) {
            const v0::detail::Lock lock(mutex_);
            std::swap(folded_, folded);
        }

    private:
        mutable v0::detail::Mutex mutex_;
        Ref<Folded> folded_;
    };

    Sources sources() const {
        return {&conv.weight.untyped(), &bn.weight.untyped(), &bn.bias.untyped(), &bn.running_mean.untyped(),
                &bn.running_var.untyped()};
    }
    Values fold(Where site) const {
        const Tensor<T> r = bn.weight / sqrt(bn.running_var + static_cast<T>(bn.settings.eps), site);
        return {Tensor<T>(conv.weight * reshape(r, {r.numel(), 1, 1, 1}, site)),
                Tensor<T>(bn.bias - bn.running_mean * r)};
    }

    Slot folded_;

    static ConvOptions without_bias(ConvOptions o) {
        o.bias = false, o.activation = Activation::none;
        return o;
    }
};

}  // namespace fathom::inline v0::nn
