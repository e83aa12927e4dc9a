// Definitions of content_loss.hpp.

namespace fathom::inline v0::seafusion::detail {

FATHOM_INLINE void check_content_loss(const AnyTensor& fused, const AnyTensor& visible, const AnyTensor& infrared,
                                      const char* name, Where site) {
    const Shape& s = fused.shape();
    if (s.rank() != 4 || s[1] != 1 || s.numel() == 0)
        fail(name, site, {"fused has shape ", s, ", expected [N,1,H,W] with at least one pixel"});
    if (!(visible.shape() == s) || !(infrared.shape() == s))
        fail(name, site,
             {"fused has shape ", s, ", visible ", visible.shape(), ", infrared ", infrared.shape(),
              "; expected the same"});
    check_device(fused, visible, name, site);
    check_device(fused, infrared, name, site);
    if (autograd::requires_grad(visible) || autograd::requires_grad(infrared))
        fail(name, site, {"the images are data and take no gradient; detach() them"});
}

}  // namespace fathom::inline v0::seafusion::detail
