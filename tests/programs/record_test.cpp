// A run's record that somebody has edited, and files of a run that are no files.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/programs/training.hpp"

using namespace programs_test;
using io_test::read_file;
using io_test::write_file;
using nlohmann::json;

TEST_CASE("programs/record: an edited field is named with its file, what is expected and what came") {
    const Data d;
    REQUIRE(run(train_program, d.content_only(d.run) + Arguments{"--quiet"}).code == 0);
    const std::string file = d.run + "/record.json", text = read_file(file);
    const json good = json::parse(text);
    const auto check = [&](const json& record, const std::vector<std::string>& parts) {
        write_file(file, record.dump());
        std::vector<std::string> all = {file + ": "};
        all.insert(all.end(), parts.begin(), parts.end());
        check_error(resume(d.run), 1, all);
    };
    // Every field of the recipe with every kind of value that it does not have.
    for (const auto& item : good["recipe"].items())
        for (const json& other : {json("x"), json(0), json(-1), json(1.5), json(true), json(nullptr), json::array(),
                                  json::object(), json(1e300)}) {
            const std::string key = item.key();
            const json& value = item.value();
            const bool fits = key == "gamma" || key == "alpha" ? other == json(0) || other == json(1.5)
                              : value.is_string() && key != "images" && key != "keep"          ? other.is_string()
                              : value.is_boolean()                                             ? other.is_boolean()
                              : key == "fusion_rate" || key == "segmentation_rate"             ? other == json(1.5)
                              : (key == "seed" || key == "micro_batch" || key == "strip_rows") ? other == json(0)
                                                                                               : false;
            if (fits) continue;
            json record = good;
            record["recipe"][key] = other;
            CAPTURE(key);
            CAPTURE(other.dump());
            check(record, {"recipe." + key, "expected", other.dump()});
        }
    for (const auto& [key, value] : good["recipe"].items()) {
        json record = good;
        record["recipe"].erase(key);
        if (key == "content_only" || key == "fusion_weights" || key == "segmentation_weights" || key == "keep" ||
            key == "classes" || key == "ir_range" || key == "strip_rows" || key == "exposure_loss" ||
            key == "fixed_segmentation" || key == "gradient_stream" || key == "dense_connections" || key == "one_stage")
            continue;  // younger than some runs
        check(record, {"recipe." + key + ": is missing"});
    }
    json record = good;
    record["recipe"]["round"] = 3;
    check(record, {"recipe.round: is no field that this program knows"});
    record = good;
    record["recipe"]["micro_batch"] = 1;
    check(record, {"--micro-batch"});
    record = good;
    record["recipe"]["ir_range"] = "warm";
    check(record, {"--ir-range: expected auto, full or LOW:HIGH"});
    record = good;
    record["recipe"]["classes"][3]["name"] = "car";
    check(record, {"recipe.classes: class 3: \"car\" is the name of class 1 already"});
    record = good;
    record["recipe"] = 7;
    check(record, {"recipe: expected an object, got 7"});
    record = good;
    record["resumed"] = "never";
    check(record, {"resumed: expected an array"});
    for (const std::string& bad : {std::string(), std::string("[]"), text.substr(0, text.size() / 2)}) {
        write_file(file, bad);
        check_error(resume(d.run), 1, {file + ": is damaged, expected a JSON object"});
    }
    write_file(file, text);
    CHECK(resume(d.run).code == 0);
}

TEST_CASE("programs/record: pipes and folders in the place of a run's files do not hang") {
    const Data d;
    REQUIRE(run(train_program, d.content_only(d.run) + Arguments{"--quiet", "--keep", "all"}).code == 0);
    for (const std::string name :
         {"record.json", "data.json", "log.jsonl", "run.lock", "summary.json", "checkpoints/last.safetensors"}) {
        CAPTURE(name);
        const std::string file = d.run + "/" + name, aside = d.folder / "aside";
        std::filesystem::rename(file, aside);
        REQUIRE(mkfifo(file.c_str(), 0666) == 0);
        const Outcome outcome = resume(d.run);
        if (name == "checkpoints/last.safetensors")  // `previous` is there
            CHECK(contains(outcome.err, file));
        else
            check_error(outcome, 1, {file});
        std::filesystem::remove(file);
        std::filesystem::create_directory(file);
        if (name != "checkpoints/last.safetensors") check_error(resume(d.run), 1, {file});
        std::filesystem::remove(file);
        std::filesystem::rename(aside, file);
    }
    CHECK(resume(d.run).code == 0);
}
