#include "fathom/seafusion/fusion_trainer.hpp"

#include <limits>

#include "fathom/ops/inplace.hpp"
#include "fathom/seafusion/segmentation_trainer.hpp"
#include "tests/seafusion/golden.hpp"
#include "tests/seafusion/pseudo_weights.hpp"

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

TEST_CASE("seafusion/fusion_trainer: in one stage a step gives both nets the gradients of one loss") {
    const Shape images{3, 1, 32, 32};
    FusionNet<double> net = golden_net<double>(), twin = golden_net<double>();
    auto partner = pseudo_segmentation_net<double>(), partners_twin = pseudo_segmentation_net<double>();
    const auto y = random_image<double>(images, 1), ir = random_image<double>(images, 2);
    Tensor<std::int64_t> label = zeros<std::int64_t>({3, 32, 32});
    for (std::int64_t i = 0; i < label.numel(); ++i) label.mutable_data()[i] = i % 9;
    const seafusion::FusionBatch<double> batch{y, ir, full<double>({3, 2, 32, 32}, 0.5), label};

    partners_twin.train();
    partners_twin.requires_grad_();
    const auto fused = twin.forward(y, ir);
    const auto logits = partners_twin.forward(seafusion::color_image(fused, batch.chroma));
    const auto semantic =
        seafusion::semantic_loss(logits.main, logits.auxiliary, label, seafusion::segmentation_semantic_loss);
    const auto total = seafusion::content_loss(fused, y, ir, 10).total + 2.0 * semantic.total;
    total.backward();

    FusionTrainer<double> trainer(net);
    seafusion::SegmentationTrainer<double> partners(partner);
    trainer.train_along(partner, 2);
    partners.zero_grad();
    const auto losses = trainer.step(batch);
    CHECK(losses.total == total.item());
    CHECK(losses.semantic == semantic.total.item());
    const auto check_gradients = [](const nn::Module& a, const nn::Module& b) {
        const auto ours = a.named_parameters(), theirs = b.named_parameters();
        for (std::size_t i = 0; i < ours.size(); ++i)
            CHECK_MESSAGE(same_bits(ours[i].second.as<double>().grad(), theirs[i].second.as<double>().grad()),
                          ours[i].first);
    };
    check_gradients(net, twin);
    check_gradients(partner, partners_twin);
    const auto before = numbers(partner.named_parameters()[0].second);
    partners.update();
    CHECK(numbers(partner.named_parameters()[0].second) != before);

    // Parts of two images at least, which the partner's batch norm needs; a guide in eval() needs none.
    FusionTrainer<double> in_parts(net, {.micro_batch = 2});
    in_parts.train_along(partner, 2);
    CHECK_NOTHROW(in_parts.step(batch));
    in_parts.follow(partner, 2);
    CHECK(!partner.is_training());
    CHECK_NOTHROW(in_parts.step(batch));
}
