// The measures of fused images by hand on small ones; what is undefined; bad input; batches and threads.
#include "fathom/metrics/fusion.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "fathom/metrics/fusion/features.hpp"
#include "fathom/ops/views.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/metrics/fusion_images.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fusion_test;
using metrics::FusionConvention;
using metrics::FusionMetric;
using metrics::FusionScores;
using tests::message_of;
using enum FusionMetric;

namespace {

constexpr FusionConvention conventions[] = {FusionConvention::author, FusionConvention::floating,
                                            FusionConvention::vifb, FusionConvention::zoo};

// Names of the convention's metrics that are NaN.
std::string undefined_ones(const FusionScores& scores, FusionConvention convention) {
    std::string names;
    for (int i = 0; i < metrics::fusion_metric_count; ++i) {
        const auto metric = static_cast<FusionMetric>(i);
        if (has_metric(convention, metric) && std::isnan(scores[metric]))
            names += std::string(names.empty() ? "" : " ") + to_string(metric);
    }
    return names;
}

bool same_bits(const FusionScores& a, const FusionScores& b) {
    return std::memcmp(a.values.data(), b.values.data(), sizeof a.values) == 0;
}

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-12); }

// A window of 3 x 3 whose pixels, column by column, are these.
metrics::fusion::Plane window(const std::vector<double>& features) {
    metrics::fusion::Plane plane(3, 3);
    for (std::size_t i = 0; i < 9; ++i) plane.row(static_cast<std::int64_t>(i % 3))[i / 3] = features[i];
    return plane;
}
double entropy_of(std::initializer_list<double> probabilities) {
    double sum = 0;
    for (const double p : probabilities) sum -= p * std::log2(p);
    return sum;
}

}  // namespace

TEST_CASE("metrics/fusion: names, conventions, and which way is better") {
    std::string names, lower;
    std::vector<int> counts(4);
    for (int i = 0; i < metrics::fusion_metric_count; ++i) {
        const auto metric = static_cast<FusionMetric>(i);
        names += std::string(i == 0 ? "" : ",") + to_string(metric);
        if (!higher_is_better(metric)) lower += std::string(" ") + to_string(metric);
        for (const FusionConvention c : conventions) counts[static_cast<std::size_t>(c)] += has_metric(c, metric);
    }
    CHECK(names == "EN,MI,VIF,SF,SD,Qabf,SCD,AG,CC,SSIM,MS_SSIM,PSNR,MSE,FMI,Nabf,CE,NMI,QNCIE,TE,EI,Qy,Qcb,Qcv,RMSE");
    CHECK(lower == " MSE Nabf CE TE Qcv RMSE");
    CHECK(counts == std::vector<int>{15, 15, 13, 21});
    for (const FusionConvention c : conventions) CHECK(metrics::fusion_convention(to_string(c)) == c);
    CHECK(metrics::fusion_convention("float") == FusionConvention::floating);
    CHECK_FALSE(metrics::fusion_convention("Float").has_value());
    CHECK_FALSE(metrics::fusion_convention("").has_value());
}

