// Definitions of statistics.hpp.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "fathom/core/error.hpp"
#include "fathom/core/random.hpp"

namespace fathom::inline v0::metrics {

FATHOM_INLINE Summary summarize(const std::vector<double>& values) {
    Summary s;
    double sum = 0;
    for (const double v : values) {
        if (std::isnan(v)) {
            ++s.undefined;
            continue;
        }
        ++s.count;
        sum += v;
    }
    if (s.count == 0) return s;
    s.mean = sum / static_cast<double>(s.count);
    if (s.count < 2) return s;
    double squares = 0;
    for (const double v : values)
        if (!std::isnan(v)) squares += (v - s.mean) * (v - s.mean);
    s.deviation = std::sqrt(squares / static_cast<double>(s.count - 1));
    return s;
}

FATHOM_INLINE std::vector<double> ranks(const std::vector<double>& values, bool higher_is_better) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isnan(values[i])) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return higher_is_better ? values[a] > values[b] : values[a] < values[b];
    });
    std::vector<double> result(values.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
        for (std::size_t i = first; i < last; ++i)
            result[order[i]] = static_cast<double>(first + 1 + last) / 2;  // the mean of first + 1 to last
    }
    return result;
}

FATHOM_INLINE PairedBootstrap::PairedBootstrap(std::int64_t images, Where site)
    : PairedBootstrap(images, Options{}, site) {}

FATHOM_INLINE PairedBootstrap::PairedBootstrap(std::int64_t images, const Options& options, Where site)
    : options_(options), images_(images) {
    if (images < 1 || images > std::numeric_limits<std::int32_t>::max())
        fail("paired bootstrap", site, {images, " images, expected at least 1"});
    if (options.resamples < 100)
        fail("paired bootstrap", site, {options.resamples, " resamples, expected 100 or more"});
    if (!(options.level > 0 && options.level < 1))
        fail("paired bootstrap", site, {"level ", options.level, ", expected a number between 0 and 1"});
    draws_.resize(static_cast<std::size_t>(images) * static_cast<std::size_t>(options.resamples));
    const RandomStream stream{options.seed, 0};
    for (std::size_t i = 0; i < draws_.size(); ++i)
        draws_[i] = static_cast<std::uint32_t>(uniform(stream, i) * static_cast<double>(images));
}

FATHOM_INLINE Difference PairedBootstrap::difference(const std::vector<double>& a, const std::vector<double>& b,
                                                     Where site) const {
    const auto n = static_cast<std::size_t>(images_);
    if (a.size() != n || b.size() != n)
        fail("paired bootstrap", site, {a.size(), " and ", b.size(), " values, expected ", images_, " of each"});
    std::vector<double> differences(n), counted(n);  // 0 and not counted where one is undefined
    Difference result;
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (std::isnan(a[i]) || std::isnan(b[i])) continue;
        differences[i] = a[i] == b[i] ? 0 : a[i] - b[i];  // two infinite values are equal
        counted[i] = 1;
        ++result.count;
        sum += differences[i];
    }
    if (result.count == 0) return result;
    result.mean = sum / static_cast<double>(result.count);
    if (std::isnan(result.mean)) return result;  // infinities of both signs
    std::vector<double> means;
    means.reserve(static_cast<std::size_t>(options_.resamples));
    for (std::size_t first = 0; first < draws_.size(); first += n) {
        double total = 0, count = 0;
        for (std::size_t i = 0; i < n; ++i) {
            total += differences[draws_[first + i]];
            count += counted[draws_[first + i]];
        }
        if (count > 0) means.push_back(total / count);
    }
    if (means.empty()) return result;
    std::sort(means.begin(), means.end());
    const auto quantile = [&](double p) {  // between the two nearest
        const double at = p * static_cast<double>(means.size() - 1), below = std::floor(at);
        const double left = means[static_cast<std::size_t>(below)];
        const double right = means[std::min(static_cast<std::size_t>(below) + 1, means.size() - 1)];
        return left == right ? left : left + (at - below) * (right - left);
    };
    result.low = quantile((1 - options_.level) / 2);
    result.high = quantile((1 + options_.level) / 2);
    return result;
}

FATHOM_INLINE Friedman friedman(const std::vector<std::vector<double>>& values, bool higher_is_better, Where site) {
    const std::size_t k = values.size();
    Friedman result;
    result.mean_rank.assign(k, std::numeric_limits<double>::quiet_NaN());
    for (const auto& row : values)
        if (row.size() != values.front().size())
            fail("friedman", site,
                 {"a method has ", row.size(), " values, another ", values.front().size(),
                  "; expected the same images"});
    if (k < 2) return result;
    std::vector<double> sums(k), column(k);
    double squares = 0;
    for (std::size_t image = 0; image < values.front().size(); ++image) {
        for (std::size_t m = 0; m < k; ++m) column[m] = values[m][image];
        if (std::any_of(column.begin(), column.end(), [](double v) { return std::isnan(v); })) continue;
        ++result.images;
        const std::vector<double> places = ranks(column, higher_is_better);
        for (std::size_t m = 0; m < k; ++m) sums[m] += places[m], squares += places[m] * places[m];
    }
    const auto n = static_cast<double>(result.images), groups = static_cast<double>(k);
    if (result.images == 0) return result;
    for (std::size_t m = 0; m < k; ++m) result.mean_rank[m] = sums[m] / n;
    if (result.images < 2) return result;
    double between = 0;
    for (const double sum : sums) between += (sum - n * (groups + 1) / 2) * (sum - n * (groups + 1) / 2);
    // The spread of ranks within images, which ties lessen from n k (k^2 - 1) / 12.
    const double within = squares - n * groups * (groups + 1) * (groups + 1) / 4;
    result.tie_correction = within / (n * groups * (groups * groups - 1) / 12);
    if (within <= 0) return result;
    result.chi_square = (groups - 1) * between / within;
    result.chi_square_p = chi_square_tail(result.chi_square, groups - 1);
    const double rest = n * (groups - 1) - result.chi_square;
    // All images agree on the order: F has no bound.
    result.f = rest > 0 ? (n - 1) * result.chi_square / rest : std::numeric_limits<double>::infinity();
    result.f_p = f_tail(result.f, groups - 1, (groups - 1) * (n - 1));
    return result;
}

