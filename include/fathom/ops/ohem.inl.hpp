// Definitions of ohem.hpp.
#include <cmath>

namespace fathom::inline v0::detail {

// The mean of the losses that count, of the losses. Together with cross-entropy's own node that is the gradient of the
// whole: (softmax - target) dmean / count where a pixel counts. Which do is constant almost everywhere.
class OhemNode final : public autograd::Node {
public:
    OhemNode(const OhemEntries& cpu, const AnyTensor& loss, const kernels::OhemSelection& selection)
        : cpu_(cpu), loss_(loss), selection_(selection) {}

    void backward(autograd::Gradients& g) override { g.add(0, gradient(g.output())); }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor one = new_tensor({}, {}, output.dtype, output.device, name, site);
        autograd::engine::fill(one, 1, *this);
        g.add(0, cpu_.scaled(gradient(one), g.output()));
    }
    void release_saved() override { loss_.release(); }

private:
    AnyTensor gradient(const AnyTensor& dmean) const {
        const AnyTensor loss = loss_.get(*this);
        const AnyTensor dloss = new_tensor(loss.shape(), loss.strides(), loss.dtype(), loss.device(), name, site);
        cpu_.backward(loss, selection_, dmean, dloss);
        return dloss;
    }

    const OhemEntries& cpu_;
    autograd::Saved loss_;
    kernels::OhemSelection selection_;
};

FATHOM_INLINE AnyTensor ohem_cross_entropy(const OhemEntries& cpu, const AnyTensor& logits, const AnyTensor& target,
                                           const OhemOptions& options, Where site) {
    const char* name = "ohem_cross_entropy";
    if (logits.numel() == 0)
        fail(name, site, {"logits have shape ", logits.shape(), ", expected at least one pixel and one class"});
    if (!(options.threshold > 0 && options.threshold <= 1))
        fail(name, site, {"threshold ", options.threshold, " is outside (0, 1]"});
    if (options.n_min < 0) fail(name, site, {"n_min must be at least 0, got ", options.n_min});
    if (!logits.device().is_cpu())
        fail_status(abi::Status::unsupported, call_of(logits.device(), name, site), logits.device(), logits.dtype());
    const AnyTensor loss = cross_entropy(cpu.cross_entropy, logits, target, {{}, options.ignore_index, 0}, name, site);
    const AnyTensor mean = new_tensor({}, {}, loss.dtype(), loss.device(), name, site);
    const auto selection = cpu.forward(loss, -std::log(options.threshold), options.n_min, mean);
    if (autograd::recording(loss))
        autograd::record(mean, Ref<autograd::Node>(new OhemNode(cpu, loss, selection)), name, site,
                         cpu.cross_entropy.ops, {&loss});
    autograd::observe(mean, name, site);
    return mean;
}

}  // namespace fathom::inline v0::detail
