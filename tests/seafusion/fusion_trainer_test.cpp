#include "fathom/seafusion/fusion_trainer.hpp"

#include <limits>

#include "fathom/ops/inplace.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::FusionNet;
using seafusion::FusionTrainer;

namespace {

const Shape shape{2, 1, 12, 15};
const double infinity = std::numeric_limits<double>::infinity(),
             not_a_number = std::numeric_limits<double>::quiet_NaN();

std::vector<std::vector<double>> weights_of(const FusionNet<float>& net) {
    std::vector<std::vector<double>> out;
    for (const AnyTensor& p : net.parameters()) out.push_back(numbers(p));
    return out;
}

}  // namespace

TEST_CASE("seafusion/fusion_trainer: a step gives the losses before it and changes every parameter") {
    FusionNet<float> net = golden_net<float>(seafusion::Sobel::fixed);
    const auto y = random_image<float>(shape, 1), ir = random_image<float>(shape, 2);
    const auto expected = seafusion::content_loss(net.forward(y, ir), y, ir, 5);
    FusionTrainer<float> trainer(net, {.alpha = 5});
    const auto before = weights_of(net);
    const auto losses = trainer.step(y, ir);
    CHECK(losses.total == static_cast<double>(expected.total.item()));
    CHECK(losses.intensity == expected.intensity());
    CHECK(losses.texture == expected.texture());
    const auto after = weights_of(net);
    for (std::size_t i = 0; i < after.size(); ++i) CHECK(after[i] != before[i]);
    for (const auto& [name, filter] : net.named_buffers()) CHECK(same_bits(filter, golden("weight." + name)));
}

TEST_CASE("seafusion/fusion_trainer: the rate can be changed between steps") {
    FusionNet<float> net = golden_net<float>();
    const auto y = random_image<float>(shape, 1), ir = random_image<float>(shape, 2);
    FusionTrainer<float> trainer(net);
    trainer.optimizer().groups()[0].lr = 0;
    const auto before = weights_of(net);
    trainer.step(y, ir);
    CHECK(weights_of(net) == before);
}

TEST_CASE("seafusion/fusion_trainer: steps on one batch lower the loss") {
    Generator gen(3);
    FusionNet<float> net(gen);
    const auto y = random_image<float>(shape, 1), ir = random_image<float>(shape, 2);
    FusionTrainer<float> trainer(net);
    const double first = trainer.step(y, ir).total;
    for (int i = 0; i < 30; ++i) trainer.step(y, ir);
    CHECK(seafusion::content_loss_of(net, y, ir) < 0.9 * first);
}

TEST_CASE("seafusion/fusion_trainer: a loss that is not finite stops before the update and says where it arose") {
    const auto good = random_image<float>(shape, 1);
    for (const double value : {infinity, -infinity, not_a_number}) {
        CAPTURE(value);
        FusionNet<float> net = golden_net<float>();
        FusionTrainer<float> trainer(net);
        auto bad = good.clone();
        bad(1, 0, 3, 4) = static_cast<float>(value);
        const auto before = weights_of(net);
        CHECK(message_of([&] {
                  trainer.step(bad, good);
              }).find(": the images hold values that are not finite at here") != std::string::npos);
        CHECK(message_of([&] {
                  trainer.step(good, bad);
              }).find(": the images hold values that are not finite at here") != std::string::npos);
        CHECK(weights_of(net) == before);
        // The net is as good as before.
        CHECK(std::isfinite(trainer.step(good, good).total));
    }
    {
        FusionNet<float> net = golden_net<float>();
        FusionTrainer<float> trainer(net);
        {
            const NoGrad off;
            net.inf_rgbd1.convdown.conv.weight(3, 2, 0, 0) = static_cast<float>(not_a_number);
        }
        CHECK(message_of([&] { trainer.step(good, good); }) ==
              "train: the loss is nan: inf_rgbd1.convdown.conv.weight holds values that are not finite at here");
    }
    {
        // All weights finite: the operation that overflowed is named, with its place in the source.
        FusionNet<float> net = golden_net<float>();
        FusionTrainer<float> trainer(net);
        {
            const NoGrad off;
            net.vis_conv.conv.weight *= 3e38f;
        }
        const std::string text = message_of([&] { trainer.step(good, good); });
        INFO(text);
        CHECK(text.find("train: the loss is ") == 0);
        CHECK(text.find("conv2d at ") != std::string::npos);
        CHECK(
            text.find(" in vis_conv.conv gave a value that is not finite in a result of shape [2,16,12,15] at here") !=
            std::string::npos);
    }
}
