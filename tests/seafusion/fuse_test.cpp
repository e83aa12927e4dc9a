#include "fathom/seafusion/fuse.hpp"

#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::fuse;
using seafusion::Normalize;

namespace {

Tensor<std::uint8_t> bytes_image(std::int64_t height, std::int64_t width, std::int64_t channels, std::uint64_t seed) {
    return (random_image<float>({height, width, channels}, seed) * 255.0f).to<std::uint8_t>();
}

int largest_difference(const Tensor<std::uint8_t>& a, const Tensor<std::uint8_t>& b) {
    REQUIRE(a.shape() == b.shape());
    const auto x = elements(a), y = elements(b);
    int most = 0;
    for (std::size_t i = 0; i < x.size(); ++i) most = std::max(most, std::abs(x[i] - y[i]));
    return most;
}

}  // namespace

TEST_CASE("seafusion/fuse: the golden picture, clamped and truncated") {
    auto net = golden_net<double>();
    const auto hwc = [](const Tensor<double>& x) { return permute(select(x, 0, 0), {1, 2, 0}); };
    const auto visible = hwc(golden_as<double>("in.vis")), infrared = hwc(golden_as<double>("in.ir"));
    const auto expected = elements(hwc(golden_as<double>("out.fused_rgb")));
    const double low = *std::min_element(expected.begin(), expected.end()),
                 high = *std::max_element(expected.begin(), expected.end());
    const auto plain = elements(fuse(net, visible, infrared, Normalize::none)),
               stretched = elements(fuse(net, visible, infrared));
    REQUIRE(plain.size() == expected.size());
    REQUIRE(stretched.size() == expected.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        wrong += plain[i] != static_cast<int>(expected[i] * 255);
        wrong += stretched[i] != static_cast<int>((expected[i] - low) / (high - low) * 255);
    }
    CHECK(wrong == 0);
}

TEST_CASE("seafusion/fuse: grey, color, bytes and views") {
    auto net = golden_net<float>();
    const auto visible = bytes_image(9, 14, 3, 1), infrared = bytes_image(9, 14, 1, 2);
    const auto fused = fuse(net, visible, infrared);
    CHECK(fused.shape() == Shape{9, 14, 3});
    const auto as_float = [](const Tensor<std::uint8_t>& x) { return x.to<float>() / 255.0f; };
    CHECK(same_bits(fuse(net, as_float(visible), as_float(infrared)), fused));
    // Three equal channels are a grey image, up to the rounding of .299 + .587 + .114.
    CHECK(largest_difference(fuse(net, visible, contiguous(expand(infrared, {9, 14, 3}))), fused) <= 1);
    const auto grey = bytes_image(9, 14, 1, 3);
    CHECK(same_bits(fuse(net, grey, infrared), fuse(net, contiguous(expand(grey, {9, 14, 3})), infrared)));
    // Channels first in memory.
    const auto planes = permute(contiguous(permute(as_float(visible), {2, 0, 1})), {1, 2, 0});
    CHECK(largest_difference(fuse(net, planes, as_float(infrared)), fused) <= 1);
}

TEST_CASE("seafusion/fuse: an image of one value, and of one pixel") {
    auto net = golden_net<float>();
    for (const Normalize normalize : {Normalize::minmax, Normalize::none})
        for (const Shape& shape : {Shape{1, 1, 1}, Shape{6, 5, 1}}) {
            const auto picture = fuse(net, full<float>(shape, 0.5f), full<float>(shape, 0.5f), normalize);
            CHECK(picture.shape() == Shape{shape[0], shape[1], 3});
        }
}

TEST_CASE("seafusion/fuse: leaves no graph behind") {
    auto net = golden_net<float>();
    const auto visible = random_image<float>({8, 8, 3}, 4), infrared = random_image<float>({8, 8, 1}, 5);
    fuse(net, visible, infrared);
    for (const AnyTensor& p : net.parameters()) CHECK(!autograd::accumulated_grad(p).defined());
    CHECK(!seafusion::fusion_input(visible, infrared).y.requires_grad());
}

TEST_CASE("seafusion/fuse: errors") {
    auto net = golden_net<float>();
    const auto image = [](const Shape& shape) { return zeros<float>(shape); };
    CHECK(message_of([&] {
              fuse(net, image({8, 8}), image({8, 8, 1}));
          }) == "fuse: visible has shape [8,8], infrared [8,8,1]; expected [H,W,3] or [H,W,1] at here");
    CHECK(message_of([&] {
              fuse(net, image({8, 8, 4}), image({8, 8, 1}));
          }) == "fuse: visible has shape [8,8,4], infrared [8,8,1]; expected [H,W,3] or [H,W,1] at here");
    CHECK(message_of([&] {
              fuse(net, image({8, 8, 3}), image({1, 8, 8}));
          }) == "fuse: visible has shape [8,8,3], infrared [1,8,8]; expected [H,W,3] or [H,W,1] at here");
    CHECK(message_of([&] {
              fuse(net, image({8, 8, 3}), image({8, 9, 1}));
          }) == "fuse: visible is 8x8, infrared 8x9; expected one size at here");
    CHECK(message_of([&] {
              fuse(net, image({0, 8, 3}), image({0, 8, 1}));
          }) == "fuse: the images are empty: [0,8,3] at here");
    seafusion::FusionNet<float> empty;
    CHECK(message_of([&] {
              fuse(empty, image({8, 8, 3}), image({8, 8, 1}));
          }).find("vis_conv.conv.weight") != std::string::npos);
}

TEST_CASE("seafusion/fuse: what is not finite is an error that says where") {
    auto net = golden_net<float>();
    auto visible = random_image<float>({8, 9, 3}, 4), infrared = random_image<float>({8, 9, 1}, 5);
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    for (const float bad : {nan, inf}) {
        auto image = infrared.clone();
        image.mutable_data()[3 * 9 + 7] = bad;
        CHECK(message_of([&] { fuse(net, visible, image); }) ==
              "fuse: the infrared image holds a value that is not finite at row 3, column 7 at here");
        image = visible.clone();
        image.mutable_data()[(5 * 9 + 2) * 3 + 1] = bad;
        CHECK(message_of([&] { fuse(net, image, infrared); }) ==
              "fuse: the visible image holds a value that is not finite at row 5, column 2 at here");
    }
    for (auto& [name, tensor] : net.state_dict())
        if (name == "decode2.conv.weight") {
            auto weight = tensor.template as<float>();
            const NoGrad off;
            weight.mutable_data()[5] = nan;
        }
    CHECK(message_of([&] { fuse(net, visible, infrared); }) ==
          "fuse: the net's decode2.conv.weight holds values that are not finite at here");
}

TEST_CASE("seafusion/fuse: one range for several pictures") {
    auto net = golden_net<float>();
    const auto input = seafusion::fusion_input(random_image<float>({8, 9, 3}, 4), random_image<float>({8, 9, 1}, 5));
    const auto planes = seafusion::color_planes(net.forward(input.y, input.ir), input);
    const seafusion::PictureRange range = seafusion::range_of(planes);
    CHECK(elements(seafusion::to_picture(planes, range)) ==
          elements(seafusion::to_picture(net.forward(input.y, input.ir), input)));
    // Twice as wide: half as bright.
    const auto wide = seafusion::to_picture(planes, {range.low, range.low + 2 * (range.high - range.low)});
    CHECK(static_cast<int>(max(wide).item()) == 127);
}
