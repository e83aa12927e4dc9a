// evaluate stress: what is done to a pair, and the table of what becomes of it.
#include <nlohmann/json.hpp>

#include "examples/evaluate/stressed_pair.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "tests/programs/fused_scenes.hpp"

using namespace fathom;
using namespace programs_test;
using evaluate::Image;

namespace {

Image image_of(std::vector<float> values, std::int64_t height, std::int64_t width) {
    return from_data(values.data(), {height, width, 1});
}
std::vector<float> values_of(const Image& image) { return {image.data(), image.data() + image.numel()}; }

}  // namespace

TEST_CASE("programs/stress: contrast, shift, scale and coarser images by hand") {
    CHECK(values_of(evaluate::with_contrast(image_of({0, 0.25f, 0.5f, 0.625f, 1}, 1, 5), 2)) ==
          std::vector<float>{0, 0, 0.5f, 0.75f, 1});
    CHECK(values_of(evaluate::with_contrast(image_of({0, 0.25f, 1}, 1, 3), 1)) == std::vector<float>{0, 0.25f, 1});
    const Image image = image_of({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3);
    CHECK(values_of(evaluate::shifted(image, 1)) == std::vector<float>{1, 1, 2, 1, 1, 2, 4, 4, 5});
    CHECK(values_of(evaluate::shifted(image, 0)) == values_of(image));
    CHECK(values_of(evaluate::shifted(image, 16)) == std::vector<float>(9, 1));
    // Twice as large: what was half a pixel from the centre is now a whole one away.
    CHECK(values_of(evaluate::scaled(image, 2)) == std::vector<float>{3, 3.5f, 4, 4.5f, 5, 5.5f, 6, 6.5f, 7});
    CHECK(values_of(evaluate::scaled(image, 1)) == values_of(image));
    // Blocks of two have the means 1.5 and 4 (of one pixel at the border); between their centres it is linear.
    CHECK(values_of(evaluate::coarser(image_of({1, 2, 4}, 1, 3), 2)) == std::vector<float>{1.5f, 2.125f, 3.375f});
    CHECK(values_of(evaluate::coarser(image, 8)) == std::vector<float>(9, 5));
    CHECK(values_of(evaluate::coarser(image, 1)) == values_of(image));
}

TEST_CASE("programs/stress: a row for each strength and method; undisturbed, as evaluate fusion has it") {
    const Scenes s;
    Generator gen(1);
    const std::string weights = s.folder / "own.safetensors", csv = s.folder / "stress.csv";
    io::save(weights, seafusion::FusionNet<float>(gen).state_dict());
    const Outcome outcome = run(evaluate_program, Arguments{"stress", "--weights", weights, "--quiet"} + s.sources() +
                                                      Arguments{"--csv", csv, "--json", s.json});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.err == "");
    CHECK(contains(outcome.out, "contrast"));
    REQUIRE(run(evaluate_program, Arguments{"fusion", "--weights", weights, "--quiet"} + s.sources()).code == 0);
    const Csv expected(s.csv), stress(csv);
    REQUIRE(stress.rows.size() == 3 * evaluate::all_stresses().size());
    const auto value = [&](const std::string& kind, const std::string& strength, const std::string& method,
                           const std::string& metric) {
        for (const auto& row : stress.rows)
            if (row.at("stress") == kind && row.at("strength") == strength && row.at("method") == method)
                return std::strtod(row.at(metric).c_str(), nullptr);
        FAIL_CHECK("no row " << kind << " " << strength << " " << method);
        return 0.0;
    };
    for (const std::string metric : {"EN", "MI", "VIF", "Qabf", "SSIM"}) {
        CAPTURE(metric);
        CHECK(value("none", "0", "net", metric) == expected.number("own", "mean", "float", metric));
        CHECK(value("none", "0", "max", metric) == expected.number("max", "mean", "float", metric));
        CHECK(value("none", "0", "mean", metric) == expected.number("mean", "mean", "float", metric));
    }
    // What is disturbed more is less like the sources.
    for (const std::string method : {"max", "mean"}) {
        CHECK(value("contrast", "1.5", method, "SSIM") > value("contrast", "5", method, "SSIM"));
        CHECK(value("shift", "1", method, "SSIM") > value("shift", "8", method, "SSIM"));
        CHECK(value("scale", "1.01", method, "SSIM") > value("scale", "1.1", method, "SSIM"));
        CHECK(value("coarse", "2", method, "SSIM") > value("coarse", "8", method, "SSIM"));
    }
    const auto json = nlohmann::json::parse(io_test::read_file(s.json));
    REQUIRE(json["rows"].size() == stress.rows.size());
    CHECK(json["rows"][0]["metrics"]["EN"]["mean"].get<double>() == value("none", "0", "net", "EN"));
    CHECK(json["images"] == 3);
}

TEST_CASE("programs/stress: pairs that do not go together, weights that are none, constant images") {
    const Scenes s;
    Generator gen(1);
    const std::string weights = s.folder / "own.safetensors", csv = s.folder / "stress.csv";
    io::save(weights, seafusion::FusionNet<float>(gen).state_dict());
    const auto evaluated = [&](const Arguments& more) {
        return run(evaluate_program,
                   Arguments{"stress"} + s.sources() + Arguments{"--weights", weights, "--csv", csv} + more);
    };
    check_error(evaluated({"--ir", s.folder.make("empty")}), 1, {"empty: the folder has no images"});
    check_error(evaluated({"--weights", s.vis + "/a.png"}), 1, {s.vis + "/a.png"});
    std::filesystem::remove(s.ir + "/b.png");
    check_error(evaluated({}), 1, {s.vis + "/b.png: has no infrared partner"});
    write_constant(s.ir + "/b.png", 7);
    CHECK(!exists(csv));
    const Outcome outcome = evaluated({"--quiet"});
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, s.ir + "/b.png: all pixels are equal"));
}
