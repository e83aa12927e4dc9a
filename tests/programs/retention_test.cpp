// What train_seafusion says of people in fused pictures.
#include <nlohmann/json.hpp>

#include "fathom/data/dataset.hpp"
#include "fathom/io/image.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/metrics/retention.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using nlohmann::json;

namespace {

constexpr std::uint8_t person = 2;

// Labels as people the pixels of the test images whose infrared value `is` says it of, all others as background.
template <class Is>
void label_people(const Data& d, Is is) {
    for (const auto& entry : std::filesystem::directory_iterator(d.data + "/test/ir")) {
        const auto infrared = io::read_image(entry.path().string());
        auto label = zeros<std::uint8_t>({48, 64, 1});
        for (std::int64_t y = 0; y < 48; ++y)
            for (std::int64_t x = 0; x < 64; ++x)
                if (is(int{infrared(y, x, 0)})) label(y, x, 0) = person;
        io::write_image(d.data + "/test/Segmentation_labels/" + entry.path().filename().string(), label);
    }
}

// By the library, of the pictures that a run has made.
std::optional<double> kept_in(const Data& d, const std::string& run) {
    metrics::Retention all;
    for (const auto& entry : std::filesystem::directory_iterator(d.data + "/test/ir")) {
        const std::string name = "/" + entry.path().filename().string();
        const auto label = data::read_label(d.data + "/test/Segmentation_labels" + name);
        all.add(io::read_image(entry.path().string()), io::read_image(run + "/round_1/test" + name),
                metrics::class_mask(label, person));
    }
    return all.value();
}

}  // namespace

TEST_CASE("programs/retention: a warning where people are darker in fused pictures than in infrared, and only there") {
    const Data d;
    // A net whose pictures are bright, and one whose are dark, by the last layer's bias.
    Generator gen(1);
    const StateDict weights = seafusion::FusionNet<float>(gen).state_dict();
    for (const auto& [net, bias] : {std::pair{"bright", 1.0f}, {"dark", -1.0f}}) {
        StateDict own = weights;
        for (auto& [name, tensor] : own)
            if (name == "decode1.conv.bias") tensor = full<float>({1}, bias);
        io::save(d.folder / (std::string(net) + ".safetensors"), own);
    }
    const auto train = [&](const std::string& net) {
        const std::string out = d.folder / ("run_" + net);
        std::filesystem::remove_all(out);
        const Outcome outcome = run(
            train_program,
            d.small(out) + Arguments{"--fusion-weights", d.folder / (net + ".safetensors"), "--fusion-rate", "1e-12"});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        return outcome;
    };
    const auto measured = [&](const std::string& net) {
        return json::parse(read_file(d.folder / ("run_" + net) + "/round_1/measures.json"));
    };

    label_people(d, [](int infrared) { return infrared > 60; });
    const Outcome good = train("bright");
    CHECK(!contains(good.err, "brightness"));
    CHECK(contains(good.out, "  brightness of people, fused over infrared\n    this net "));
    CHECK(measured("bright")["person_retention"].get<double>() > 1);

    const Outcome lost = train("dark");
    const auto kept = kept_in(d, d.folder / "run_dark");
    REQUIRE(kept.has_value());
    CHECK(*kept < 0.8);
    CHECK(measured("dark")["person_retention"].get<double>() == doctest::Approx(*kept));
    CHECK(contains(lost.err, "warning: fused pictures keep 0."));
    CHECK(contains(lost.err, "of the brightness that people have in infrared, expected at least 0.8"));

    // Without people nothing is said.
    label_people(d, [](int) { return false; });
    const Outcome nobody = train("dark");
    CHECK(!contains(nobody.out + nobody.err, "brightness"));
    CHECK(!measured("dark").contains("person_retention"));
}
