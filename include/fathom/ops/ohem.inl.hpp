// Definitions of ohem.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_ohem(const AnyTensor& logits, const OhemOptions& options, const char* name, Where site) {
    if (logits.numel() == 0)
        fail(name, site, {"logits have shape ", logits.shape(), ", expected at least one pixel and one class"});
    if (!(options.threshold > 0 && options.threshold <= 1))
        fail(name, site, {"threshold ", options.threshold, " is outside (0, 1]"});
    if (options.n_min < 0) fail(name, site, {"n_min must be at least 0, got ", options.n_min});
}

}  // namespace fathom::inline v0::detail
