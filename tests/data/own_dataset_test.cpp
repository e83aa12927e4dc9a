// A dataset of a user's own, which may give anything.
#include <memory>

#include "fathom/data/pair_loader.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using data::PairLoader;
using data::Sample;
using tests::message_of;

namespace {

// Of its three samples the second is null, or has no image.
struct Absent : data::Dataset {
    bool half = false;

    std::int64_t size() const override { return 3; }
    bool has_labels() const override { return false; }
    std::string name(std::int64_t i) const override { return std::to_string(i); }
    std::shared_ptr<const Sample> load(std::int64_t i) const override {
        if (i == 1) return half ? std::make_shared<const Sample>() : nullptr;
        return std::make_shared<const Sample>(
            Sample{name(i), zeros<std::uint8_t>({8, 8, 3}), data::PixelPlane(std::vector<std::uint8_t>(64)), {}});
    }
};

}  // namespace

TEST_CASE("data/own_dataset: no sample, or half of one, is an error with its number") {
    for (const int threads : {0, 2})
        for (const bool half : {false, true}) {
            const auto absent = std::make_shared<Absent>();
            absent->half = half;
            Generator gen(1);
            PairLoader loader(
                absent,
                {.batch = 1, .height = 4, .width = 4, .parts = {.visible = true}, .shuffle = false, .threads = threads},
                gen);
            loader.next();
            const std::string message = message_of([&] { loader.next(); });
            CHECK(message.find(half ? "dataset: load(1) gave a sample without a visible image [H, W, 3]"
                                    : "dataset: load(1) gave no sample, but null") == 0);
            CHECK(loader.next().indices[0] == 2);
            CHECK(message_of([&] { absent->sample(1); }).ends_with(" at here"));
        }
}
