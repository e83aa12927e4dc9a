// Definitions of information.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "fathom/metrics/fusion/information.hpp"
#include "fathom/metrics/fusion/intensity.hpp"

namespace fathom::inline v0::metrics::fusion {

FATHOM_INLINE Histogram histogram(const Grey& image) {
    Histogram counts{};
    for (const std::uint8_t x : image.values) ++counts[x];
    return counts;
}

FATHOM_INLINE double entropy(const Histogram& counts, double tiny) {
    double pixels = 0, sum = 0;
    for (const std::int64_t n : counts) pixels += static_cast<double>(n);
    for (const std::int64_t n : counts)
        if (n > 0) sum -= static_cast<double>(n) / pixels * std::log2(static_cast<double>(n) / pixels + tiny);
    return sum;
}

FATHOM_INLINE double mutual_information(const Grey& a, const Grey& f, JointLevels levels) {
    std::vector<std::uint32_t> joint(256 * 256);
    for (std::size_t i = 0; i < a.values.size(); ++i) ++joint[std::size_t{a.values[i]} * 256 + f.values[i]];
    if (levels == JointLevels::last_two_as_one) {
        for (std::size_t i = 0; i < 256; ++i) joint[i * 256 + 254] += joint[i * 256 + 255], joint[i * 256 + 255] = 0;
        for (std::size_t i = 0; i < 256; ++i) joint[254 * 256 + i] += joint[255 * 256 + i], joint[255 * 256 + i] = 0;
    }
    const auto pixels = static_cast<double>(a.size());
    double joint_entropy = 0;
    for (const std::uint32_t n : joint)
        if (n > 0) joint_entropy -= n / pixels * std::log2(n / pixels);
    return entropy(histogram(a)) + entropy(histogram(f)) - joint_entropy;
}

FATHOM_INLINE double divergence(const Histogram& source, const Histogram& fused) {
    double pixels = 0, sum = 0;
    for (const std::int64_t n : source) pixels += static_cast<double>(n);
    for (std::size_t i = 0; i < 256; ++i)
        if (source[i] > 0 && fused[i] > 0) {
            const auto a = static_cast<double>(source[i]), f = static_cast<double>(fused[i]);
            sum += a / pixels * std::log2(a / f);
        }
    return sum;
}

FATHOM_INLINE double sigmoid_cross_entropy(const Triple& images) {
    // Every step is rounded to float, as it was in what is reproduced: the largest sigmoids are 1 or just below.
    float sigmoid[256];
    double log_q[256], log_rest[256];
    constexpr float least = 1e-7f, most = 1 - 0x1p-23f;
    for (int x = 0; x < 256; ++x) {
        const auto e = static_cast<float>(std::exp(-static_cast<double>(x)));
        const float sum = 1 + e;
        sigmoid[x] = 1 / sum;
        const double q = std::clamp(sigmoid[x], least, most);
        log_q[x] = std::log(q), log_rest[x] = std::log(1 - q);
    }
    const std::uint8_t *a = images.visible.values.data(), *b = images.infrared.values.data(),
                       *f = images.fused.values.data();
    const std::int64_t pixels = images.fused.size();
    return sum_over(pixels,
                    [&](std::int64_t i) {
                        const float sum = sigmoid[a[i]] + sigmoid[b[i]];
                        const double t = std::clamp(sum / 2, least, most);
                        return -(t * log_q[f[i]] + (1 - t) * log_rest[f[i]]);
                    }) /
           static_cast<double>(pixels);
}

FATHOM_INLINE double correlation_information(const Triple& images) {
    const double ab = correlation(images.visible, images.infrared), af = correlation(images.visible, images.fused),
                 bf = correlation(images.infrared, images.fused);
    if (std::isnan(ab + af + bf)) return undefined;
    // The roots of the characteristic polynomial of [1 ab af; ab 1 bf; af bf 1], by the angle's third.
    const double size = std::sqrt((ab * ab + af * af + bf * bf) / 3);
    const double cosine = size == 0 ? 1 : std::clamp(ab * af * bf / (size * size * size), -1.0, 1.0);
    const double angle = std::acos(cosine) / 3;
    double value = 1;
    for (int k = 0; k < 3; ++k) {
        const double root = (1 + 2 * size * std::cos(angle + 2 * std::numbers::pi / 3 * k)) / 3;
        if (root > 0) value += root * std::log2(root) / 8;
    }
    return value;
}

}  // namespace fathom::inline v0::metrics::fusion
