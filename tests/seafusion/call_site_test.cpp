// Errors of what the standard library makes for a program (std::make_unique, emplace_back, ...): the place that a
// default argument names is then a line of the standard library, which helps nobody.
#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <vector>

#include "fathom/data/pair_loader.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/nn/conv.hpp"
#include "fathom/optim/sgd.hpp"
#include "fathom/seafusion/fusion_trainer.hpp"
#include "fathom/seafusion/segmentation_trainer.hpp"

using namespace fathom;

namespace {

template <class F>
std::string raw_message(F f) {
    try {
        f();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

void check_nameless(const std::string& message) {
    CAPTURE(message);
    CHECK(message != "no error");
    for (const char* part : {".h:", "unique_ptr", "alloc", "optional:", "here"})
        CHECK(message.find(part) == std::string::npos);
}

}  // namespace

TEST_CASE("seafusion/call_site: no message names a line of the standard library") {
    Generator gen(1);
    seafusion::FusionNet<float> fusion;
    seafusion::SegmentationNet<float> segmentation;
    check_nameless(raw_message([&] {
        auto loader =
            std::make_unique<data::PairLoader>(std::shared_ptr<const data::Dataset>(), data::LoaderOptions{}, gen);
    }));
    check_nameless(raw_message([&] {
        auto trainer = std::make_unique<seafusion::FusionTrainer<float>>(
            fusion, seafusion::FusionTrainerOptions{.micro_batch = -1});
    }));
    check_nameless(raw_message([&] {
        auto trainer = std::make_shared<seafusion::SegmentationTrainer<float>>(
            segmentation, seafusion::SegmentationTrainerOptions{.micro_batch = 1});
    }));
    check_nameless(raw_message(
        [&] { auto sgd = std::make_unique<optim::SGD>(fusion.parameters(), optim::SGDOptions{.lr = -1}); }));
    check_nameless(raw_message([&] {
        std::vector<nn::Conv2d<float>> layers;
        layers.emplace_back(0, 3, nn::ConvOptions{.kernel_size = 3});
    }));
    check_nameless(raw_message([&] {
        std::optional<nn::Conv2d<float>> layer;
        layer.emplace(0, 3, nn::ConvOptions{.kernel_size = 3});
    }));
}

TEST_CASE("seafusion/call_site: a place that is given is named") {
    Generator gen(1);
    CHECK(raw_message([&] {
              auto loader = std::make_unique<data::PairLoader>(std::shared_ptr<const data::Dataset>(),
                                                               data::LoaderOptions{}, gen, Where("here.cpp", 7));
          }) == "data loader: no data at here.cpp:7");
}
