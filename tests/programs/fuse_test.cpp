// The program fuse: what it writes, and what it says of bad input.
#include "fathom/seafusion/fuse.hpp"

#include "fathom/io/json.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/kernels/isa.hpp"
#include "tests/io/pth_writer.hpp"
#include "tests/io/tmpfs.hpp"
#include "tests/programs/pairs.hpp"

using namespace fathom;
using namespace programs_test;
using data_test::write_pattern;
using io_test::read_file;
using io_test::write_file;

TEST_CASE("programs/fuse: a folder of pairs of any size, with its report") {
    const Pairs p;
    const Outcome outcome = p.fuse({"--json", p.folder / "times.json"});
    CHECK(outcome.code == 0);
    CHECK(outcome.out == "");
    CHECK(outcome.err.find(p.out + "/b.png") != std::string::npos);
    CHECK(contents(p.out).size() == 2);
    for (const std::string name : {"a.png", "b.png"})
        CHECK(almost_equal(io::read_image(p.out + "/" + name), fused_here(p, name)));

    const std::string json = read_file(p.folder / "times.json");
    std::string isa, keys;
    std::int64_t pixels = 0;
    io::JsonReader reader("times.json", json, 0);
    reader.object([&](const std::string& key) {
        keys += key + " ";
        if (key == "isa") {
            isa = reader.string();
        } else if (key == "images") {
            reader.array([&] {
                std::int64_t height = 0, width = 0;
                reader.object([&](const std::string& field) {
                    if (field == "height")
                        height = reader.integer();
                    else if (field == "width")
                        width = reader.integer();
                    else
                        reader.skip();
                });
                pixels += height * width;
            });
        } else {
            reader.skip();
        }
    });
    reader.end();
    CHECK(isa == name_of(fathom::isa()));
    CHECK(keys == "device images isa threads weights ");
    CHECK(pixels == 12 * 17 + 9 * 8);
}

TEST_CASE("programs/fuse: one pair of files, into a file or a folder") {
    const Pairs p;
    const auto one = [&](const std::string& out, const std::vector<std::string>& more = {}) {
        return Pairs::run_with(p.weights, p.vis + "/a.png", p.ir + "/a.png", out, more);
    };
    CHECK(one(p.folder / "x.png").code == 0);
    CHECK(almost_equal(io::read_image(p.folder / "x.png"), fused_here(p, "a.png")));
    CHECK(one(p.folder.make("into")).code == 0);
    CHECK(read_file(p.folder / "into/a.png") == read_file(p.folder / "x.png"));
    CHECK(one(p.folder / "plain.png", {"--normalize", "none", "--threads", "1"}).code == 0);
    CHECK(almost_equal(io::read_image(p.folder / "plain.png"), fused_here(p, "a.png", seafusion::Normalize::none)));
    CHECK(one(p.folder / "y.jpg").code == 0);
    CHECK(io::read_image(p.folder / "y.jpg").shape() == Shape{12, 17, 3});
}

TEST_CASE("programs/fuse: quiet says nothing, help is no error, wrong usage is 2") {
    const Pairs p;
    const Outcome quiet = p.fuse({"--quiet"});
    CHECK(quiet.code == 0);
    CHECK(quiet.out + quiet.err == "");
    const Outcome help = run(fuse_program, {"--help"});
    CHECK(help.code == 0);
    CHECK(help.out.find("--weights") != std::string::npos);
    CHECK(help.err == "");
    check_error(run(fuse_program, {}), 2, {"--weights"});
    check_error(run(fuse_program, {"--weights", p.weights, "--vis", p.vis, "--ir", p.ir}), 2, {"--out"});
    check_error(p.fuse({"--normalize", "stretch"}), 2, {"--normalize", "stretch"});
    check_error(p.fuse({"--threads", "-1"}), 2, {"--threads", "-1"});
    check_error(p.fuse({"--threads", "two"}), 2, {"--threads", "two"});
    check_error(p.fuse({"--sharpen"}), 2, {"--sharpen"});
}

TEST_CASE("programs/fuse: a name that is no UTF-8 does not spoil the report") {
    const Pairs p;
    for (const std::string& part : {p.vis, p.ir}) std::filesystem::rename(part + "/b.png", part + "/b\xff.png");
    const Outcome outcome = p.fuse({"--quiet", "--json", p.folder / "times.json"});
    CHECK(outcome.code == 0);
    CHECK(outcome.err == "");
    const std::string json = read_file(p.folder / "times.json");
    CHECK(json.find("b\xef\xbf\xbd") != std::string::npos);
    CHECK(exists(p.out + "/b\xff.png"));
}

