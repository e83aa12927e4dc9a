// Every measure of fused images in every convention on a made-up scene, for those who lack the published images. The
// numbers come from this code when it met the published ones.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <utility>

#include "fathom/metrics/fusion.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/metrics/fusion_images.hpp"

using namespace fathom;
using metrics::FusionConvention;
using metrics::FusionMetric;

namespace {

constexpr double none = -1;  // not of the convention

// author, float, vifb, zoo
// clang-format off
constexpr std::pair<FusionMetric, std::array<double, 4>> golden[] = {
    {FusionMetric::EN, {7.518310171823, 7.518310171823, 7.526007192722, 7.518280597555}},
    {FusionMetric::MI, {4.087896588721, 2.833513994892, 2.767700356466, 4.087896588721}},
    {FusionMetric::VIF, {0.8011668715523, 0.4833816797559, none, 0.5798439877974}},
    {FusionMetric::SF, {0.08903185378256, 22.70312271455, 23.41307187466, 22.70312271455}},
    {FusionMetric::SD, {10.45219653672, 51.25633951339, 51.28828123454, 51.25633951339}},
    {FusionMetric::Qabf, {0.3734128440412, 0.3739552130638, 0.3713464684874, 0.3739552130638}},
    {FusionMetric::SCD, {1.377942796645, 1.377942796645, none, 1.377942796645}},
    {FusionMetric::AG, {8.649063766091, 8.545733007504, 8.769857857351, 8.545733007504}},
    {FusionMetric::CC, {0.6919411769536, 0.6919411769536, none, 0.6919411769536}},
    {FusionMetric::SSIM, {1.073253588468, 1.073253588468, 1.069316152763, 0.9506894522434}},
    {FusionMetric::MS_SSIM, {1.112592236436, 1.112592236436, none, 0.9799529030583}},
    {FusionMetric::PSNR, {13.82459175679, 13.82459175679, 53.18578689543, 61.95539536547}},
    {FusionMetric::MSE, {2695.387346177, 2695.387346177, none, 0.04145155472783}},
    {FusionMetric::FMI, {0.3859734269104, 0.3859734269104, none, none}},
    {FusionMetric::Nabf, {1.406578241453e-05, 1.406578241453e-05, none, 1.406578241453e-05}},
    {FusionMetric::CE, {none, none, 1.31994185129, 8.693735275878e-06}},
    {FusionMetric::NMI, {none, none, none, 0.6139578624989}},
    {FusionMetric::QNCIE, {none, none, none, 0.8851973258618}},
    {FusionMetric::TE, {none, none, none, 5.798227810541}},
    {FusionMetric::EI, {none, none, 80.65055549281, 86.20808655771}},
    {FusionMetric::Qy, {none, none, none, 0.9060843218658}},
    {FusionMetric::Qcb, {none, none, 0.5351002475543, 0.5375890058936}},
    {FusionMetric::Qcv, {none, none, 803.6123045686, none}},
    {FusionMetric::RMSE, {none, none, 0.312265675345, none}},
};
// clang-format on

}  // namespace

TEST_CASE("metrics/fusion_golden: every measure, on every instruction set") {
    REQUIRE(std::size(golden) == metrics::fusion_metric_count);
    const fusion_test::Scene scene(163, 171, 3);
    tests::for_each_isa([&] {
        for (int c = 0; c < metrics::fusion_convention_count; ++c) {
            const auto convention = static_cast<FusionConvention>(c);
            const auto scores = scene.scores(convention);
            for (const auto& row : golden) {
                const FusionMetric metric = row.first;
                CAPTURE(to_string(metric));
                CAPTURE(to_string(convention));
                const double expected = row.second[static_cast<std::size_t>(c)];
                CHECK(has_metric(convention, metric) == (expected != none));
                if (expected == none)
                    CHECK(std::isnan(scores[metric]));
                else
                    CHECK(std::abs(scores[metric] - expected) <= 1e-9 * std::abs(expected));
            }
        }
    });
}
