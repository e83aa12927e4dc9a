// Five joint steps against PyTorch in float64, golden/joint.safetensors: the fusion net from the released weights,
// guided by a frozen segmentation net.
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_trainer.hpp"
#include "tests/seafusion/golden.hpp"
#include "tests/seafusion/pseudo_weights.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

const AnyTensor& joint(const std::string& name) {
    static const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/joint.safetensors");
    const AnyTensor* found = dict.find(name);
    if (!found) throw Error("no golden " + name);
    return *found;
}

// The largest errors of the five steps' losses (joint, intensity, texture, semantic) and of the weights behind them.
struct Errors {
    double first_losses = 0, losses = 0, totals = 0, weights = 0;
};

template <class T>
Errors errors_of_five_steps(std::int64_t micro_batch = 0, Precision precision = Precision::fast) {
    auto net = golden_net<T>(seafusion::Sobel::trainable);
    auto guide = pseudo_segmentation_net<T>();
    net.precision = precision, guide.precision = precision;
    seafusion::FusionTrainer<T> trainer(net, {.lr = 1e-3, .micro_batch = micro_batch});
    trainer.follow(guide, 2);
    const auto batch =
        seafusion::fusion_batch(joint("in.vis").as<double>().to<T>(), joint("in.ir").as<double>().to<T>(),
                                joint("in.label").as<std::int64_t>());
    const Tensor<double> expected = joint("out.losses").as<double>();
    Errors errors;
    for (int i = 0; i < 5; ++i) {
        const auto l = trainer.step(batch);
        const double values[] = {l.total, l.intensity, l.texture, l.semantic};
        for (int k = 0; k < 4; ++k) {
            const double error = std::fabs(values[k] - expected(i, k)) / std::fabs(expected(i, k));
            errors.losses = std::max(errors.losses, error);
            if (i == 0) errors.first_losses = std::max(errors.first_losses, error);
            if (k == 0) errors.totals = std::max(errors.totals, error);
        }
    }
    for (const auto& [name, parameter] : net.named_parameters())
        errors.weights = std::max(errors.weights, relative_difference(parameter, joint("final." + name)));
    return errors;
}

}  // namespace

TEST_CASE("seafusion/joint: five steps of the trainer in double, to 1e-9") {
    const Errors errors = errors_of_five_steps<double>();
    MESSAGE("losses " << errors.losses << ", weights " << errors.weights);
    CHECK(errors.losses < 1e-9);
    CHECK(errors.weights < 1e-9);
}

TEST_CASE("seafusion/joint: five steps of the trainer in float, losses to 1e-4 and weights to 1e-2, on every ISA") {
    for_each_isa([] {
        const Errors errors = errors_of_five_steps<float>();
        MESSAGE("losses " << errors.losses << ", weights " << errors.weights);
        CHECK(errors.losses < 1e-4);
        CHECK(errors.weights < 1e-2);
    });
}

// The first losses are those of weights that are the same: rounding leaves 1 % of a number at most (bfloat16_training).
// Then Adam steps by 1e-3 whatever a gradient's size, so that some weights go the other way, and the loss swings by
// half (5.9, 8.9, 6.5): float's own 6e-8 has become 1e-5 after five steps, and 2^-9 becomes hundredths.
TEST_CASE("seafusion/joint: five steps of the trainer in bfloat16, first losses to 1e-2, totals to 5e-2") {
    const Errors errors = errors_of_five_steps<float>(0, Precision::bf16);
    MESSAGE("first losses " << errors.first_losses << ", totals " << errors.totals << ", weights " << errors.weights);
    CHECK(errors.first_losses < 1e-2);
    CHECK(errors.totals < 5e-2);
    CHECK(errors.weights < 0.1);
}

TEST_CASE("seafusion/joint: the guide stays as it is, and is needed with labels and colors") {
    Generator gen(1);
    seafusion::FusionNet<float> net(gen);
    seafusion::SegmentationNet<float> guide(gen);
    seafusion::FusionTrainer<float> trainer(net);
    trainer.follow(guide, 1);
    const auto before = guide;
    const auto y = random_image<float>({2, 1, 32, 40}, 1), ir = random_image<float>({2, 1, 32, 40}, 2);
    CHECK(message_of([&] { trainer.step(y, ir); }) ==
          "train: a segmentation net guides: the batch needs chroma and label at here");
    const auto batch =
        seafusion::fusion_batch(random_image<float>({2, 3, 32, 40}, 3), ir, zeros<std::int64_t>({2, 32, 40}));
    CHECK(trainer.step(batch).semantic > 0);
    const auto was = before.state_dict(), is = guide.state_dict();
    for (std::size_t i = 0; i < is.size(); ++i) CHECK(same_bits(is.entries[i].second, was.entries[i].second));
    for (const AnyTensor& p : guide.parameters()) CHECK(!p.as<float>().grad().defined());
    trainer.follow_nobody();
    CHECK(trainer.step(batch).semantic == 0);
}

TEST_CASE("seafusion/joint: micro-batches add up to the batch's content loss and gradients") {
    const auto run = [](std::int64_t micro_batch) {
        auto net = golden_net<double>();
        seafusion::FusionTrainer<double> trainer(net, {.micro_batch = micro_batch});
        const auto y = random_image<double>({5, 1, 14, 17}, 1), ir = random_image<double>({5, 1, 14, 17}, 2);
        std::vector<double> all;
        for (int i = 0; i < 2; ++i) {
            const auto l = trainer.step(y, ir);
            all.insert(all.end(), {l.total, l.intensity, l.texture});
        }
        for (const AnyTensor& p : net.parameters())
            for (const double w : numbers(p)) all.push_back(w);
        return all;
    };
    const auto whole = run(0), parts = run(2);
    double worst = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) worst = std::max(worst, std::fabs(whole[i] - parts[i]));
    CHECK(worst < 1e-11);
    Generator gen(1);
    seafusion::FusionNet<float> net(gen);
    CHECK(message_of([&] { seafusion::FusionTrainer<float>(net, {.micro_batch = -1}); }) ==
          "FusionTrainer: micro_batch is -1, expected 0 or more at here");
}
