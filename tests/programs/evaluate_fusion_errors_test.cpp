// evaluate fusion: what it refuses, what it notes, and how a run is held against another.
#include "tests/programs/fused_scenes.hpp"

using namespace fathom;
using namespace programs_test;

TEST_CASE("programs/evaluate_fusion_errors: what does not go together is named") {
    const Scenes s;
    std::filesystem::remove(s.far + "/b.png");
    s.check_refused({s.near, s.far}, {}, {s.vis + "/b.png: has no fused partner: no file named b in " + s.far});
    write_scene(s.far + "/b.png", 3, 1, 0, 0, 48, 60);
    s.check_refused({s.near, s.far}, {},
                    {s.far + "/b.png: has 48 x 60 pixels, expected the 48 x 64 of " + s.vis + "/b.png"});
    write_scene(s.far + "/b.png", 3, 1), write_scene(s.far + "/d.png", 3, 1);
    s.check_refused({s.far}, {}, {s.far + "/d.png: has no visible partner", s.vis});
    std::filesystem::remove(s.far + "/d.png");
    write_scene(s.vis + "/d.png", 3, 1);
    s.check_refused({s.near}, {}, {s.vis + "/d.png: has no infrared partner", s.ir});
    write_scene(s.ir + "/d.png", 1, 1, 0, 0, 40, 64);
    s.check_refused({s.near}, {}, {s.ir + "/d.png: has 40 x 64 pixels, expected the 48 x 64 of " + s.vis + "/d.png"});
    const std::string empty = s.folder.make("empty");
    s.check_refused({s.near}, {"--vis", empty}, {empty + ": the folder has no images"});
    std::filesystem::remove(s.vis + "/d.png"), std::filesystem::remove(s.ir + "/d.png");
    s.check_refused({s.near, empty}, {}, {empty + ": the folder has no images"});
    s.check_refused({s.near, s.folder / "none"}, {}, {(s.folder / "none") + ": cannot open the folder"});
    // Damage is found before anything is measured.
    write_file(s.far + "/c.png", read_file(s.far + "/c.png").substr(0, 200));
    s.check_refused({s.far}, {}, {s.far + "/c.png: "});
}

TEST_CASE("programs/evaluate_fusion_errors: names that cannot be told apart, and nothing to measure") {
    const Scenes s;
    s.check_refused({s.near, "near=" + s.far}, {}, {"--fused", "two folders are called near"}, 2);
    s.check_refused({"max=" + s.near}, {},
                    {"--fused: " + s.near + " is called max as a baseline is, expected another name"}, 2);
    s.check_refused({"=" + s.near}, {}, {"--fused", "expected NAME=FOLDER"}, 2);
    s.check_refused({"x="}, {}, {"--fused", "expected"}, 2);
    check_error(run(evaluate_program, Arguments{"fusion"} + s.sources()), 2, {"--fused or --weights"});
    // A name may hold what CSV has to quote.
    REQUIRE(s.evaluate({"a,\"b\"=" + s.near}).code == 0);
    CHECK(lines_of(s.csv)[1].rfind("\"a,\"\"b\"\"\",a.png,float,", 0) == 0);
    // A folder with = in its name; one with a slash at its end.
    std::filesystem::rename(s.near, s.folder / "k=2");
    REQUIRE(s.evaluate({s.folder / "k=2", s.far + "/"}).code == 0);
    CHECK(Csv(s.csv).at("k=2", "a.png", "float", "CE").empty());
    CHECK(Csv(s.csv).at("far", "a.png", "float", "CE").empty());
}

TEST_CASE("programs/evaluate_fusion_errors: where nothing can be written") {
    const Scenes s;
    for (const std::string option : {"--csv", "--json", "--latex", "--xlsx"}) {
        s.check_refused({s.near}, {option, s.folder / "none/x"}, {"none/x: no such folder"});
        s.check_refused({s.near}, {option, s.vis + "/a.png"}, {"a.png: is an input, expected another " + option});
        s.check_refused({s.near}, {option, s.near + "/x.csv"}, {"would be among the inputs"});
        s.check_refused({s.near}, {option, s.vis}, {s.vis});
    }
    s.check_refused({s.near}, {"--json", s.csv}, {"is written twice"});
}

