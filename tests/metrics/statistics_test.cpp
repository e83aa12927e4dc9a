// Against published worked examples and exact forms.
#include "fathom/metrics/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "fathom/core/random.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::metrics;
using tests::message_of;

namespace {

const double undefined = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

bool near(double a, double b, double bound) { return std::abs(a - b) <= bound; }

}  // namespace

TEST_CASE("metrics/statistics: mean and standard deviation leave undefined values out and count them") {
    const Summary s = summarize({2, undefined, 4, 9});
    CHECK(s.count == 3);
    CHECK(s.undefined == 1);
    CHECK(s.mean == 5);
    CHECK(s.deviation == doctest::Approx(std::sqrt(13.0)));
    CHECK(summarize({3}).mean == 3);
    CHECK(std::isnan(summarize({3}).deviation));
    CHECK(std::isnan(summarize({undefined, undefined}).mean));
    CHECK(summarize({undefined, undefined}).undefined == 2);
    CHECK(summarize({}).count == 0);
    CHECK(summarize({1, infinity}).mean == infinity);
}

TEST_CASE("metrics/statistics: ranks share places where values are equal") {
    CHECK(ranks({0.3, 0.9, 0.5}, true) == std::vector<double>{3, 1, 2});
    CHECK(ranks({0.3, 0.9, 0.5}, false) == std::vector<double>{1, 3, 2});
    CHECK(ranks({1, 2, 2, 0}, true) == std::vector<double>{3, 1.5, 1.5, 4});
    CHECK(ranks({7, 7, 7}, true) == std::vector<double>{2, 2, 2});
    const auto with_nan = ranks({undefined, 5, infinity}, true);
    CHECK(std::isnan(with_nan[0]));
    CHECK(with_nan[1] == 2);
    CHECK(with_nan[2] == 1);
    CHECK(ranks({}, true).empty());
}

TEST_CASE("metrics/statistics: tails of distributions") {
    for (const double x : {0.1, 1.0, 3.0, 10.0, 60.0}) {
        CAPTURE(x);
        CHECK(chi_square_tail(x, 2) == doctest::Approx(std::exp(-x / 2)).epsilon(1e-13));
        CHECK(chi_square_tail(x, 1) == doctest::Approx(std::erfc(std::sqrt(x / 2))).epsilon(1e-12));
        CHECK(f_tail(x, 2, 7) == doctest::Approx(std::pow(1 + 2 * x / 7, -3.5)).epsilon(1e-12));
        CHECK(f_tail(x, 7, 2) == doctest::Approx(1 - std::pow(7 * x / (2 + 7 * x), 3.5)).epsilon(1e-12));
        // The range of two normal numbers is sqrt 2 times the absolute value of one.
        CHECK(near(studentized_range_tail(x, 2), std::erfc(x / 2), 1e-14));
    }
    CHECK(near(chi_square_tail(16.919, 9), 0.05, 5e-6));  // tables
    CHECK(near(f_tail(2.845, 3, 39), 0.05, 1e-4));
    CHECK(near(studentized_range_tail(4.474, 10), 0.05, 1e-4));
    CHECK(chi_square_tail(0, 3) == 1);
    CHECK(f_tail(infinity, 3, 9) == 0);
    CHECK(std::isnan(f_tail(undefined, 3, 9)));
}

TEST_CASE("metrics/statistics: Nemenyi's critical values as published") {
    // Demsar 2006, table 5(a): q for 2 to 10 methods, of which sqrt(k (k + 1) / 6 n) is 1 at n = k (k + 1) / 6.
    const std::vector<double> five = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
    const std::vector<double> ten = {1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920};
    for (std::int64_t k = 2; k <= 10; ++k) {
        CAPTURE(k);
        const double unit = std::sqrt(static_cast<double>(k * (k + 1)) / 6);
        CHECK(near(nemenyi_difference(k, 1, 0.05) / unit, five[static_cast<std::size_t>(k - 2)], 1e-3));
        CHECK(near(nemenyi_difference(k, 1, 0.10) / unit, ten[static_cast<std::size_t>(k - 2)], 1e-3));
        CHECK(nemenyi_p(nemenyi_difference(k, 14), k, 14) == doctest::Approx(0.05).epsilon(1e-9));
    }
    CHECK(nemenyi_p(0, 4, 14) == 1);
    CHECK(message_of([] { nemenyi_difference(1, 5); }) ==
          "nemenyi: 1 methods on 5 images, expected at least 2 on 1 at here");
}

