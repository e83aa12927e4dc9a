// Definitions of fusion.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "fathom/core/parallel_for.hpp"
#include "fathom/metrics/fusion.hpp"
#include "fathom/metrics/fusion/edges.hpp"
#include "fathom/metrics/fusion/features.hpp"
#include "fathom/metrics/fusion/information.hpp"
#include "fathom/metrics/fusion/information_fidelity.hpp"
#include "fathom/metrics/fusion/intensity.hpp"
#include "fathom/metrics/fusion/perception.hpp"
#include "fathom/metrics/fusion/structure.hpp"
#include "fathom/ops/copy.hpp"

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

namespace fusion {

class ScoreSheet {
public:
    ScoreSheet() { scores_.values.fill(undefined); }
    double& operator[](FusionMetric metric) { return scores_.values[static_cast<std::size_t>(metric)]; }
    const FusionScores& scores() const { return scores_; }

private:
    FusionScores scores_;
};

inline double mean_correlation(const Triple& t) {
    return (correlation(t.visible, t.fused) + correlation(t.infrared, t.fused)) / 2;
}
inline double correlation_of_differences(const Triple& t) {
    return correlation_of_difference(t.fused, t.infrared, t.visible) +
           correlation_of_difference(t.fused, t.visible, t.infrared);
}
inline double mean_square_differences(const Triple& t) {
    return (mean_square_difference(t.visible, t.fused) + mean_square_difference(t.infrared, t.fused)) / 2;
}
inline double both_mutual_information(const Triple& t, JointLevels levels = JointLevels::all) {
    return mutual_information(t.visible, t.fused, levels) + mutual_information(t.infrared, t.fused, levels);
}
inline double mean_gradient(const Plane& gradients) {
    return sum_over(gradients.size(), [&](std::int64_t i) { return gradients.values[static_cast<std::size_t>(i)]; }) /
           static_cast<double>(gradients.size());
}
// From the mean over all pixels to that over (rows - 1)(columns - 1).
inline double over_differences(double mean, const Grey& image) {
    return mean * static_cast<double>(image.size()) / static_cast<double>((image.rows - 1) * (image.columns - 1));
}

inline FusionScores author_scores(const Triple& t, bool author) {
    using enum FusionMetric;
    ScoreSheet s;
    s[EN] = entropy(histogram(t.fused));
    s[MI] = both_mutual_information(t, author ? JointLevels::last_two_as_one : JointLevels::all);
    if (!author) s[MI] *= std::numbers::ln2;
    s[VIF] = information_fidelity(t, author ? Fidelity::author : Fidelity::floating);
    s[SF] = spatial_frequency(t.fused) / (author ? 255 : 1);
    s[SD] = author ? standard_deviation_in_bytes(t.fused) : standard_deviation(t.fused);
    const auto edges = [author](const Grey& image) { return author ? edges_of_fractions(image) : edges_of(image, 1); };
    s[Qabf] = edges_kept(edges(t.visible), edges(t.infrared), edges(t.fused));
    s[SCD] = correlation_of_differences(t);
    const Plane slopes = gradients(t.fused);
    s[AG] = author ? over_differences(mean_gradient(slopes), t.fused) : mean_gradient(slopes);
    s[CC] = mean_correlation(t);
    const Structure structure = structural_similarities(t, 255, OddSide::repeated);
    s[SSIM] = structure.ssim, s[MS_SSIM] = structure.ms_ssim;
    s[MSE] = mean_square_differences(t);
    s[PSNR] = 10 * std::log10(255.0 * 255.0 / s[MSE]);
    s[FMI] = feature_information(gradients(t.visible), gradients(t.infrared), slopes);
    s[Nabf] = edges_added(t);
    return s.scores();
}

inline FusionScores zoo_scores(const Triple& t) {
    using enum FusionMetric;
    ScoreSheet s;
    const Histogram a = histogram(t.visible), b = histogram(t.infrared), f = histogram(t.fused);
    constexpr double tiny = 1e-10;
    s[EN] = entropy(f, 1e-7);
    s[MI] = both_mutual_information(t);
    const double sources = entropy(a, tiny) + entropy(b, tiny);
    s[NMI] = t.visible.constant() && t.infrared.constant() ? undefined : 2 * s[MI] / (sources + tiny);
    s[TE] = sources - entropy(f, tiny);
    s[CE] = sigmoid_cross_entropy(t);
    s[QNCIE] = correlation_information(t);
    s[SF] = spatial_frequency(t.fused);
    s[SD] = standard_deviation(t.fused);
    s[AG] = mean_gradient(gradients(t.fused));
    s[EI] = edge_intensity(t.fused, Border::zeros);
    s[CC] = mean_correlation(t);
    s[SCD] = correlation_of_differences(t);
    s[MSE] = mean_square_differences(t) / (255.0 * 255.0);
    s[PSNR] = 20 * std::log10(255 / std::sqrt(s[MSE]));
    s[Qabf] = edges_kept(edges_of(t.visible, 1), edges_of(t.infrared, 1), edges_of(t.fused, 1));
    s[Nabf] = edges_added(t);
    s[VIF] = information_fidelity(t, Fidelity::zoo);
    const Structure structure = structural_similarities(t, 1, OddSide::zeros);
    s[SSIM] = structure.ssim, s[MS_SSIM] = structure.ms_ssim;
    s[Qy] = yang(t);
    const auto contrasts = masked_contrasts({&t.visible, &t.infrared, &t.fused}, ChenBlum::zoo);
    s[Qcb] = contrast_kept(contrasts[0], contrasts[1], contrasts[2], ChenBlum::zoo);
    return s.scores();
}

inline std::vector<Grey> all_channels(const Pixels& image) {
    std::vector<Grey> channels;
    for (std::int64_t k = 0; k < image.channels; ++k) channels.push_back(channel_of(image, k));
    return channels;
}

// The channels that vifb compares: those of the fused image, each with its own of a source or with its only one. A
// fused image of one channel is compared with grey sources.
inline std::vector<Grey> channels_beside(const Pixels& image, const Pixels& fused) {
    std::vector<Grey> channels;
    if (fused.channels == 1)
        channels.push_back(grey_of(image));
    else
        channels = all_channels(image);
    // A grey image in three channels: what holds for one holds for all.
    if (channels.size() == 3 && channels[0].values == channels[1].values && channels[0].values == channels[2].values)
        channels.resize(1);
    return channels;
}

// f(visible, infrared, fused) of what was made of every channel, averaged.
template <class T, class F>
double channel_mean(const std::vector<T>& visible, const std::vector<T>& infrared, const std::vector<T>& fused, F f) {
    const std::size_t count = std::max({visible.size(), infrared.size(), fused.size()});
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k)
        sum += f(visible[k % visible.size()], infrared[k % infrared.size()], fused[k % fused.size()]);
    return sum / static_cast<double>(count);
}
// make(image) of every channel.
template <class Make>
auto of_channels(const std::vector<Grey>& channels, Make make) {
    std::vector<decltype(make(channels[0]))> made;
    for (const Grey& channel : channels) made.push_back(make(channel));
    return made;
}

