// What a table of results says about methods that were measured on the same images: means, ranks, and whether a
// difference is more than noise (paired bootstrap; Friedman's test with Nemenyi's critical difference). A value that is
// nan is undefined: it is left out and counted.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "fathom/core/config.hpp"
#include "fathom/core/where.hpp"

namespace fathom::inline v0::metrics {

struct Summary {
    std::int64_t count = 0, undefined = 0;                        // values, and how many more are nan
    double mean = std::numeric_limits<double>::quiet_NaN();       // nan of no value
    double deviation = std::numeric_limits<double>::quiet_NaN();  // of a sample (n - 1); nan of fewer than two values
};
Summary summarize(const std::vector<double>& values);

// The place of each value, 1 the best; equal values share the mean of their places (2.5, 2.5), nan has none and is nan.
std::vector<double> ranks(const std::vector<double>& values, bool higher_is_better);

// The mean of a - b over images, with an interval. Of an infinite mean the bounds may be infinite too.
struct Difference {
    std::int64_t count = 0;  // images on which both are defined
    double mean = std::numeric_limits<double>::quiet_NaN();
    double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();

    // Whether the interval leaves 0 out: otherwise another draw of such images could have turned the sign.
    bool told_apart() const { return low > 0 || high < 0; }
};

// Percentile intervals of mean differences (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13):
// images are drawn with replacement, the same ones for both methods, and for every pair that one object compares.
class PairedBootstrap {
public:
    struct Options {
        int resamples = 10000;
        double level = 0.95;
        std::uint64_t seed = 1;
    };
    explicit PairedBootstrap(std::int64_t images, Where site = Where::here());
    PairedBootstrap(std::int64_t images, const Options& options, Where site = Where::here());

    Difference difference(const std::vector<double>& a, const std::vector<double>& b, Where site = Where::here()) const;
    const Options& options() const { return options_; }

private:
    Options options_;
    std::int64_t images_;
    std::vector<std::uint32_t> draws_;  // [resamples, images]
};

// Whether all methods are alike (Friedman, J. Amer. Statist. Assoc. 32, 1937; corrected for ties as in Conover,
// Practical Nonparametric Statistics, 1999), and the less conservative F of Iman and Davenport (Comm. Statist. A9,
// 1980) that Demsar recommends (J. Mach. Learn. Res. 7, 2006). p values are approximations for more than 10 images.
struct Friedman {
    std::int64_t images = 0;        // on which all methods are defined; the others are left out
    std::vector<double> mean_rank;  // of each method, 1 the best
    double chi_square = std::numeric_limits<double>::quiet_NaN(), chi_square_p = chi_square;
    double f = chi_square, f_p = chi_square;
    double tie_correction = 1;  // what chi_square was divided by
};
// values[method][image]. With fewer than two methods or images, or all values tied, statistics are nan.
Friedman friedman(const std::vector<std::vector<double>>& values, bool higher_is_better, Where site = Where::here());

// Nemenyi (1963): two of `methods` differ at level alpha if their mean ranks over `images` differ by at least this:
// q sqrt(k (k + 1) / (6 n)), q the quantile of the studentized range (infinite degrees of freedom) divided by sqrt 2.
double nemenyi_difference(std::int64_t methods, std::int64_t images, double alpha = 0.05, Where site = Where::here());
// The p value of a difference of two mean ranks.
double nemenyi_p(double rank_difference, std::int64_t methods, std::int64_t images, Where site = Where::here());

// Upper tails of distributions: the probability of a value above x.
double chi_square_tail(double x, double degrees);
double f_tail(double x, double numerator_degrees, double denominator_degrees);
double studentized_range_tail(double x, std::int64_t groups);  // infinite degrees of freedom

}  // namespace fathom::inline v0::metrics

#ifndef FATHOM_COMPILED
#include "fathom/metrics/statistics.inl.hpp"
#endif