namespace distribution {

// The continued fraction of the incomplete gamma function, and of the incomplete beta function, by Lentz's method.
template <class Coefficients>
double continued_fraction(double start, Coefficients coefficients) {
    constexpr double tiny = 1e-300;
    double value = start == 0 ? tiny : start, c = value, d = 0;
    for (int i = 1; i < 10000; ++i) {
        const auto [numerator, denominator] = coefficients(i);
        d = denominator + numerator * d;
        c = denominator + numerator / c;
        d = 1 / (d == 0 ? tiny : d);
        if (c == 0) c = tiny;
        value *= c * d;
        if (std::abs(c * d - 1) < 1e-15) break;
    }
    return value;
}

struct Coefficients {
    double numerator, denominator;
};

// Regularized, upper: Gamma(a, x) / Gamma(a). (Abramowitz and Stegun 6.5.29 and 6.5.31.)
FATHOM_INLINE double upper_gamma(double a, double x) {
    if (x <= 0) return 1;
    const double scale = std::exp(a * std::log(x) - x - std::lgamma(a));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int i = 1; i < 10000 && term > sum * 1e-17; ++i) term *= x / (a + i), sum += term;
        return 1 - scale * sum;
    }
    return scale / continued_fraction(x + 1 - a, [&](int i) { return Coefficients{-i * (i - a), x + 2 * i + 1 - a}; });
}

// Regularized: I_x(a, b). (Abramowitz and Stegun 26.5.8.)
FATHOM_INLINE double incomplete_beta(double a, double b, double x) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);
    const double scale =
        std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x)) / a;
    return scale / continued_fraction(1, [&](int i) {
               const double m = i / 2;
               const double numerator = i % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                                   : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
               return Coefficients{numerator, 1};
           });
}

}  // namespace distribution

FATHOM_INLINE double chi_square_tail(double x, double degrees) {
    return std::isnan(x) ? x : distribution::upper_gamma(degrees / 2, x / 2);
}

FATHOM_INLINE double f_tail(double x, double numerator_degrees, double denominator_degrees) {
    if (std::isnan(x)) return x;
    if (std::isinf(x)) return 0;
    if (x <= 0) return 1;
    return distribution::incomplete_beta(denominator_degrees / 2, numerator_degrees / 2,
                                         denominator_degrees / (denominator_degrees + numerator_degrees * x));
}

// The range of k standard normal numbers is at most x with probability k int phi(z) (Phi(z) - Phi(z - x))^(k-1) dz,
// z being the largest. The trapezoidal rule is exact to rounding for such an integrand at this step.
FATHOM_INLINE double studentized_range_tail(double x, std::int64_t groups) {
    if (std::isnan(x)) return x;
    if (x <= 0) return 1;
    const auto k = static_cast<double>(groups);
    constexpr double step = 1.0 / 64;
    const double root_half = std::sqrt(0.5), density = std::sqrt(std::atan(1) / 2) / std::atan(1) / 2;
    double sum = 0;
    for (int i = -9 * 64; i <= 9 * 64; ++i) {
        const double z = i * step;
        const double below = std::erfc(-z * root_half) / 2 - std::erfc((x - z) * root_half) / 2;
        sum += std::exp(-z * z / 2) * std::pow(std::max(below, 0.0), k - 1);
    }
    return std::clamp(1 - k * density * step * sum, 0.0, 1.0);
}

namespace distribution {

FATHOM_INLINE double rank_error(std::int64_t methods, std::int64_t images, Where site) {
    if (methods < 2 || images < 1)
        fail("nemenyi", site, {methods, " methods on ", images, " images, expected at least 2 on 1"});
    const auto k = static_cast<double>(methods);
    return std::sqrt(k * (k + 1) / (6 * static_cast<double>(images)));
}

}  // namespace distribution

FATHOM_INLINE double nemenyi_difference(std::int64_t methods, std::int64_t images, double alpha, Where site) {
    const double error = distribution::rank_error(methods, images, site);
    if (!(alpha > 1e-9 && alpha < 1)) fail("nemenyi", site, {"alpha ", alpha, ", expected a number between 0 and 1"});
    double low = 0, high = 100;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (studentized_range_tail(middle, methods) > alpha ? low : high) = middle;
    }
    return high / std::sqrt(2.0) * error;
}

FATHOM_INLINE double nemenyi_p(double rank_difference, std::int64_t methods, std::int64_t images, Where site) {
    return studentized_range_tail(
        std::sqrt(2.0) * std::abs(rank_difference) / distribution::rank_error(methods, images, site), methods);
}

}  // namespace fathom::inline v0::metrics