TEST_CASE("metrics/fusion: grey levels by hand") {
    // [2, 3] pixels; the fused image tells two levels of the visible one apart, and nothing of the infrared one.
    const auto visible = image(2, 3, {0, 0, 0, 10, 10, 10}), infrared = image(2, 3, {6, 8, 4, 6, 8, 4}),
               fused = image(2, 3, {20, 20, 20, 60, 60, 60});
    const auto author = fusion_scores(visible, infrared, fused, FusionConvention::author),
               floating = fusion_scores(visible, infrared, fused, FusionConvention::floating),
               vifb = fusion_scores(visible, infrared, fused, FusionConvention::vifb),
               zoo = fusion_scores(visible, infrared, fused, FusionConvention::zoo);
    const double ln2 = std::log(2.0);
    CHECK(author[EN] == near(1));
    CHECK(zoo[EN] == near(-std::log2(0.5 + 1e-7)));
    CHECK(author[MI] == near(1));
    CHECK(floating[MI] == near(ln2));
    CHECK(vifb[MI] == near(ln2));
    CHECK(zoo[NMI] == near(2 / (1 + std::log2(3.0))).epsilon(1e-9));
    CHECK(zoo[TE] == near(std::log2(3.0)).epsilon(1e-9));
    CHECK(floating[SD] == near(20));
    CHECK(author[SD] == near(std::sqrt(255.0 / 2)));  // 20 above the mean is 255 once squared, 20 below is 0
    CHECK(floating[SF] == near(40));
    CHECK(author[SF] == near(40.0 / 255));
    CHECK(vifb[SF] == near(std::sqrt(3 * 1600.0 / 6)));
    CHECK(floating[AG] == near(40 / std::sqrt(2.0)));
    CHECK(author[AG] == near(40 / std::sqrt(2.0) * 6 / 2));
    CHECK(vifb[EI] == near(160));
    // Zeros outside; rows of Sobel: both see the other row and nothing, columns the steps to the sides.
    const auto edge = [](double x, double y) { return std::hypot(x, y); };
    CHECK(
        zoo[EI] ==
        near((2 * edge(2 * 20 + 60, 3 * 60) + edge(0, 4 * 60) + 2 * edge(2 * 60 + 20, 3 * 20) + edge(0, 4 * 20)) / 6));
    CHECK(floating[CC] == near(0.5));
    CHECK(floating[SCD] == near(std::sqrt(400 / (400 + 8.0 / 3))));
    const double mse =
        ((3 * 400 + 3 * 2500) / 6.0 + (14 * 14 + 12 * 12 + 16 * 16 + 54 * 54 + 52 * 52 + 56 * 56) / 6.0) / 2;
    CHECK(floating[MSE] == near(mse));
    CHECK(floating[PSNR] == near(10 * std::log10(255 * 255 / mse)));
    CHECK(zoo[MSE] == near(mse / 65025));
    CHECK(zoo[PSNR] == near(floating[PSNR] + 20 * std::log10(255.0)));
    const double rmse =
        (std::sqrt(3 * 400 + 3 * 2500.0) + std::sqrt(14 * 14 + 12 * 12 + 16 * 16 + 54 * 54 + 52 * 52 + 56 * 56.0)) / 12;
    CHECK(vifb[RMSE] == near(rmse));
    CHECK(vifb[PSNR] == near(20 * std::log10(255 / std::sqrt(rmse))));
    CHECK(vifb[CE] == 0);  // no level of a source is one of the fused image
    CHECK(undefined_ones(floating, FusionConvention::floating) ==
          "VIF SSIM MS_SSIM FMI Nabf");  // smaller than a window
}

TEST_CASE("metrics/fusion: cross entropy by hand") {
    const auto visible = image(1, 4, {0, 0, 0, 1}), infrared = image(1, 4, {7, 7, 7, 7}),
               fused = image(1, 4, {0, 1, 1, 2});
    const double divergence = 0.75 * std::log2(0.75 / 0.25) + 0.25 * std::log2(0.25 / 0.5);
    CHECK(fusion_scores(visible, infrared, fused, FusionConvention::vifb)[CE] == near(divergence / 2));
    // zoo: sigmoids of 0 and 20 are 1/2 and nearly 1, where t and q end 2^-23 below 1.
    const auto zeros = image(1, 2, {0, 0}), other = image(1, 2, {0, 20});
    const double t = 0.75, last = 0x1p-23;
    CHECK(fusion_scores(zeros, other, zeros, FusionConvention::zoo)[CE] == near(std::log(2.0)).epsilon(1e-7));
    CHECK(fusion_scores(zeros, other, other, FusionConvention::zoo)[CE] ==
          near((std::log(2.0) - t * std::log(1 - last) - (1 - t) * std::log(last)) / 2).epsilon(1e-7));
}

TEST_CASE("metrics/fusion: added edges by hand") {
    // One step that the fused image has twice as high as the visible one; borders are mirrored, so that the middle
    // column alone has a gradient: 16 and 32 along the rows.
    const auto visible = image(3, 3, {0, 0, 32, 0, 0, 32, 0, 0, 32}), infrared = constant(3, 3, 5),
               fused = image(3, 3, {0, 0, 64, 0, 0, 64, 0, 0, 64});
    const double kept = std::sqrt(0.9999 / 2 * 0.9995 / (1 + std::exp(-11.0)));
    for (const auto c : {FusionConvention::author, FusionConvention::floating, FusionConvention::zoo})
        CHECK(fusion_scores(visible, infrared, fused, c)[Nabf] == near(1 - kept));
    // A source whose edge is the stronger one: nothing was added.
    CHECK(fusion_scores(fused, infrared, visible, FusionConvention::zoo)[Nabf] == 0);
    // Edges below 2 do not count: none is there.
    const auto weak = image(3, 3, {0, 0, 3, 0, 0, 3, 0, 0, 3});
    CHECK(std::isnan(fusion_scores(weak, infrared, fused, FusionConvention::zoo)[Nabf]));
}

