// Definitions of loss.hpp.
#include <algorithm>

namespace fathom::inline v0::detail {

// Calls visit(position, class) for every target in row-major order.
template <class Visit>
void for_each_target(const AnyTensor& target, Where site, Visit visit) {
    const auto* t = static_cast<const std::int64_t*>(host_data(target, site));
    const std::int64_t n = target.numel();
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t offset = 0;
        for (std::int64_t d = target.rank() - 1, rest = i; d >= 0; --d) {
            const std::int64_t size = target.shape()[static_cast<int>(d)];
            offset += rest % size * target.strides()[static_cast<int>(d)];
            rest /= size;
        }
        visit(i, t[offset]);
    }
}

FATHOM_INLINE double class_weight(const AnyTensor& weight, std::int64_t c, Where site) {
    if (!weight.defined()) return 1;
    const void* data = host_data(weight, site);
    const std::int64_t offset = c * weight.strides()[0];
    return weight.dtype() == DType::float32 ? static_cast<double>(static_cast<const float*>(data)[offset])
                                            : static_cast<const double*>(data)[offset];
}

// The slope of the losses, [N, C, ...]: their gradient where dloss is 1, as an operation of its own, so that it can be
// differentiated again.
class CrossEntropySlopeNode final : public autograd::Node {
public:
    CrossEntropySlopeNode(const CrossEntropyEntries& cpu, const AnyTensor& slope, const AnyTensor& target,
                          const CrossEntropySettings& settings)
        : cpu_(cpu), slope_(autograd::Saved::output(slope)), target_(target), settings_(settings) {}

    void backward(autograd::Gradients& g) override { g.add(0, gradient(g.output(), slope_.get(*this))); }
    void backward_recorded(autograd::Gradients& g) override {
        g.add(0, gradient(g.output(), slope_.get_recorded(*this)));
    }
    void release_saved() override { slope_.release(), target_.release(); }

private:
    AnyTensor gradient(const AnyTensor& u, const AnyTensor& slope) const {
        const Shape& shape = slope.shape();
        const std::int64_t classes = shape[1], inner = shape.numel() / std::max<std::int64_t>(1, shape[0] * classes);
        Shape one_class = shape;
        one_class[1] = 1;
        const auto constant = [&](const Shape& s) {
            return new_tensor(s, row_major_strides(s), slope.dtype(), Device::cpu(), name, site);
        };
        const AnyTensor coefficients = constant(shape), inverse_weight = constant(one_class);
        const auto store = [](const AnyTensor& x, std::int64_t i, double value) {
            if (x.dtype() == DType::float32)
                static_cast<float*>(x.raw_unchecked())[i] = static_cast<float>(value);
            else
                static_cast<double*>(x.raw_unchecked())[i] = value;
        };
        for_each_target(target_.get(*this), site, [&](std::int64_t i, std::int64_t t) {
            double sum = 0;
            for (std::int64_t c = 0; c < classes; ++c) {
                const double share = settings_.label_smoothing / static_cast<double>(classes) +
                                     (c == t ? 1 - settings_.label_smoothing : 0);
                const double value = t == settings_.ignore_index ? 0 : share * class_weight(settings_.weight, c, site);
                store(coefficients, (i / inner * classes + c) * inner + i % inner, value);
                sum += value;
            }
            store(inverse_weight, i, sum == 0 ? 0 : 1 / sum);
        });
        return cpu_.slope_gradient(u, slope, coefficients, inverse_weight, site);
    }

    const CrossEntropyEntries& cpu_;
    autograd::Saved slope_, target_;
    CrossEntropySettings settings_;
};

class CrossEntropyNode final : public autograd::Node {
public:
    CrossEntropyNode(const CrossEntropyEntries& cpu, const AnyTensor& logits, const AnyTensor& target,
                     const CrossEntropySettings& settings)
        : cpu_(cpu), logits_(logits), target_(target), settings_(settings) {}

