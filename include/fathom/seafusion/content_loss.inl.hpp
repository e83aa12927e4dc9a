// Definitions of content_loss.hpp.
#include "fathom/autograd/composite.hpp"

namespace fathom::inline v0::seafusion::detail {

class ContentLossNode final : public autograd::Node {
public:
    ContentLossNode(const ContentLossEntries& cpu, const AnyTensor& fused, const AnyTensor& visible,
                    const AnyTensor& infrared, double alpha)
        : cpu_(cpu), fused_(fused), visible_(visible), infrared_(infrared), alpha_(alpha) {}

    void backward(autograd::Gradients& g) override {
        const AnyTensor fused = fused_.get(*this);
        const autograd::Target dfused = g.target(0);
        abi::FusionLossArgs args{};
        args.fused = fathom::detail::array_of(fused), args.visible = fathom::detail::array_of(visible_.get(*this));
        args.infrared = fathom::detail::array_of(infrared_.get(*this)),
        args.dfused = fathom::detail::array_of(dfused.view);
        args.dtotal = fathom::detail::array_of(g.output()), args.alpha = alpha_;
        fathom::detail::run(fused, name, site, dfused.flags(), cpu_.backward, &abi::Table::fusion_loss_backward, args);
    }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor fused = fused_.get_recorded(*this);
        autograd::backward_by_composite(
            g, cpu_.composite(fused, visible_.get(*this), infrared_.get(*this), alpha_, site), {fused}, site);
    }
    void release_saved() override { fused_.release(), visible_.release(), infrared_.release(); }

private:
    const ContentLossEntries& cpu_;
    autograd::Saved fused_, visible_, infrared_;
    double alpha_;
};

FATHOM_INLINE AnyTensor content_loss(const ContentLossEntries& cpu, const AnyTensor& fused_in,
                                     const AnyTensor& visible_in, const AnyTensor& infrared_in, double alpha,
                                     AnyTensor& sums, Where site) {
    const char* name = "content_loss";
    const Shape& s = fused_in.shape();
    if (s.rank() != 4 || s[1] != 1 || s.numel() == 0)
        fail(name, site, {"fused has shape ", s, ", expected [N,1,H,W] with at least one pixel"});
    if (!(visible_in.shape() == s) || !(infrared_in.shape() == s))
        fail(name, site,
             {"fused has shape ", s, ", visible ", visible_in.shape(), ", infrared ", infrared_in.shape(),
              "; expected the same"});
    fathom::detail::check_device(fused_in, visible_in, name, site);
    fathom::detail::check_device(fused_in, infrared_in, name, site);
    if (autograd::requires_grad(visible_in) || autograd::requires_grad(infrared_in))
        fail(name, site, {"the images are data and take no gradient; detach() them"});
    const auto rows = [&](const AnyTensor& x) {
        return fathom::detail::with_pixel_stride(x, cpu.ops->copy, name, site);
    };
    const AnyTensor fused = rows(fused_in), visible = rows(visible_in), infrared = rows(infrared_in);
    abi::FusionLossArgs args{};
    args.fused = fathom::detail::array_of(fused), args.visible = fathom::detail::array_of(visible),
    args.infrared = fathom::detail::array_of(infrared);
    sums = fathom::detail::new_tensor({2}, {1}, DType::float64, fused.device(), name, site);
    const AnyTensor total = fathom::detail::new_tensor({}, {}, fused.dtype(), fused.device(), name, site);
    args.sums = fathom::detail::array_of(sums), args.total = fathom::detail::array_of(total), args.alpha = alpha;
    fathom::detail::run(fused, name, site, 0, cpu.forward, &abi::Table::fusion_loss, args);
    if (autograd::recording(fused))
        autograd::record(total, Ref<autograd::Node>(new ContentLossNode(cpu, fused, visible, infrared, alpha)), name,
                         site, cpu.ops, {&fused});
    autograd::observe(total, name, site);
    return total;
}

}  // namespace fathom::inline v0::seafusion::detail