TEST_CASE("metrics/fusion: feature information by hand") {
    const auto value = [](const std::vector<double>& a, const std::vector<double>& f) {
        const auto source = window(a), fused = window(f);
        return metrics::fusion::feature_information(source, source, fused);
    };
    const double half = entropy_of({0.5, 0.5}), quarters = entropy_of({0.25, 0.75});
    // Correlated as much as the extreme joint distribution or more: 1/4, 1/4, 1/2.
    CHECK(value({1, 1, 0, 0, 0, 0, 0, 0, 0}, {1, 3, 0, 0, 0, 0, 0, 0, 0}) ==
          near(2 * (half + quarters - entropy_of({0.25, 0.25, 0.5})) / (half + quarters)));
    // corr = (1/4 - 1/9) / (1/2 - 1/9) = 5/14 of an extreme with correlation 1.
    CHECK(value({1, 1, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 1, 0, 0, 0, 0, 0, 0}) ==
          near(2 - entropy_of({19.0 / 56, 19.0 / 56, 9.0 / 56, 9.0 / 56})));
    // corr = -(1/9) / (1/2 - 1/9) = 2/7 of an extreme with correlation -1.
    CHECK(value({1, 1, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 1, 1}) ==
          near(2 - entropy_of({9.0 / 28, 9.0 / 28, 5.0 / 28, 5.0 / 28})));
    // The least value is taken off, the scale does not matter: equal distributions.
    CHECK(value({1, 2, 3, 4, 5, 6, 7, 8, 9}, {0, 4, 8, 12, 16, 20, 24, 28, 32}) == near(1));
    CHECK(value({3, 3, 3, 3, 3, 3, 3, 3, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 0}) == 1);
    // What is even, or on one pixel, tells nothing of another.
    CHECK(std::abs(value({3, 3, 3, 3, 3, 3, 3, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})) < 1e-12);
    CHECK(std::abs(value({0, 0, 1, 0, 0, 0, 0, 0, 0}, {1, 2, 3, 4, 5, 6, 7, 8, 9})) < 1e-12);
    CHECK(value({0, 0, 1, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0, 0, 0, 0}) == 0);
}

TEST_CASE("metrics/fusion: an image fused from itself") {
    const auto same = Scene(181, 190, 1).visible;
    for (const FusionConvention c : conventions) {
        const auto scores = fusion_scores(same, same, same, c);
        CAPTURE(to_string(c));
        CHECK(scores[SSIM] == near(2));
        if (has_metric(c, MS_SSIM)) CHECK(scores[MS_SSIM] == near(2));
        if (has_metric(c, CC)) CHECK(scores[CC] == near(1));
        if (has_metric(c, FMI)) CHECK(scores[FMI] == 1);
        if (has_metric(c, Nabf)) CHECK(scores[Nabf] == 0);
        if (has_metric(c, MSE)) CHECK(scores[MSE] == 0);
        if (has_metric(c, PSNR)) CHECK(scores[PSNR] == HUGE_VAL);
        if (has_metric(c, Qcv)) CHECK(scores[Qcv] == 0);
        if (has_metric(c, RMSE)) CHECK(scores[RMSE] == 0);
        if (has_metric(c, CE) && c == FusionConvention::vifb) CHECK(scores[CE] == 0);
        if (has_metric(c, QNCIE)) CHECK(scores[QNCIE] == near(1));
        if (c == FusionConvention::vifb) CHECK(scores[Qcb] == near(1));
        if (c == FusionConvention::floating) CHECK(scores[VIF] == near(2).epsilon(1e-9));
        // The difference to a source is constant.
        CHECK(undefined_ones(scores, c) == (has_metric(c, SCD) ? "SCD" : ""));
    }
}