TEST_CASE("metrics/statistics: Friedman's test on Demsar's example") {
    // Demsar 2006, table 6: ranks of four classifiers on 14 data sets.
    const std::vector<std::vector<double>> places = {{4, 1, 4, 4, 4, 1, 3, 2.5, 4, 2.5, 4, 3, 4, 3},
                                                     {3, 2, 1, 1, 2, 2.5, 2, 2.5, 3, 2.5, 2.5, 2, 1, 1},
                                                     {2, 3, 2, 3, 3, 4, 4, 4, 2, 2.5, 1, 4, 2, 4},
                                                     {1, 4, 3, 2, 1, 2.5, 1, 1, 1, 2.5, 2.5, 1, 3, 2}};
    const Friedman test = friedman(places, false);
    CHECK(test.images == 14);
    CHECK(near(test.mean_rank[0], 3.143, 5e-4));
    CHECK(near(test.mean_rank[1], 2.000, 5e-4));
    CHECK(near(test.mean_rank[2], 2.893, 5e-4));
    CHECK(near(test.mean_rank[3], 1.964, 5e-4));
    // The paper leaves ties uncorrected: 9.28, and 3.69 made of it.
    const double plain = test.chi_square * test.tie_correction;
    CHECK(near(plain, 9.28, 5e-3));
    CHECK(near(13 * plain / (14 * 3 - plain), 3.69, 5e-3));
    CHECK(test.tie_correction == doctest::Approx(1 - (3 * 6 + 60) / (14.0 * 60)));
    CHECK(test.f == doctest::Approx(13 * test.chi_square / (14 * 3 - test.chi_square)));
    CHECK(test.f_p < 0.05);
    CHECK(near(nemenyi_difference(4, 14, 0.05), 1.25, 5e-3));
    CHECK(near(nemenyi_difference(4, 14, 0.10), 1.12, 5e-3));
    // Higher is better: the order turns round, the statistic stays.
    const Friedman turned = friedman(places, true);
    CHECK(turned.chi_square == doctest::Approx(test.chi_square));
    CHECK(turned.mean_rank[0] == doctest::Approx(5 - test.mean_rank[0]));
}

TEST_CASE("metrics/statistics: Friedman's test with ties, on running times to first base") {
    // Hollander and Wolfe, Nonparametric Statistical Methods (1973), p. 140: S' = 11.1, P = .004.
    const std::vector<double> round = {5.40, 5.85, 5.20, 5.55, 5.90, 5.45, 5.40, 5.45, 5.25, 5.85, 5.25,
                                       5.65, 5.60, 5.05, 5.50, 5.45, 5.55, 5.45, 5.50, 5.65, 5.70, 6.30};
    const std::vector<double> narrow = {5.50, 5.70, 5.60, 5.50, 5.85, 5.55, 5.40, 5.50, 5.15, 5.80, 5.20,
                                        5.55, 5.35, 5.00, 5.50, 5.55, 5.55, 5.50, 5.45, 5.60, 5.65, 6.30};
    const std::vector<double> wide = {5.55, 5.75, 5.50, 5.40, 5.70, 5.60, 5.35, 5.35, 5.00, 5.70, 5.10,
                                      5.45, 5.45, 4.95, 5.40, 5.50, 5.35, 5.55, 5.25, 5.40, 5.55, 6.25};
    const Friedman test = friedman({round, narrow, wide}, false);
    CHECK(test.images == 22);
    CHECK(near(test.chi_square, 11.143, 5e-4));
    CHECK(near(test.chi_square_p, 0.003805, 5e-7));
}

TEST_CASE("metrics/statistics: Friedman's test at its edges") {
    const Friedman tied = friedman({{1, 1, 1}, {1, 1, 1}}, true);
    CHECK(std::isnan(tied.chi_square));
    CHECK(tied.mean_rank == std::vector<double>{1.5, 1.5});
    const Friedman agreed = friedman({{1, 1, 1}, {2, 2, 2}, {3, 3, 3}}, true);
    CHECK(agreed.chi_square == doctest::Approx(6));
    CHECK(agreed.f == infinity);
    CHECK(agreed.f_p == 0);
    // An image on which one method is undefined says nothing.
    const Friedman some = friedman({{1, undefined, 1, 1}, {2, 5, 2, 2}, {3, 4, 3, 3}}, true);
    CHECK(some.images == 3);
    CHECK(some.chi_square == doctest::Approx(6));
    CHECK(std::isnan(friedman({{1, 2, 3}}, true).chi_square));
    CHECK(friedman({}, true).mean_rank.empty());
    CHECK(std::isnan(friedman({{1}, {2}}, true).chi_square));
    CHECK(message_of([] {
              friedman({{1, 2}, {1}}, true);
          }) == "friedman: a method has 1 values, another 2; expected the same images at here");
}

