// Definitions of fusion.hpp.
namespace fathom::inline v0::metrics {

FATHOM_INLINE const char* to_string(FusionConvention convention) {
    constexpr const char* names[fusion_convention_count] = {"author", "float", "vifb", "zoo"};
    return names[static_cast<int>(convention)];
}

FATHOM_INLINE const char* to_string(FusionMetric metric) {
    constexpr const char* names[fusion_metric_count] = {
        "EN",  "MI",  "VIF",  "SF", "SD",  "Qabf",  "SCD", "AG", "CC", "SSIM", "MS_SSIM", "PSNR",
        "MSE", "FMI", "Nabf", "CE", "NMI", "QNCIE", "TE",  "EI", "Qy", "Qcb",  "Qcv",     "RMSE"};
    return names[static_cast<int>(metric)];
}

FATHOM_INLINE std::optional<FusionConvention> fusion_convention(std::string_view name) {
    for (int i = 0; i < fusion_convention_count; ++i)
        if (const auto convention = static_cast<FusionConvention>(i); name == to_string(convention)) return convention;
    return std::nullopt;
}

FATHOM_INLINE bool higher_is_better(FusionMetric metric) {
    using enum FusionMetric;
    return metric != MSE && metric != Nabf && metric != CE && metric != TE && metric != Qcv && metric != RMSE;
}

FATHOM_INLINE bool has_metric(FusionConvention convention, FusionMetric metric) {
    using enum FusionMetric;
    switch (convention) {
        case FusionConvention::author:
        case FusionConvention::floating:
            return metric <= Nabf;
        case FusionConvention::vifb:
            for (const FusionMetric one : {EN, MI, SF, SD, Qabf, AG, SSIM, PSNR, CE, EI, Qcb, Qcv, RMSE})
                if (metric == one) return true;
            return false;
        case FusionConvention::zoo:
            return metric != FMI && metric != Qcv && metric != RMSE;
    }
    return false;
}

}  // namespace fathom::inline v0::metrics