TEST_CASE("metrics/fusion: what is undefined is NaN") {
    const Scene scene(181, 190, 1);
    const auto grey = constant(181, 190, 90);
    const auto undefined = [](const Tensor<std::uint8_t>& v, const Tensor<std::uint8_t>& i,
                              const Tensor<std::uint8_t>& f,
                              FusionConvention c) { return undefined_ones(fusion_scores(v, i, f, c), c); };
    for (const FusionConvention c : conventions) CHECK(undefined(scene.visible, scene.infrared, scene.fused, c) == "");
    // The fused image is constant.
    CHECK(undefined(scene.visible, scene.infrared, grey, FusionConvention::author) == "CC");
    CHECK(undefined(scene.visible, scene.infrared, grey, FusionConvention::floating) == "CC");
    CHECK(undefined(scene.visible, scene.infrared, grey, FusionConvention::zoo) == "CC QNCIE Qcb");
    CHECK(undefined(scene.visible, scene.infrared, grey, FusionConvention::vifb) == "Qcb Qcv");
    // A source is.
    for (const bool infrared : {false, true}) {
        const auto &v = infrared ? scene.visible : grey, &i = infrared ? grey : scene.infrared;
        CHECK(undefined(v, i, scene.fused, FusionConvention::author) == "VIF SCD CC");
        CHECK(undefined(v, i, scene.fused, FusionConvention::floating) == "VIF SCD CC");
        CHECK(undefined(v, i, scene.fused, FusionConvention::zoo) == "SCD CC QNCIE Qcb");
        CHECK(undefined(v, i, scene.fused, FusionConvention::vifb) == "Qcb Qcv");
    }
    // All are.
    CHECK(undefined(grey, grey, grey, FusionConvention::zoo) == "SCD CC Nabf NMI QNCIE Qcb");
    CHECK(undefined(grey, grey, grey, FusionConvention::floating) == "VIF SCD CC Nabf");
    // A source that is the fused image.
    CHECK(undefined(scene.visible, scene.infrared, scene.visible, FusionConvention::author) == "SCD");
    CHECK(undefined(scene.visible, scene.infrared, scene.infrared, FusionConvention::zoo) == "SCD");
    // Not of the convention: always.
    CHECK(std::isnan(scene.scores(FusionConvention::vifb)[VIF]));
}

TEST_CASE("metrics/fusion: images of any size") {
    for (const FusionConvention c : conventions)
        for (const auto& [rows, columns] : std::vector<std::pair<std::int64_t, std::int64_t>>{
                 {1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 3}, {1, 40}, {40, 1}, {10, 11}, {16, 17}, {33, 19}, {37, 53}}) {
            const auto scores = Scene(rows, columns, 3).scores(c);
            CAPTURE(to_string(c));
            CHECK(std::isfinite(scores[EN]));
            CHECK(std::isfinite(scores[SD]));
            CHECK(std::isnan(scores[SSIM]) == (rows < 11 || columns < 11));
            if (c == FusionConvention::floating) {
                CHECK(std::isnan(scores[VIF]) == (std::min(rows, columns) < 41));
                CHECK(std::isnan(scores[FMI]) == (rows < 3 || columns < 3));
            }
        }
    // Five levels need 161 rows and columns where a side may end in a repeated pixel.
    CHECK(std::isnan(Scene(160, 200, 1).scores(FusionConvention::floating)[MS_SSIM]));
    CHECK(std::isfinite(Scene(200, 161, 1).scores(FusionConvention::floating)[MS_SSIM]));
    CHECK(std::isnan(Scene(200, 160, 1).scores(FusionConvention::zoo)[MS_SSIM]));
    CHECK(std::isfinite(Scene(161, 200, 1).scores(FusionConvention::zoo)[MS_SSIM]));
}

TEST_CASE("metrics/fusion: channels") {
    const Scene color(30, 40, 3);
    const auto three_times = [](const Tensor<std::uint8_t>& x) {
        return x.expand({x.shape()[0], x.shape()[1], 3});  // a view: one channel, seen three times
    };
    const auto grey_fused = color.infrared, infrared = color.infrared;
    // Grey in three channels is grey, but for what vifb lays side by side.
    for (const FusionConvention c : conventions) {
        auto one = fusion_scores(color.visible, infrared, color.fused, c);
        CHECK(same_bits(one, fusion_scores(color.visible, three_times(infrared), color.fused, c)));
        one = fusion_scores(infrared, infrared, grey_fused, c);
        auto three = fusion_scores(three_times(infrared), infrared, three_times(grey_fused), c);
        if (c == FusionConvention::vifb) {
            CHECK(one[SF] != three[SF]);
            three.values[static_cast<std::size_t>(SF)] = one[SF];
        }
        CHECK(same_bits(one, three));
    }
    // vifb: the mean over channels.
    const auto scores = color.scores(FusionConvention::vifb);
    for (const FusionMetric metric : {EN, MI, CE, SSIM, Qabf, Qcb, Qcv, EI, PSNR}) {
        double sum = 0;
        for (std::int64_t k = 0; k < 3; ++k)
            sum += fusion_scores(color.visible.narrow(2, k, 1), infrared, color.fused.narrow(2, k, 1),
                                 FusionConvention::vifb)[metric];
        CAPTURE(to_string(metric));
        CHECK(scores[metric] == near(sum / 3));
    }
    // A fused image of one channel: sources in grey, by weights that add up to 1.
    const auto red = image(1, 1, {255, 0, 0}), green = image(1, 1, {0, 255, 0}), black = image(1, 1, {0});
    CHECK(fusion_scores(red, black, black, FusionConvention::vifb)[RMSE] == near(76 / 2.0));
    CHECK(fusion_scores(green, black, black, FusionConvention::vifb)[RMSE] == near(150 / 2.0));
    CHECK(fusion_scores(green, black, black, FusionConvention::floating)[MSE] == near(150 * 150 / 2.0));
    CHECK(fusion_scores(green, black, black, FusionConvention::zoo)[MSE] == near(150 * 150 / 2.0 / 65025));
}