TEST_CASE("metrics/statistics: paired bootstrap") {
    const PairedBootstrap three(3);
    const Difference same = three.difference({1, 2, 3}, {0.5, 1.5, 2.5});
    CHECK(same.count == 3);
    CHECK(same.mean == 0.5);
    CHECK(same.low == 0.5);
    CHECK(same.high == 0.5);
    CHECK(same.told_apart());
    CHECK(three.difference({1, 2, 3}, {1, 2, 3}).told_apart() == false);
    // Two images, 0 and 1 apart: a quarter of the draws has the first twice, a quarter the second.
    const Difference coin = PairedBootstrap(2).difference({1, 1}, {0, 1});
    CHECK(coin.mean == 0.5);
    CHECK(coin.low == 0);
    CHECK(coin.high == 1);
    CHECK(!coin.told_apart());

    // Of many, the interval is nearly the normal one; images that all are bad in the same way do not widen it.
    const RandomStream stream{7, 0};
    std::vector<double> a, b;
    for (std::uint64_t i = 0; i < 400; ++i) {
        const double difficulty = 100 * uniform(stream, 2 * i);
        a.push_back(difficulty + uniform(stream, 2 * i + 1)), b.push_back(difficulty);
    }
    const PairedBootstrap many(400);
    const Difference d = many.difference(a, b);
    const double half = 1.96 * std::sqrt(1.0 / 12 / 400);
    CHECK(near(d.mean, 0.5, 0.05));
    CHECK(near(d.low, d.mean - half, half / 10));
    CHECK(near(d.high, d.mean + half, half / 10));
    CHECK(d.told_apart());
    const Difference back = many.difference(b, a);
    CHECK(back.low == doctest::Approx(-d.high).epsilon(1e-3));
    // The seed decides, and nothing else.
    const Difference again = PairedBootstrap(400).difference(a, b);
    CHECK(again.low == d.low);
    CHECK(again.high == d.high);
    CHECK(PairedBootstrap(400, {.seed = 2}).difference(a, b).low != d.low);
    const Difference narrow = PairedBootstrap(400, {.level = 0.5}).difference(a, b);
    CHECK(narrow.high - narrow.low < 0.5 * (d.high - d.low));
}

TEST_CASE("metrics/statistics: paired bootstrap of values that are undefined or infinite") {
    const PairedBootstrap four(4);
    const Difference some = four.difference({1, undefined, 3, 4}, {0, 1, undefined, 3});
    CHECK(some.count == 2);
    CHECK(some.mean == 1);
    CHECK(some.low == 1);
    CHECK(some.high == 1);
    const Difference none = four.difference({undefined, undefined, undefined, undefined}, {0, 1, 2, 3});
    CHECK(none.count == 0);
    CHECK(std::isnan(none.mean));
    CHECK(!none.told_apart());
    const Difference equal = four.difference({infinity, 1, 1, 1}, {infinity, 0, 0, 0});
    CHECK(equal.mean == 0.75);
    const Difference above = four.difference({infinity, infinity, infinity, infinity}, {1, 1, 1, 1});
    CHECK(above.mean == infinity);
    CHECK(above.told_apart());
    CHECK(std::isnan(four.difference({infinity, 1, 1, 1}, {1, infinity, 1, 1}).low));
}

TEST_CASE("metrics/statistics: bad arguments are named") {
    CHECK(message_of([] { PairedBootstrap(0); }) == "paired bootstrap: 0 images, expected at least 1 at here");
    CHECK(message_of([] { PairedBootstrap(3, {.resamples = 5}); }) ==
          "paired bootstrap: 5 resamples, expected 100 or more at here");
    CHECK(message_of([] { PairedBootstrap(3, {.level = 1}); }) ==
          "paired bootstrap: level 1, expected a number between 0 and 1 at here");
    CHECK(message_of([] {
              PairedBootstrap(3).difference({1, 2}, {1, 2, 3});
          }) == "paired bootstrap: 2 and 3 values, expected 3 of each at here");
}