inline FusionScores vifb_scores(const Pixels& visible, const Pixels& infrared, const Pixels& fused) {
    using enum FusionMetric;
    ScoreSheet s;
    const std::vector<Grey> a = channels_beside(visible, fused), b = channels_beside(infrared, fused),
                            f = channels_beside(fused, fused);
    const auto mean = [&](auto of) { return channel_mean(a, b, f, of); };
    const auto fused_mean = [&](auto of) {
        return channel_mean(f, f, f, [&](auto& z, auto&, auto&) { return of(z); });
    };
    const auto triple_mean = [&](auto of) {
        return mean([&](const Grey& x, const Grey& y, const Grey& z) { return of(Triple{x, y, z}); });
    };
    s[EN] = fused_mean([](const Grey& z) { return entropy(histogram(z)); });
    s[SD] = fused_mean([](const Grey& z) { return standard_deviation(z); });
    s[AG] = fused_mean([](const Grey& z) { return over_differences(mean_gradient(gradients(z)), z); });
    s[EI] = fused_mean([](const Grey& z) { return edge_intensity(z, Border::repeated); });
    s[SF] = spatial_frequency_side_by_side(all_channels(fused));
    s[MI] = triple_mean([](const Triple& t) { return both_mutual_information(t) * std::numbers::ln2; });
    s[CE] = triple_mean([](const Triple& t) {
        const Histogram h = histogram(t.fused);
        return (divergence(histogram(t.visible), h) + divergence(histogram(t.infrared), h)) / 2;
    });
    // The square root of a sum, over the number of pixels.
    const auto error = [](const Triple& t) {
        const auto pixels = static_cast<double>(t.fused.size());
        return (std::sqrt(mean_square_difference(t.visible, t.fused) / pixels) +
                std::sqrt(mean_square_difference(t.infrared, t.fused) / pixels)) /
               2;
    };
    s[RMSE] = triple_mean(error);
    s[PSNR] = triple_mean([&](const Triple& t) { return 20 * std::log10(255 / std::sqrt(error(t))); });
    s[SSIM] = triple_mean([](const Triple& t) { return structural_similarity(t, 255); });
    const auto edges = [](const Grey& image) { return edges_of(image, 255); };
    s[Qabf] = channel_mean(of_channels(a, edges), of_channels(b, edges), of_channels(f, edges), edges_kept);
    const std::vector<double> filter = difference_filter(f[0].rows, f[0].columns);
    s[Qcv] = channel_mean(
        of_channels(a, salience), of_channels(b, salience), of_channels(f, salience),
        [&](const Salience& x, const Salience& y, const Salience& z) { return weighted_difference(x, y, z, filter); });
    // All images together, since they are filtered in pairs.
    std::vector<const Grey*> all;
    for (const auto* channels : {&a, &b, &f})
        for (const Grey& channel : *channels) all.push_back(&channel);
    const auto contrasts = masked_contrasts(all, ChenBlum::vifb);
    const auto part = [&](std::size_t first, std::size_t count) {
        std::vector<const Plane*> planes;
        for (std::size_t k = 0; k < count; ++k) planes.push_back(&contrasts[first + k]);
        return planes;
    };
    s[Qcb] = channel_mean(
        part(0, a.size()), part(a.size(), b.size()), part(a.size() + b.size(), f.size()),
        [](const Plane* x, const Plane* y, const Plane* z) { return contrast_kept(*x, *y, *z, ChenBlum::vifb); });
    return s.scores();
}

