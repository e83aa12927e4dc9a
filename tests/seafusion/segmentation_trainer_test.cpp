#include "fathom/seafusion/segmentation_trainer.hpp"

#include <limits>

#include "fathom/ops/inplace.hpp"
#include "fathom/seafusion/segment.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::SegmentationNet;
using seafusion::SegmentationTrainer;

namespace {

// Two halves of different color, and which is which.
struct Batch {
    Tensor<float> images;
    Tensor<std::int64_t> label;

    explicit Batch(std::int64_t n, std::int64_t size = 32)
        : images(random_image<float>({n, 3, size, size}, 5) * 0.2f), label(zeros<std::int64_t>({n, size, size})) {
        for (std::int64_t i = 0; i < n; ++i)
            for (std::int64_t y = 0; y < size; ++y)
                for (std::int64_t x = size / 2; x < size; ++x) {
                    images(i, 0, y, x) = 0.9f;
                    label(i, y, x) = 1;
                }
    }
};

}  // namespace

TEST_CASE("seafusion/segmentation_trainer: groups, rates and their schedule") {
    Generator gen(1);
    SegmentationNet<float> net(gen);
    SegmentationTrainer<float> trainer(net, {.schedule = {.warmup_steps = 2, .max_steps = 10}});
    const auto& groups = trainer.optimizer().groups();
    REQUIRE(groups.size() == 4);
    std::size_t count = 0;
    for (const auto& group : groups) count += group.params.size();
    CHECK(count == net.parameters().size());
    CHECK(groups[2].params.size() == 4);  // two convolutions in each head
    const double decay[] = {5e-4, 0, 5e-4, 0}, rate[] = {1e-2, 1e-2, 1e-1, 1e-1};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(groups[i].weight_decay == decay[i]);
        CHECK(groups[i].lr == doctest::Approx(rate[i] * 1e-3));
        CHECK(groups[i].momentum == 0.9);
    }
    const Batch batch(2);
    for (const double factor : {0.031622776601683794, 1.0, std::pow(7.0 / 8, 0.9)}) {
        trainer.step(batch.images, batch.label);
        CHECK(groups[0].lr == doctest::Approx(1e-2 * factor));
        CHECK(groups[2].lr == doctest::Approx(1e-1 * factor));
    }
}

TEST_CASE("seafusion/segmentation_trainer: learns two colors, and segment() finds them") {
    Generator gen(2);
    SegmentationNet<float> net(gen);
    net.eval();
    net.requires_grad_(false);  // as a fusion trainer leaves it
    SegmentationTrainer<float> trainer(net, {.schedule = {.warmup_steps = 3, .max_steps = 1000}});
    const Batch batch(4);
    const double first = trainer.step(batch.images, batch.label).total;
    double last = 0;
    for (int i = 0; i < 30; ++i) last = trainer.step(batch.images, batch.label).total;
    CHECK(last < first / 2);
    const auto picture = contiguous(permute(select(to<std::uint8_t>(batch.images * 255.0f), 0, 0), {1, 2, 0}));
    net.train();  // its running statistics are still those of the beginning; segment() must not use the batch's
    const auto classes = seafusion::segment(net, picture);
    CHECK(!net.is_training());
    CHECK(classes.shape() == Shape{32, 32});
    CHECK(message_of([&] { seafusion::segment(net, picture[0]); }) ==
          "segment: the picture has shape [32,3], expected [H,W,3] with at least one pixel at here");
}

TEST_CASE("seafusion/segmentation_trainer: micro-batches go through all images") {
    Generator gen(3);
    SegmentationNet<float> net(gen);
    SegmentationTrainer<float> trainer(net, {.micro_batch = 2});
    Batch batch(5);
    batch.images += 0.3f * random_image<float>({5, 3, 32, 32}, 6);  // no two images alike
    const auto loss_of = [&](std::int64_t first, std::int64_t count) {
        const NoGrad off;
        SegmentationNet<float> twin = net;
        const auto logits = twin.forward(narrow(batch.images, 0, first, count));
        return seafusion::semantic_loss(logits.main, logits.auxiliary, narrow(batch.label, 0, first, count),
                                        seafusion::segmentation_semantic_loss);
    };
    const auto a = loss_of(0, 2), b = loss_of(2, 3);
    const auto losses = trainer.step(batch.images, batch.label);
    CHECK(losses.main == doctest::Approx(0.4 * a.main() + 0.6 * b.main()).epsilon(1e-5));
    CHECK(losses.auxiliary == doctest::Approx(0.4 * a.auxiliary() + 0.6 * b.auxiliary()).epsilon(1e-5));
    CHECK(losses.total == doctest::Approx(losses.main + 0.75 * losses.auxiliary).epsilon(1e-5));
    CHECK(net.cp.resnet.stem.bn.num_batches_tracked.item() == 2);  // of 2 and 3 images
    CHECK(message_of([&] {
              SegmentationTrainer<float>(net, {.micro_batch = 1});
          }).find("micro_batch is 1, expected 0, or 2 and more") != std::string::npos);
}

TEST_CASE("seafusion/segmentation_trainer: what cannot be trained on") {
    Generator gen(4);
    SegmentationNet<float> net(gen);
    SegmentationTrainer<float> trainer(net);
    const Batch one(1), two(2);
    CHECK(message_of([&] { trainer.step(one.images, one.label); }) ==
          "train: images have shape [1,3,32,32], expected [N,3,H,W] with N at least 2 at here");
    auto bad = two.images.clone();
    bad(1, 2, 3, 4) = std::numeric_limits<float>::quiet_NaN();
    CHECK(message_of([&] {
              trainer.step(bad, two.label);
          }).find("train: the loss is nan: the images hold values that are not finite") == 0);
    {
        const NoGrad off;
        net.cp.sp8.conv.weight *= 3e38f;
    }
    const std::string text = message_of([&] { trainer.step(two.images, two.label); });
    INFO(text);
    CHECK(text.find(" in cp.sp8.conv gave a value that is not finite in a result of shape [2,128,4,4] at here") !=
          std::string::npos);
}