    void backward(autograd::Gradients& g) override {
        const autograd::Target dlogits = g.target(0);
        run_backward(logits_.get(*this), g.output(), dlogits.view, dlogits.flags());
    }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor logits = logits_.get_recorded(*this), &dloss = g.output();
        const AnyTensor ones = new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
        autograd::engine::fill(ones, 1, *this);
        const AnyTensor slope = new_tensor(logits.shape(), output_strides(logits.shape(), {&logits}), logits.dtype(),
                                           logits.device(), name, site);
        run_backward(logits, ones, slope, 0);
        if (autograd::recording(logits))
            autograd::record(slope,
                             Ref<autograd::Node>(new CrossEntropySlopeNode(cpu_, slope, target_.get(*this), settings_)),
                             name, site, ops, {&logits});
        g.add(0, cpu_.scaled(slope, dloss, site));
    }
    void release_saved() override { logits_.release(), target_.release(); }

private:
    void run_backward(const AnyTensor& logits, const AnyTensor& dloss, const AnyTensor& dlogits,
                      std::uint32_t flags) const {
        abi::CrossEntropyArgs args{};
        args.logits = array_of(logits), args.target = array_of(target_.get(*this));
        args.weight = array_of(settings_.weight);
        args.dloss = array_of(dloss), args.dlogits = array_of(dlogits);
        args.ignore_index = settings_.ignore_index, args.label_smoothing = settings_.label_smoothing;
        run(logits, name, site, flags, cpu_.backward, &abi::Table::cross_entropy_backward, args);
    }

    const CrossEntropyEntries& cpu_;
    autograd::Saved logits_, target_;
    CrossEntropySettings settings_;
};

FATHOM_INLINE AnyTensor cross_entropy(const CrossEntropyEntries& cpu, const AnyTensor& logits, const AnyTensor& target,
                                      const CrossEntropySettings& settings, const char* name, Where site) {
    if (logits.rank() < 2) fail(name, site, {"logits have shape ", logits.shape(), ", expected [N,C,...]"});
    Shape positions = logits.shape();
    positions.erase(1);
    if (!(target.shape() == positions))
        fail(name, site,
             {"target has shape ", target.shape(), ", expected ", positions, " (logits ", logits.shape(), ")"});
    if (settings.weight.defined() && !(settings.weight.shape() == Shape{logits.shape()[1]}))
        fail(name, site,
             {"class weights have shape ", settings.weight.shape(), ", expected [", logits.shape()[1], "]"});
    if (!(settings.label_smoothing >= 0 && settings.label_smoothing <= 1))
        fail(name, site, {"label_smoothing ", settings.label_smoothing, " is outside [0, 1]"});
    check_device(logits, target, name, site);
    const AnyTensor loss =
        new_tensor(positions, row_major_strides(positions), logits.dtype(), logits.device(), name, site);
    abi::CrossEntropyArgs args{};
    args.logits = array_of(logits), args.target = array_of(target), args.weight = array_of(settings.weight),
    args.loss = array_of(loss);
    args.ignore_index = settings.ignore_index, args.label_smoothing = settings.label_smoothing;
    run(logits, name, site, 0, cpu.forward, &abi::Table::cross_entropy, args);
    if (autograd::recording(logits))
        autograd::record(loss, Ref<autograd::Node>(new CrossEntropyNode(cpu, logits, target, settings)), name, site,
                         cpu.ops, {&logits});
    autograd::observe(loss, name, site);
    return loss;
}

FATHOM_INLINE double target_weight(const AnyTensor& target, const AnyTensor& weight, std::int64_t ignore_index,
                                   Where site) {
    double total = 0;
    for_each_target(target, site, [&](std::int64_t, std::int64_t c) {
        total += c == ignore_index ? 0 : class_weight(weight, c, site);
    });
    return total;
}

}  // namespace fathom::inline v0::detail