inline FusionScores scores_of(const Pixels& visible, const Pixels& infrared, const Pixels& fused,
                              FusionConvention convention) {
    if (convention == FusionConvention::vifb) return vifb_scores(visible, infrared, fused);
    const auto grey = convention == FusionConvention::zoo ? grey_by_shifts : grey_of;
    const Grey a = grey(visible), b = grey(infrared), f = grey(fused);
    if (convention == FusionConvention::zoo) return zoo_scores({a, b, f});
    return author_scores({a, b, f}, convention == FusionConvention::author);
}

// Images [..., H, W, C], `rank` dimensions; what is said of them names the sizes of all.
struct CheckedImages {
    Tensor<std::uint8_t> visible, infrared, fused;

    CheckedImages(const Tensor<std::uint8_t>& v, const Tensor<std::uint8_t>& i, const Tensor<std::uint8_t>& f, int rank,
                  Where site) {
        const char* expected = rank == 3 ? "[H,W,1] or [H,W,3]" : "[N,H,W,1] or [N,H,W,3]";
        const std::pair<const char*, const Tensor<std::uint8_t>*> named[] = {
            {"visible", &v}, {"infrared", &i}, {"fused", &f}};
        for (const auto& [name, image] : named) {
            if (!image->defined()) fail("fusion scores", site, {"the ", name, " image is undefined"});
            const Shape& shape = image->shape();
            if (shape.rank() != rank || (shape[rank - 1] != 1 && shape[rank - 1] != 3) || shape[rank - 2] < 1 ||
                shape[rank - 3] < 1)
                fail("fusion scores", site, {"the ", name, " image has shape ", shape, ", expected ", expected});
        }
        for (int d = 0; d < rank - 1; ++d)
            if (v.shape()[d] != f.shape()[d] || i.shape()[d] != f.shape()[d])
                fail("fusion scores", site,
                     {"the visible image has shape ", v.shape(), ", the infrared ", i.shape(), ", the fused ",
                      f.shape(), "; expected one size"});
        visible = contiguous(v, MemoryFormat::row_major, site);
        infrared = contiguous(i, MemoryFormat::row_major, site);
        fused = contiguous(f, MemoryFormat::row_major, site);
    }
    FusionScores scores(std::int64_t n, FusionConvention convention, Where site) const {
        const auto pixels = [&](const Tensor<std::uint8_t>& x) {
            const int rank = x.rank();
            const std::int64_t rows = x.shape()[rank - 3], columns = x.shape()[rank - 2],
                               channels = x.shape()[rank - 1];
            return Pixels{x.data(site) + n * rows * columns * channels, rows, columns, channels};
        };
        return scores_of(pixels(visible), pixels(infrared), pixels(fused), convention);
    }
};

}  // namespace fusion

FATHOM_INLINE FusionScores fusion_scores(const Tensor<std::uint8_t>& visible, const Tensor<std::uint8_t>& infrared,
                                         const Tensor<std::uint8_t>& fused, FusionConvention convention, Where site) {
    return fusion::CheckedImages(visible, infrared, fused, 3, site).scores(0, convention, site);
}

FATHOM_INLINE std::vector<FusionScores> fusion_scores_of_batch(const Tensor<std::uint8_t>& visible,
                                                               const Tensor<std::uint8_t>& infrared,
                                                               const Tensor<std::uint8_t>& fused,
                                                               FusionConvention convention, Where site) {
    const fusion::CheckedImages images(visible, infrared, fused, 4, site);
    std::vector<FusionScores> scores(static_cast<std::size_t>(fused.shape()[0]));
    parallel_for(0, fused.shape()[0], 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t n = first; n < last; ++n)
            scores[static_cast<std::size_t>(n)] = images.scores(n, convention, site);
    });
    return scores;
}

}  // namespace fathom::inline v0::metrics
