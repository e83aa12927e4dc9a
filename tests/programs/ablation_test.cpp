// Switches of train_seafusion for ablations, and evaluate ablation, which sets such runs beside each other.
#include <nlohmann/json.hpp>

#include "fathom/io/safetensors.hpp"
#include "tests/programs/reports.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;
using nlohmann::json;

namespace {

json parsed(const std::string& file) { return json::parse(read_file(file)); }

// Puts a value into the recipe of a run's record.
void set_switch(const std::string& run, const std::string& key, const json& value) {
    json record = parsed(run + "/record.json");
    record["recipe"][key] = value;
    write_file(run + "/record.json", record.dump());
}

}  // namespace

TEST_CASE("programs/ablation: the exposure loss and the gradient stream change what is learnt, and are recorded") {
    const Data d;
    const std::string plain = d.folder / "plain", exposure = d.folder / "exposure", stream = d.folder / "stream";
    REQUIRE(run(train_program, d.content_only(plain) + Arguments{"--quiet"}).code == 0);
    REQUIRE(run(train_program, d.content_only(exposure) + Arguments{"--quiet", "--exposure-loss"}).code == 0);
    REQUIRE(run(train_program, d.content_only(stream) + Arguments{"--quiet", "--no-gradient-stream"}).code == 0);
    const json record = parsed(exposure + "/record.json")["recipe"];
    CHECK(record["exposure_loss"] == true);
    CHECK(record["gradient_stream"] == true);
    CHECK(parsed(stream + "/record.json")["recipe"]["gradient_stream"] == false);
    CHECK(weights_of(plain) != weights_of(exposure));
    CHECK(weights_of(plain) != weights_of(stream));
    // Texture does not depend on the intensity's target; before the first update the nets are the same.
    const std::string first = log_of(plain).front(), other = log_of(exposure).front();
    CHECK(number_in(first, "texture") == doctest::Approx(number_in(other, "texture")).epsilon(1e-6));
    CHECK(number_in(first, "intensity") != number_in(other, "intensity"));
    for (const auto& [name, tensor] : io::load(stream + "/fusion.safetensors"))
        if (name.find("sobelconv") != std::string::npos)
            for (const float value : tests::elements(tensor.as<float>())) CHECK(value == 0);

    const std::string table = d.folder / "table";
    const Outcome outcome = run(
        evaluate_program, {"ablation", plain, exposure, stream, "--csv", table + ".csv", "--json", table + ".json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.err == "");
    CHECK(contains(outcome.out, "exposure_loss  gradient_stream  content loss"));
    const json all = parsed(table + ".json");
    CHECK(all["differing"] == json{"exposure_loss", "gradient_stream"});
    REQUIRE(all["runs"].size() == 3);
    CHECK(all["runs"][1]["switches"] == json{{"exposure_loss", true}, {"gradient_stream", true}});
    CHECK(all["runs"][1]["measures"]["content_loss.this net"] ==
          parsed(exposure + "/round_1/measures.json")["content_loss"]["this net"]);
    CHECK(lines_of(table + ".csv").size() == 4);
}

TEST_CASE("programs/ablation: a fixed segmentation net is trained in round 1 alone" * doctest::skip(sanitized)) {
    const Data d;
    const Outcome outcome = d.train({"--rounds", "3", "--fixed-segmentation"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const std::string one = read_file(d.run + "/round_1/segmentation.safetensors");
    CHECK(one == read_file(d.run + "/round_2/segmentation.safetensors"));
    CHECK(one == read_file(d.run + "/segmentation.safetensors"));
    CHECK(read_file(d.run + "/round_1/fusion.safetensors") != read_file(d.run + "/round_2/fusion.safetensors"));
    CHECK(!exists(d.run + "/round_2/train"));
    CHECK(exists(d.run + "/round_2/test"));
    std::int64_t guided = 0;
    for (const std::string& line : lines_of(d.run + "/log.jsonl")) {
        const json step = json::parse(line);
        if (step.contains("semantic")) ++guided;
        if (step.value("phase", "") == "segmentation") CHECK(step["round"] == 1);
    }
    CHECK(guided == 4);
    CHECK(parsed(d.run + "/record.json")["recipe"]["fixed_segmentation"] == true);
    // Rounds that are added later are those of a run that was begun with them: the rate falls over round 1 alone.
    const std::string longer = d.folder / "longer";
    REQUIRE(run(train_program, d.small(longer) + Arguments{"--rounds", "1", "--fixed-segmentation", "--quiet"}).code ==
            0);
    REQUIRE(run(train_program, {"--resume", longer, "--rounds", "3", "--quiet"}).code == 0);
    CHECK(weights_of(longer) == weights_of(d.run));
}

TEST_CASE("programs/ablation: one stage trains both nets by each step, and goes on as it would have" *
          doctest::skip(sanitized)) {
    const Data d;
    const Arguments options = {"--rounds", "2", "--one-stage", "--quiet"};
    REQUIRE(d.train(options).code == 0);
    for (const char* net : {"fusion", "segmentation"}) {
        const std::string file = std::string("/") + net + ".safetensors";
        CHECK(read_file(d.run + "/round_1" + file) != read_file(d.run + "/round_2" + file));
    }
    CHECK(!exists(d.run + "/round_1/train"));
    const std::vector<std::string> log = lines_of(d.run + "/log.jsonl");
    REQUIRE(log.size() == 6);  // in each round two steps and the measures
    for (const std::size_t i : {0u, 1u, 3u, 4u}) {
        const json step = json::parse(log[i]);
        CHECK(step["phase"] == "fusion");
        CHECK(step["beta"] == 1);
        CHECK(step["loss"].get<double>() ==
              doctest::Approx(step["intensity"].get<double>() + 10 * step["texture"].get<double>() +
                              step["semantic"].get<double>())
                  .epsilon(1e-5));
    }
    // One rate over the whole run, in ten parts: four steps, before which 0, 2, 5 and 7 of them are behind.
    CHECK(json::parse(log[0])["lr"].get<double>() == doctest::Approx(1e-3 / 0.75));
    CHECK(json::parse(log[3])["lr"].get<double>() == doctest::Approx(1e-3 * std::pow(0.75, 4)));
    CHECK(parsed(d.run + "/record.json")["recipe"]["one_stage"] == true);

    const std::string killed = d.folder / "killed", turns = d.folder / "turns", csv = d.folder / "t.csv";
    const Arguments begin = d.small(killed) + Arguments{"--checkpoint-every", "0"} + options;
    {
        const Process process(train_program, begin);
        for (int i = 0; i < 6000 && process.running() && lines_of(killed + "/log.jsonl").size() < 2; ++i) usleep(10000);
    }  // kill -9
    REQUIRE(run(train_program, {"--resume", killed, "--quiet"}).code == 0);
    CHECK(weights_of(killed) == weights_of(d.run));
    CHECK(log_of(killed) == log_of(d.run));

    REQUIRE(run(train_program, d.small(turns) + Arguments{"--rounds", "2", "--quiet"}).code == 0);
    const Outcome outcome = run(evaluate_program, {"ablation", turns, d.run, "--csv", csv});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.out, "one_stage  content loss"));
    CHECK(lines_of(csv)[0].rfind("run,measured_rounds,one_stage,", 0) == 0);
    CHECK(contains(lines_of(csv)[1], turns + ",2,false,"));
    CHECK(contains(lines_of(csv)[2], d.run + ",2,true,"));
    const Outcome longer = run(train_program, {"--resume", d.run, "--rounds", "3"});
    CHECK(longer.code == 0);
    CHECK(contains(longer.err, "3 rounds instead of 2: from here on both nets' rates fall over all of them"));
}

TEST_CASE("programs/ablation: switches that contradict each other") {
    const Data d;
    const std::string weights = d.folder / "weights.safetensors";
    write_file(weights, "none");
    for (const auto& [arguments, text] : std::vector<std::pair<Arguments, std::string>>{
             {{"--content-only", "--fixed-segmentation"}, "--fixed-segmentation: not with --content-only"},
             {{"--fixed-segmentation", "--images", "visible"}, "--fixed-segmentation: not with --images"},
             {{"--content-only", "--one-stage"}, "--one-stage: not with --content-only"},
             {{"--one-stage", "--images", "visible"}, "--one-stage: not with --images"},
             {{"--one-stage", "--fixed-segmentation"}, "--one-stage: not with --fixed-segmentation"},
             {{"--one-stage", "--restart-fusion"}, "--one-stage: not with --restart-fusion"},
             {{"--one-stage", "--gamma", "0"}, "--one-stage: not with --gamma 0"},
             {{"--exposure-loss", "--images", "visible"}, "--exposure-loss: not with --images"},
             {{"--no-gradient-stream", "--images", "infrared"}, "--no-gradient-stream: not with --images"},
             {{"--no-gradient-stream", "--trainable-sobel"}, "--no-gradient-stream: not with --trainable-sobel"},
             {{"--no-dense-connections", "--images", "visible"}, "--no-dense-connections: not with --images"},
             {{"--no-dense-connections", "--fusion-weights", weights},
              "--no-dense-connections: not with --fusion-weights"},
             {{"--no-gradient-stream", "--fusion-weights", weights},
              "--no-gradient-stream: not with --fusion-weights"}})
        d.check_refused(d.small(d.run) + arguments, {text}, 2);
}

TEST_CASE("programs/ablation: the table of runs, of older ones and unfinished ones too") {
    const Folder folder;
    const std::string a = folder / "a", b = folder / "b", csv = folder / "t.csv";
    write_run(a, 2), write_run(b, 2);
    for (const std::string& run : {a, b}) set_switch(run, "rounds", 1);
    set_switch(b, "gamma", 0.5), set_switch(b, "keep", "all"), set_switch(b, "data", "x, y");
    const Outcome outcome = run(evaluate_program, {"ablation", a, b, "--csv", csv});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.err == "");
    // gamma is missing in the first record: it was 1.
    CHECK(lines_of(csv) == std::vector<std::string>{"run,measured_rounds,data,gamma,iou.background,iou.car,mean_iou,"
                                                    "pixel_accuracy",
                                                    a + ",1,,1.0,0.9,0.25,0.575,0.9",
                                                    b + ",1,\"x, y\",0.5,0.9,0.25,0.575,0.9"});
    CHECK(contains(outcome.out, "0.5750"));

    set_switch(b, "rounds", 2);
    json record = parsed(b + "/record.json");
    record["data"]["fingerprint"] = "1234";
    write_file(b + "/record.json", record.dump());
    const Outcome noted = run(evaluate_program, {"ablation", a, b});
    CHECK(noted.code == 0);
    CHECK(contains(noted.err, b + ": has measured 1 of 2 rounds"));
    CHECK(contains(noted.err, b + ": was trained on other data than " + a));
}

TEST_CASE("programs/ablation: folders that are no runs, runs that have measured nothing, damaged records") {
    const Folder folder;
    const std::string a = folder / "a", b = folder / "b", empty = folder.make("empty");
    write_run(a, 2), write_run(b, 2);
    const auto refused = [&](const Arguments& runs, int code, const std::vector<std::string>& parts) {
        check_error(run(evaluate_program, Arguments{"ablation"} + runs), code, parts);
    };
    refused({a}, 2, {"RUN: expected two runs or more, got " + a});
    refused({a, empty}, 1, {empty + ": holds no run, expected a folder with record.json"});
    refused({a, folder / "nowhere"}, 1, {"nowhere: no such folder"});
    refused({a, a + "/../a"}, 1, {"is given twice"});
    refused({a, b, "--csv", b + "/table.csv"}, 1, {"would be among the inputs in its folder"});
    write_file(b + "/log.jsonl", "");
    refused({a, b}, 1, {b + ": the run has not measured a round yet"});
    write_run(b, 2);
    set_switch(b, "rounds", "two");
    refused({a, b}, 1, {b + "/record.json: recipe.rounds: expected a whole number, got \"two\""});
    write_file(b + "/record.json", "{\"recipe\":7,\"data\":{}}");
    refused({a, b}, 1, {b + "/record.json: recipe: expected an object, got 7"});
}
