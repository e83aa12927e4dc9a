// Definitions of loss.hpp.
#include "fathom/autograd/composite.hpp"

namespace fathom::inline v0::detail {

class CrossEntropyNode final : public autograd::Node {
public:
    CrossEntropyNode(const CrossEntropyEntries& cpu, const AnyTensor& logits, const AnyTensor& target,
                     const CrossEntropySettings& settings)
        : cpu_(cpu), logits_(logits), target_(target), settings_(settings) {}

    void backward(autograd::Gradients& g) override {
        const AnyTensor logits = logits_.get(*this);
        const autograd::Target dlogits = g.target(0);
        abi::CrossEntropyArgs args{};
        args.logits = array_of(logits), args.target = array_of(target_.get(*this)),
        args.weight = array_of(settings_.weight);
        args.dloss = array_of(g.output()), args.dlogits = array_of(dlogits.view);
        args.ignore_index = settings_.ignore_index, args.label_smoothing = settings_.label_smoothing;
        run(logits, name, where, dlogits.flags(), cpu_.backward, &abi::Table::cross_entropy_backward, args);
    }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor logits = logits_.get_recorded(*this);
        autograd::backward_by_composite(g, cpu_.composite(logits, target_.get(*this), settings_, where), {logits},
                                        where);
    }
    void release_saved() override { logits_.release(), target_.release(); }

private:
    const CrossEntropyEntries& cpu_;
    autograd::Saved logits_, target_;
    CrossEntropySettings settings_;
};

FATHOM_INLINE AnyTensor cross_entropy(const CrossEntropyEntries& cpu, const AnyTensor& logits, const AnyTensor& target,
                                      const CrossEntropySettings& settings, Where where) {
    const char* name = "cross_entropy";
    if (logits.rank() < 2) fail(name, where, {"logits have shape ", logits.shape(), ", expected [N,C,...]"});
    Shape positions = logits.shape();
    positions.erase(1);
    if (!(target.shape() == positions))
        fail(name, where,
             {"target has shape ", target.shape(), ", expected ", positions, " (logits ", logits.shape(), ")"});
    if (settings.weight.defined() && !(settings.weight.shape() == Shape{logits.shape()[1]}))
        fail(name, where,
             {"class weights have shape ", settings.weight.shape(), ", expected [", logits.shape()[1], "]"});
    if (!(settings.label_smoothing >= 0 && settings.label_smoothing <= 1))
        fail(name, where, {"label_smoothing ", settings.label_smoothing, " is outside [0, 1]"});
    check_device(logits, target, name, where);
    const AnyTensor loss =
        new_tensor(positions, row_major_strides(positions), logits.dtype(), logits.device(), name, where);
    abi::CrossEntropyArgs args{};
    args.logits = array_of(logits), args.target = array_of(target), args.weight = array_of(settings.weight),
    args.loss = array_of(loss);
    args.ignore_index = settings.ignore_index, args.label_smoothing = settings.label_smoothing;
    run(logits, name, where, 0, cpu.forward, &abi::Table::cross_entropy, args);
    if (autograd::recording(logits))
        autograd::record(loss, Ref<autograd::Node>(new CrossEntropyNode(cpu, logits, target, settings)), name, where,
                         cpu.ops, {&logits});
    autograd::observe(loss, name, where);
    return loss;
}

// Calls visit(position, class) for every target in row-major order.
template <class Visit>
void for_each_target(const AnyTensor& target, Where where, Visit visit) {
    const auto* t = static_cast<const std::int64_t*>(host_data(target, where));
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

FATHOM_INLINE double class_weight(const AnyTensor& weight, std::int64_t c, Where where) {
    if (!weight.defined()) return 1;
    const void* data = host_data(weight, where);
    const std::int64_t offset = c * weight.strides()[0];
    return weight.dtype() == DType::float32 ? static_cast<double>(static_cast<const float*>(data)[offset])
                                            : static_cast<const double*>(data)[offset];
}

FATHOM_INLINE double target_weight(const AnyTensor& target, const AnyTensor& weight, std::int64_t ignore_index,
                                   Where where) {
    double total = 0;
    for_each_target(target, where, [&](std::int64_t, std::int64_t c) {
        total += c == ignore_index ? 0 : class_weight(weight, c, where);
    });
    return total;
}

FATHOM_INLINE Tensor<double> class_coefficients(const AnyTensor& logits, const AnyTensor& target,
                                                const CrossEntropySettings& settings, Where where) {
    const AnyTensor out = new_tensor(logits.shape(), row_major_strides(logits.shape()), DType::float64, Device::cpu(),
                                     "cross_entropy", where);
    auto* values = static_cast<double*>(out.raw_unchecked());
    const std::int64_t classes = logits.shape()[1],
                       inner = logits.numel() / (logits.shape()[0] * classes > 0 ? logits.shape()[0] * classes : 1);
    for_each_target(target, where, [&](std::int64_t i, std::int64_t t) {
        const bool ignored = t == settings.ignore_index;
        for (std::int64_t c = 0; c < classes; ++c) {
            const double share =
                settings.label_smoothing / static_cast<double>(classes) + (c == t ? 1 - settings.label_smoothing : 0);
            values[(i / inner * classes + c) * inner + i % inner] =
                ignored ? 0 : share * class_weight(settings.weight, c, where);
        }
    });
    return Tensor<double>::adopt(out);
}

}  // namespace fathom::inline v0::detail
