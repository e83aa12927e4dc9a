// Definitions of structure.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "fathom/metrics/fusion/structure.hpp"
#include "fathom/metrics/fusion/windows.hpp"

namespace fathom::inline v0::metrics::fusion {

// Weighted means of two images under a window: mu, and of the squares and products.
struct Similarity {
    double luminance, contrast_structure;
};
inline Similarity similarity(double mx, double my, double xx, double yy, double xy, double c1, double c2) {
    const double mxx = mx * mx, myy = my * my, mxy = mx * my;
    return {(2 * mxy + c1) / (mxx + myy + c1), (2 * (xy - mxy) + c2) / (xx - mxx + yy - myy + c2)};
}

// Means over the image, of both sources' similarity to the fused image.
struct MeanSimilarity {
    double whole[2], contrast_structure[2];
};

inline MeanSimilarity mean_similarity(const Plane& a, const Plane& b, const Plane& f, double range) {
    const Window window = gaussian_window(11, 1.5);
    const double c1 = 0.01 * range * (0.01 * range), c2 = 0.03 * range * (0.03 * range);
    MeanSimilarity sums{};
    double count = 0;
    slide(
        window, f.rows, f.columns, Padding::none, 8, 1,
        [&](std::int64_t y, double* const* to) {
            const double *p = a.row(y), *q = b.row(y), *r = f.row(y);
            for (std::int64_t x = 0; x < f.columns; ++x) {
                to[0][x] = p[x], to[1][x] = q[x], to[2][x] = r[x];
                to[3][x] = p[x] * p[x], to[4][x] = q[x] * q[x], to[5][x] = r[x] * r[x];
                to[6][x] = p[x] * r[x], to[7][x] = q[x] * r[x];
            }
        },
        [&](std::int64_t, const double* const* mean, std::int64_t columns) {
            for (int s = 0; s < 2; ++s) {
                double whole = 0, part = 0;
                for (std::int64_t x = 0; x < columns; ++x) {
                    const Similarity one =
                        similarity(mean[s][x], mean[2][x], mean[3 + s][x], mean[5][x], mean[6 + s][x], c1, c2);
                    whole += one.luminance * one.contrast_structure;
                    part += one.contrast_structure;
                }
                sums.whole[s] += whole, sums.contrast_structure[s] += part;
            }
            count += static_cast<double>(columns);
        });
    for (int s = 0; s < 2; ++s) sums.whole[s] /= count, sums.contrast_structure[s] /= count;  // 0/0: it does not fit
    return sums;
}

// 2 x 2 means.
inline Plane halved(const Plane& image, OddSide odd) {
    const auto half = [odd](std::int64_t side) {
        return odd == OddSide::repeated ? (side + 1) / 2 : (side + 2 * (side % 2)) / 2;
    };
    Plane result(half(image.rows), half(image.columns));
    // A side that begins with a zero: all pixels move by one.
    const std::int64_t down = odd == OddSide::zeros ? image.rows % 2 : 0,
                       right = odd == OddSide::zeros ? image.columns % 2 : 0;
    const auto at = [&](std::int64_t y, std::int64_t x) {
        y -= down, x -= right;
        if (odd == OddSide::zeros && (y < 0 || x < 0 || y >= image.rows || x >= image.columns)) return 0.0;
        return image.row(std::min(y, image.rows - 1))[std::min(x, image.columns - 1)];
    };
    for (std::int64_t y = 0; y < result.rows; ++y)
        for (std::int64_t x = 0; x < result.columns; ++x)
            result.row(y)[x] =
                (at(2 * y, 2 * x) + at(2 * y, 2 * x + 1) + at(2 * y + 1, 2 * x) + at(2 * y + 1, 2 * x + 1)) / 4;
    return result;
}

FATHOM_INLINE double structural_similarity(const Triple& images, double range) {
    const MeanSimilarity means =
        mean_similarity(Plane(images.visible), Plane(images.infrared), Plane(images.fused), range);
    return means.whole[0] + means.whole[1];
}

FATHOM_INLINE Structure structural_similarities(const Triple& images, double range, OddSide odd) {
    constexpr double powers[] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
    Plane a(images.visible), b(images.infrared), f(images.fused);
    const bool too_small = odd == OddSide::zeros && std::min(f.rows, f.columns) <= 160;
    Structure result{undefined, undefined};
    double products[2] = {1, 1};
    for (int level = 0; level < 5; ++level) {
        if (level > 0) a = halved(a, odd), b = halved(b, odd), f = halved(f, odd);
        const MeanSimilarity means = mean_similarity(a, b, f, range);
        if (level == 0) result.ssim = means.whole[0] + means.whole[1];
        if (too_small) return result;
        for (int s = 0; s < 2; ++s) {
            const double mean = level < 4 ? means.contrast_structure[s] : means.whole[s];
            products[s] *= std::pow(mean < 0 ? 0 : mean, powers[level]);
        }
    }
    result.ms_ssim = products[0] + products[1];
    return result;
}

FATHOM_INLINE double yang(const Triple& images) {
    const Window window{gaussian_window(7, 1.5).along_rows, std::vector<double>(7, 1.0)};
    constexpr double c1 = 1e-4, c2 = 9e-4;
    double total = 0;
    slide(
        window, images.fused.rows, images.fused.columns, Padding::zeros, 9, 1,
        [&](std::int64_t y, double* const* to) {
            const std::uint8_t *p = images.visible.row(y), *q = images.infrared.row(y), *r = images.fused.row(y);
            for (std::int64_t x = 0; x < images.fused.columns; ++x) {
                const double a = p[x], b = q[x], f = r[x];
                to[0][x] = a, to[1][x] = b, to[2][x] = f;
                to[3][x] = a * a, to[4][x] = b * b, to[5][x] = f * f;
                to[6][x] = a * f, to[7][x] = b * f, to[8][x] = a * b;
            }
        },
        [&](std::int64_t, const double* const* m, std::int64_t columns) {
            total += sum_over(columns, [&](std::int64_t x) {
                const auto s = [&](int i, int j, int product) {
                    const Similarity one =
                        similarity(m[i][x], m[j][x], m[3 + i][x], m[3 + j][x], m[product][x], c1, c2);
                    return one.luminance * one.contrast_structure;
                };
                const double af = s(0, 2, 6), bf = s(1, 2, 7);
                if (s(0, 1, 8) < 0.75) return std::max(af, bf);
                const double va = m[3][x] - m[0][x] * m[0][x], vb = m[4][x] - m[1][x] * m[1][x];
                const double lambda = va / (va + vb + 1e-10);
                return lambda * af + (1 - lambda) * bf;
            });
        });
    return total / static_cast<double>(images.fused.size());
}

}  // namespace fathom::inline v0::metrics::fusion