TEST_CASE("programs/evaluate_fusion_errors: inputs that look swapped or color-mapped, and constant images, are noted") {
    const Scenes s;
    CHECK(!contains(s.both().err, "warning"));
    // Saturated colors as infrared.
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < 48 * 64; ++i)
        for (const int v : {i % 256, (7 * i) % 256, 255 - i % 256}) pixels.push_back(static_cast<std::uint8_t>(v));
    const auto colorful = from_data(pixels.data(), {48, 64, 3});
    io::write_image(s.ir + "/b.png", colorful);
    CHECK(contains(s.both({"--quiet"}).err, "warning: " + s.ir + "/b.png: the infrared image is in color"));
    for (const std::string& name : s.names) io::write_image(s.ir + "/" + name, colorful);
    Outcome outcome = s.both();
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, "warning: 3 of 3 infrared images are more colorful than the visible ones"));
    CHECK(contains(outcome.err, "are --vis and --ir swapped, or is the infrared color-mapped?"));

    const Scenes c;
    for (const std::string name : {"/b.png", "/c.png"}) write_constant(c.far + name, 90);
    outcome = c.both();
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, "warning: " + c.far +
                                    "/b.png: all pixels are equal, so that measures which need contrast are undefined "
                                    "(nan), and so is 1 more of 3\n"));
    CHECK(contains(outcome.err, "float: CC of far is undefined (nan) on 2 of 3 images\n"));
    Csv table(c.csv);
    CHECK(table.at("far", "b.png", "float", "CC") == "nan");
    CHECK(table.number("far", "b.png", "float", "EN") == 0);
    CHECK(table.at("far", "mean", "float", "CC") == table.at("far", "a.png", "float", "CC"));  // the one that is left
    CHECK(table.at("far", "std", "float", "CC") == "nan");
    write_constant(c.ir + "/a.png", 0);
    outcome = c.both();
    CHECK(contains(outcome.err, "warning: " + c.ir + "/a.png: all pixels are equal"));
    CHECK(Csv(c.csv).at("near", "a.png", "float", "SCD") == "nan");

    // vifb compares channels.
    const Scenes g;
    write_scene(g.far + "/a.png", 1, 4);
    CHECK(contains(g.both({"--convention", "vifb"}).err, "warning: far: 1 pictures have one channel"));
    CHECK(!contains(g.both().err, "warning"));
}

TEST_CASE("programs/evaluate_fusion_errors: a run checks itself against the protocol of another") {
    const Scenes s;
    REQUIRE(s.both({"--json", s.json, "--convention", "all"}).code == 0);
    const Arguments against = {"--protocol", s.json};
    Outcome same = s.both(against);
    CHECK(same.code == 0);
    CHECK(!contains(same.err, "other pictures"));
    // Another picture of a method is said; other sources are an error.
    write_scene(s.far + "/a.png", 3, 11);
    same = s.both(against);
    CHECK(same.code == 0);
    CHECK(contains(same.err, "far: other pictures than those of " + s.json));
    CHECK(s.evaluate({s.near}, against).code == 0);
    const auto refused = [&](const std::vector<std::string>& parts) {
        const auto before = contents(s.folder.path);
        const Outcome outcome = s.evaluate({s.near}, against);
        CHECK(outcome.code == 1);
        CHECK(outcome.out == "");
        for (const std::string& part : parts) CHECK_MESSAGE(contains(outcome.err, part), part << " in " << outcome.err);
        CHECK(contents(s.folder.path) == before);
    };
    const std::string old = read_file(s.ir + "/b.png");
    write_scene(s.ir + "/b.png", 1, 12);
    refused({"warning: b.png, infrared: \"", "error: " + s.json + ": the protocol is another one, b.png, infrared"});
    write_file(s.ir + "/b.png", old);
    write_scene(s.vis + "/d.png", 3, 1), write_scene(s.ir + "/d.png", 1, 1), write_scene(s.near + "/d.png", 1, 1);
    std::filesystem::remove(s.vis + "/a.png"), std::filesystem::remove(s.ir + "/a.png");
    std::filesystem::remove(s.near + "/a.png");
    refused({"warning: a.png is missing here", "warning: d.png is missing there", "(1 more)"});
    write_file(s.json, "{\"protocol\": {\"channel\": {\"float\": \"red\"}, \"split\": []}}");
    refused({"channel of float: \"grey: round(.298936 R + .587043 G + .114021 B)\" here, \"red\" there",
             "resize: \"none\" here, null there"});
    for (const std::string text : {"", "[]", "{\"a\": 1}", "{\"protocol\": 3}", "{\"protocol\": {\"split\": 3}}",
                                   "{\"protocol\": {\"split\": [1]}}", "{\"protocol\": {\"channel\": []}}",
                                   "{\"protocol\": {\"split\": [{\"image\": 1}]}}"}) {
        write_file(s.json, text);
        CAPTURE(text);
        s.check_refused({s.near}, against, {s.json + ": "});
    }
}
