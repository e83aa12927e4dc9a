// Measures of a fused image against the visible and the infrared one, as papers print them. The same names stand for
// different numbers in different code, so a measure belongs to a convention: docs/metrics.md says what each of them
// means in each. The definitions are in metrics/fusion/, a file per family.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::metrics {

// author: the code of SeAFusion's authors, partly in 8-bit arithmetic; floating ("float"): the same measures in
// floating point, as most later papers; vifb: the benchmark VIFB, per channel; zoo: the survey IVIF_ZOO.
enum class FusionConvention { author, floating, vifb, zoo };
inline constexpr int fusion_convention_count = 4;

// In the order of the columns of every table.
// clang-format off
enum class FusionMetric {
    EN, MI, VIF, SF, SD, Qabf, SCD, AG, CC, SSIM, MS_SSIM, PSNR, MSE, FMI, Nabf,
    CE, NMI, QNCIE, TE, EI, Qy, Qcb, Qcv, RMSE
};
// clang-format on
inline constexpr int fusion_metric_count = 24;

const char* to_string(FusionConvention convention);  // "author", "float", "vifb", "zoo"
const char* to_string(FusionMetric metric);          // "EN", "MI", ...
// The convention of that name; nothing of another one.
std::optional<FusionConvention> fusion_convention(std::string_view name);
bool higher_is_better(FusionMetric metric);
// Whether the convention defines the metric.
bool has_metric(FusionConvention convention, FusionMetric metric);

struct FusionScores {
    // NaN: not of this convention, or undefined for these images (0/0, such as the correlation with a constant image).
    std::array<double, fusion_metric_count> values;
    double operator[](FusionMetric metric) const { return values[static_cast<std::size_t>(metric)]; }
};

// Images are [H, W, C] with C = 1 (grey) or 3 (red, green, blue), as io::read_image gives them, of one size. Throws
// Error on other shapes and on an empty image.
FusionScores fusion_scores(const Tensor<std::uint8_t>& visible, const Tensor<std::uint8_t>& infrared,
                           const Tensor<std::uint8_t>& fused, FusionConvention convention, Where site = Where::here());

// The same of images [N, H, W, C], one after another, in parallel over them.
std::vector<FusionScores> fusion_scores_of_batch(const Tensor<std::uint8_t>& visible,
                                                 const Tensor<std::uint8_t>& infrared,
                                                 const Tensor<std::uint8_t>& fused, FusionConvention convention,
                                                 Where site = Where::here());

}  // namespace fathom::inline v0::metrics

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion.inl.hpp"
#endif