TEST_CASE("metrics/fusion: a batch gives what its images give, on any number of threads") {
    const Scene a(37, 53, 3);
    const std::int64_t n = 3;
    const auto batch = [](const Tensor<std::uint8_t>& x) {  // shifted by a row each time
        std::vector<std::uint8_t> all;
        const std::int64_t row = x.numel() / x.shape()[0];
        for (std::int64_t k = 0; k < n; ++k)
            for (std::int64_t i = 0; i < x.numel(); ++i) all.push_back(x.data()[(i + k * row) % x.numel()]);
        return from_data(all.data(), {n, x.shape()[0], x.shape()[1], x.shape()[2]});
    };
    const auto visible = batch(a.visible), infrared = batch(a.infrared), fused = batch(a.fused);
    for (const FusionConvention c : conventions) {
        const auto on_threads = [&](int count) {
            const tests::Threads guard(count);
            return fusion_scores_of_batch(visible, infrared, fused, c);
        };
        const auto one = on_threads(1), two = on_threads(2);
        REQUIRE(one.size() == 3);
        REQUIRE(two.size() == 3);
        for (std::int64_t k = 0; k < n; ++k) {
            const auto at = static_cast<std::size_t>(k);
            CHECK(same_bits(one[at], two[at]));
            CHECK(same_bits(one[at], fusion_scores(visible[k], infrared[k], fused[k], c)));
        }
        CHECK_FALSE(same_bits(one[0], one[1]));
    }
    CHECK(fusion_scores_of_batch(visible.narrow(0, 0, 0), infrared.narrow(0, 0, 0), fused.narrow(0, 0, 0),
                                 FusionConvention::zoo)
              .empty());
}

TEST_CASE("metrics/fusion: images that do not go together") {
    const auto a = constant(4, 5, 1), b = constant(4, 6, 1), c = image(2, 1, {1, 2, 3, 4});
    const auto message = [](const Tensor<std::uint8_t>& x, const Tensor<std::uint8_t>& y,
                            const Tensor<std::uint8_t>& z) {
        return message_of([&] { fusion_scores(x, y, z, FusionConvention::zoo, Where::here("here.cpp", 1)); });
    };
    CHECK(message(a, b, a) ==
          "fusion scores: the visible image has shape [4,5,1], the infrared [4,6,1], the fused [4,5,1]; expected one "
          "size at here.cpp:1");
    CHECK(message(a, a, c) ==
          "fusion scores: the fused image has shape [2,1,2], expected [H,W,1] or [H,W,3] at here.cpp:1");
    CHECK(message(a[0], a, a) ==
          "fusion scores: the visible image has shape [5,1], expected [H,W,1] or [H,W,3] at here.cpp:1");
    CHECK(message(a, a.narrow(0, 0, 0), a) ==
          "fusion scores: the infrared image has shape [0,5,1], expected [H,W,1] or [H,W,3] at here.cpp:1");
    CHECK(message(a, Tensor<std::uint8_t>(), a) == "fusion scores: the infrared image is undefined at here.cpp:1");
    CHECK(message_of([&] { fusion_scores_of_batch(a, a, a, FusionConvention::zoo); }) ==
          "fusion scores: the visible image has shape [4,5,1], expected [N,H,W,1] or [N,H,W,3] at here");
    const auto two = a.unsqueeze(0).expand({2, 4, 5, 1});
    CHECK(message_of([&] {
              fusion_scores_of_batch(two, a.unsqueeze(0), two, FusionConvention::zoo);
          }).find("the infrared [1,4,5,1], the fused [2,4,5,1]; expected one size") != std::string::npos);
}