TEST_CASE("programs/fuse: images of differing sizes in a pair") {
    const Pairs p;
    write_pattern(p.ir + "/b.png", 9, 7, 1, 0);
    const std::string text = p.ir + "/b.png: has 9 x 7 pixels, expected the 9 x 8 of " + p.vis + "/b.png";
    p.check_pairs_error({text});
    check_error(Pairs::run_with(p.weights, p.vis + "/b.png", p.ir + "/b.png", p.folder / "x.png"), 1, {text});
    CHECK(!exists(p.folder / "x.png"));
}

TEST_CASE("programs/fuse: a missing partner is named before any work starts") {
    const Pairs p;
    write_pattern(p.vis + "/lonely.png", 4, 4, 3, 0);
    p.check_pairs_error({p.vis + "/lonely.png: has no infrared partner", p.ir});
    std::filesystem::rename(p.vis + "/lonely.png", p.ir + "/lonely.png");
    p.check_pairs_error({p.ir + "/lonely.png: has no visible partner", p.vis});
}

TEST_CASE("programs/fuse: images that cannot be read") {
    const Pairs p;
    const std::string good = read_file(p.vis + "/b.png"), bad = p.vis + "/b.png";
    const auto check = [&](const std::vector<std::string>& parts) {
        p.check_pairs_error(parts);
        write_file(p.folder / "x.png", "old");
        check_error(Pairs::run_with(p.weights, bad, p.ir + "/b.png", p.folder / "x.png"), 1, parts);
        CHECK(read_file(p.folder / "x.png") == "old");
    };
    write_file(bad, "");
    check({bad + ": "});
    write_file(bad, good.substr(0, good.size() - 20));
    check({bad + ": truncated"});
    write_file(bad, good.substr(0, 40));
    check({bad + ": truncated"});
    write_file(bad, "This is no picture.\n");
    check({bad + ": "});
    std::string damaged = good;
    damaged[good.size() - 30] = static_cast<char>(damaged[good.size() - 30] ^ 1);
    write_file(bad, damaged);
    check({bad + ": ", "checksum"});
    std::filesystem::remove(bad);
    check_error(Pairs::run_with(p.weights, bad, p.ir + "/b.png", p.folder / "y.png"), 1,
                {bad + ": no such file or folder"});
    CHECK(!exists(p.folder / "y.png"));
}

TEST_CASE("programs/fuse: folders that are none") {
    const Pairs p;
    check_error(Pairs::run_with(p.weights, p.folder / "nowhere", p.ir, p.out), 1,
                {p.folder / "nowhere" + ": no such file or folder"});
    check_error(Pairs::run_with(p.weights, p.vis, p.ir + "/a.png", p.out), 1,
                {p.ir + "/a.png", "expected two files or two folders"});
    const std::string empty = p.folder.make("empty");
    check_error(Pairs::run_with(p.weights, empty, empty, p.out), 1, {empty + ": the folder has no images"});
    CHECK(!exists(p.out));
    write_file(p.out, "a file");
    check_error(p.fuse(), 1, {p.out + ": "});
    CHECK(read_file(p.out) == "a file");
}

TEST_CASE("programs/fuse: a picture never takes the place of an input") {
    const Pairs p;
    const auto before = contents(p.folder.path);
    check_error(Pairs::run_with(p.weights, p.vis, p.ir, p.vis), 1, {p.vis + "/a.png: is an input"});
    check_error(Pairs::run_with(p.weights, p.vis, p.ir, p.ir), 1, {p.ir + "/a.png: is an input"});
    check_error(Pairs::run_with(p.weights, p.vis + "/a.png", p.ir + "/a.png", p.vis), 1,
                {p.vis + "/a.png: is an input"});
    check_error(Pairs::run_with(p.weights, p.vis + "/a.png", p.ir + "/a.png", p.vis + "/../ir/a.png"), 1,
                {"ir/a.png: is an input"});
    CHECK(contents(p.folder.path) == before);
}

TEST_CASE("programs/fuse: pictures in a format that cannot be written") {
    const Pairs p;
    check_error(Pairs::run_with(p.weights, p.vis + "/a.png", p.ir + "/a.png", p.folder / "x.gif"), 1,
                {p.folder / "x.gif" + ": ", ".png"});
    CHECK(!exists(p.folder / "x.gif"));
}

TEST_CASE("programs/fuse: weights that are no weights") {
    const Pairs p;
    const std::string file = p.folder / "bad.safetensors", good = read_file(p.weights);
    check_error(Pairs::run_with(file, p.vis, p.ir, p.out), 1,
                {"error: " + file + ": cannot open, No such file or directory"});
    for (const std::string& bytes :
         {std::string(), good.substr(0, good.size() - 1), good.substr(0, good.size() / 2), good.substr(0, 100),
          good.substr(0, 4), std::string("no weights at all, but some text that is long enough\n")}) {
        CAPTURE(bytes.size());
        write_file(file, bytes);
        p.check_weights_error(file, {});
    }
    p.check_weights_error(p.vis, {"is a folder, expected a file"});
}

