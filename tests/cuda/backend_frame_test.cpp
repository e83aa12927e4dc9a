// The fusion net's frame in bfloat16 on the device, against the same net in double on the CPU, in grey levels.
#include "fathom/seafusion/fusion_net.hpp"
#include "tests/cuda/device.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::FusionNet;

namespace {

struct Difference {
    double mean = 0, most = 0;  // grey levels
};

Difference difference_of(const Shape& size) {
    const auto y = random_image<double>(size, 1), ir = random_image<double>(size, 2);
    FusionNet<double> exact = golden_net<double>();
    FusionNet<float> net = golden_net<float>();
    net.to(test_device);
    net.precision = Precision::bf16;
    const NoGrad off;
    const auto expected = numbers(exact.forward(y, ir).untyped());
    const auto got =
        numbers(net.forward(y.to<float>().to(test_device), ir.to<float>().to(test_device)).to(Device::cpu()).untyped());
    REQUIRE(got.size() == expected.size());
    Difference d;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double one = 255 * std::fabs(got[i] - expected[i]);
        d.mean += one / static_cast<double>(got.size());
        d.most = one > d.most || one != one ? one : d.most;
    }
    return d;
}

}  // namespace

// A rounding of bfloat16 is 2^-9 of a value; ten layers of them came to 0.16 grey levels on pictures. These images are
// noise, which the net has not been trained on.
TEST_CASE("cuda/backend_frame: a frame in bfloat16 is within a grey level of the exact one, at any size") {
    // A pixel, one tile less one, one tile, one more, several tiles of several images.
    std::vector<Shape> sizes = {{1, 1, 1, 1}, {1, 1, 15, 29}, {1, 1, 16, 30}, {2, 1, 17, 33}};
    if (!checked_build) sizes.push_back({3, 1, 35, 67});
    for (const Shape& size : sizes) {
        CAPTURE(size.numel());
        const Difference d = difference_of(size);
        CAPTURE(d.most);
        CHECK(d.mean < 0.3);
        CHECK(d.most < 4);
    }
}

TEST_CASE("cuda/backend_frame: bfloat16 refuses a net of double") {
    FusionNet<double> net = golden_net<double>();
    net.to(test_device);
    net.precision = Precision::bf16;
    const auto y = random_image<double>({1, 1, 5, 6}, 1).to(test_device);
    CHECK(message_of([&] { net.forward(y, y); }).find("needs a net of float") != std::string::npos);
}