TEST_CASE("programs/fuse: weights with missing, unused or misshapen names") {
    const Pairs p;
    const std::string file = p.folder / "bad.safetensors";
    const auto check = [&](const StateDict& dict, const std::vector<std::string>& parts) {
        io::save(file, dict);
        p.check_weights_error(file, parts);
    };
    StateDict dict = Pairs::state();
    dict.entries.erase(dict.entries.begin());
    check(dict, {"lacks", "vis_conv.conv.weight"});
    dict = Pairs::state();
    dict.add("decode5.conv.weight", zeros<float>({3}));
    check(dict, {"has no decode5.conv.weight"});
    dict = Pairs::state();
    dict.entries[0].second = zeros<float>({16, 1, 5, 5});
    check(dict, {"vis_conv.conv.weight: expected float [16,1,3,3], got float [16,1,5,5]"});
    dict = Pairs::state();
    dict.entries[0].second = zeros<std::int64_t>({16, 1, 3, 3});
    check(dict, {"vis_conv.conv.weight: expected float [16,1,3,3], got int64 [16,1,3,3]"});
    // What the released files hold beside the weights is accepted, and said.
    dict = Pairs::state();
    dict.add("decode4.bn.running_mean", zeros<float>({64}));
    io::save(file, dict);
    const Outcome outcome = Pairs::run_with(file, p.vis, p.ir, p.folder / "ok");
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, file + ": complete; 1 unused entries (decode4.bn.running_mean, ...) are those of the "
                                       "released files"));
    // Values that are not finite are named; they would make black pictures.
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        dict = Pairs::state();
        dict.entries[4].second = full<float>(dict.entries[4].second.shape(), bad);
        check(dict, {dict.entries[4].first + " holds values that are not finite"});
    }
}

TEST_CASE("programs/fuse: a hostile pickle is refused and does nothing") {
    const Pairs p;
    const std::string file = p.folder / "bad.pth", marker = p.folder / "marker";
    const std::string call = "cposix\nsystem\n(" + io_test::pickled("touch " + marker) + "tR.";
    for (const std::string& bytes : {io_test::make_pth_zip("\x80\x02" + call, {}),
                                     io_test::make_pth_legacy("\x80\x02" + call, {}, 4), "\x80\x02" + call}) {
        write_file(file, bytes);
        p.check_weights_error(file, {});
        CHECK(!exists(marker));
    }
    write_file(file, io_test::make_pth_zip("\x80\x02" + call, {}));
    p.check_weights_error(file, {"posix", "system"});
}

TEST_CASE("programs/fuse: a full disk keeps the old picture") {
    const Pairs p;
    // A picture of noise does not fit.
    Generator gen(2);
    const auto noise = [&](const std::string& path, std::int64_t channels) {
        io::write_image(path, (rand<float>({200, 200, channels}, gen) * 255.0f).to<std::uint8_t>());
    };
    noise(p.vis + "/a.png", 3), noise(p.ir + "/a.png", 1);
    const std::string disk = p.folder.make("disk"), picture = disk + "/a.png";
    const std::string text = io_test::with_tmpfs(disk, "size=64k", [&]() -> std::string {
        write_file(picture, "old");
        const Outcome outcome = Pairs::run_with(p.weights, p.vis + "/a.png", p.ir + "/a.png", picture);
        return std::to_string(outcome.code) + "|" + outcome.err + "|" + read_file(picture) + "|" +
               std::to_string(contents(disk).size());
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    CHECK(text == "1|error: " + picture + ": cannot write, No space left on device\n|old|1");
}

TEST_CASE("programs/fuse: a read-only disk") {
    const Pairs p;
    const std::string disk = p.folder.make("disk"), picture = disk + "/a.png";
    const std::string text = io_test::with_tmpfs(disk, "size=64k", [&]() -> std::string {
        write_file(picture, "old");
        if (!io_test::make_read_only(disk)) return "SKIPPED";
        const Outcome file = Pairs::run_with(p.weights, p.vis + "/a.png", p.ir + "/a.png", picture);
        const Outcome folder = Pairs::run_with(p.weights, p.vis, p.ir, disk + "/new");
        const Outcome json = p.fuse({"--quiet", "--json", disk + "/times.json"});
        return std::to_string(file.code) + "|" + file.err + "|" + read_file(picture) + "|" +
               std::to_string(folder.code) + "|" + folder.err + "|" + std::to_string(json.code) + "|" + json.err;
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    CHECK(text.substr(0, text.find("|1|error: " + disk + "/new")) ==
          "1|error: " + picture + ": cannot create, Read-only file system\n|old");
    CHECK(text.find("|1|error: " + disk + "/new: cannot be made, Read-only file system\n|1|error: " + disk +
                    "/times.json: cannot create, Read-only file system\n") != std::string::npos);
}
