// The program fuse with folders as they come: suffixes, folders below, bad files, sequences, thermal counts.
#include "tests/programs/pairs.hpp"

using namespace fathom;
using namespace programs_test;

TEST_CASE("programs/fuse: suffixes, in two folders or in one") {
    const Pairs p;
    const std::string both = p.folder.make("both");
    for (const std::string name : {"a", "b"}) {
        std::filesystem::copy(p.vis + "/" + name + ".png", both + "/" + name + "_vis.png");
        std::filesystem::copy(p.ir + "/" + name + ".png", both + "/" + name + "_ir.png");
    }
    CHECK(Pairs::run_with(p.weights, both, both, p.out, {"--suffix", "_vis:_ir", "--quiet"}).code == 0);
    CHECK(p.fuse({"--quiet"}).code == 0);  // the same pictures under the same names
    CHECK(contents(p.out).size() == 2);
    std::filesystem::copy(p.vis + "/a.png", both + "/c.png");
    check_error(Pairs::run_with(p.weights, both, both, p.out, {"--suffix", "_vis:_ir", "--quiet"}), 1,
                {both + "/c.png: has a name that does not end in _vis"});
    check_error(
        Pairs::run_with(p.weights, p.vis + "/a.png", p.ir + "/a.png", p.folder / "x.png", {"--suffix", "_vis:_ir"}), 1,
        {"--suffix: expected folders"});
}

TEST_CASE("programs/fuse: folders below") {
    const Pairs p;
    for (const std::string part : {"vi", "ir"}) {
        p.folder.make(part + "/day/one");
        std::filesystem::copy(p.folder / (part + "/a.png"), p.folder / (part + "/day/one/a.png"));
        std::filesystem::create_directory_symlink("..", p.folder / (part + "/day/up"));  // once round, not for ever
    }
    CHECK(p.fuse({"--recursive", "--quiet"}).code == 0);
    CHECK(contents(p.out).size() == 3);
    CHECK(read_file(p.out + "/day/one/a.png") == read_file(p.out + "/a.png"));
    check_error(p.fuse({"--recursive", "--json", p.vis + "/day/x.json"}), 1, {"among the inputs"});
    const Outcome flat = p.fuse({"--quiet"});
    CHECK(flat.code == 0);
}

TEST_CASE("programs/fuse: bad files are passed over where that is asked for, and said") {
    const Pairs p;
    write_file(p.vis + "/notes.txt", "text");
    write_file(p.vis + "/cut.png", read_file(p.vis + "/a.png").substr(0, 60));
    write_pattern(p.ir + "/cut.png", 12, 17, 1, 0);
    write_pattern(p.vis + "/lonely.png", 4, 4, 3, 0);
    write_pattern(p.vis + "/size.png", 4, 4, 3, 0);
    write_pattern(p.ir + "/size.png", 4, 5, 1, 0);
    // The checksums are right, the pixels are not: only decoding shows it.
    data_test::write_png(p.vis + "/wrong.png", 9, 8, 8, 2, std::string(40, '\0'));
    write_pattern(p.ir + "/wrong.png", 9, 8, 1, 0);
    p.check_pairs_error({p.vis});
    const Outcome outcome = p.fuse({"--skip-bad", "--json", p.folder / "times.json", "--sheet", p.folder / "s.png"});
    CHECK(outcome.code == 0);
    for (const std::string name : {"notes.txt", "cut.png", "lonely.png", "size.png", "wrong.png"})
        CHECK(contains(outcome.err, "/" + name + ": "));
    CHECK(contains(outcome.err, "2 images in "));
    CHECK(contains(outcome.err, "(5 skipped)"));
    CHECK(contents(p.out).size() == 2);
    CHECK(contains(read_file(p.folder / "times.json"), "\"skipped\""));
    for (const std::string name : {"a", "b"}) std::filesystem::remove(p.vis + "/" + name + ".png");
    const Outcome none = p.fuse({"--skip-bad", "--quiet"});
    CHECK(none.code == 1);
    CHECK(contains(none.err, "error: "));
}

TEST_CASE("programs/fuse: one range for the pictures of a folder") {
    const Folder folder;
    const std::string vis = folder.make("vi"), ir = folder.make("ir"), weights = folder / "net.safetensors";
    io::save(weights, Pairs::state());
    // A scene, and the same with something bright in it.
    for (const std::string name : {"/1.png", "/2.png"}) {
        auto visible = full<std::uint8_t>({32, 32, 3}, std::uint8_t{60});
        for (std::int64_t i = 0; i < 3 * 32 * 8; ++i) visible.mutable_data()[i] = 20;
        for (std::int64_t i = 0; name == "/2.png" && i < 60; ++i) visible.mutable_data()[3 * 32 * 30 + i] = 255;
        io::write_image(vis + name, visible);
        io::write_image(ir + name, full<std::uint8_t>({32, 32, 1}, std::uint8_t{60}));
    }
    const auto levels = [&](const std::string& normalize) {
        const std::string out = folder / normalize;
        const Outcome outcome = Pairs::run_with(weights, vis, ir, out, {"--normalize", normalize});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK(contains(outcome.err, "flickers") == (normalize == "minmax"));
        return std::abs(int{io::read_image(out + "/1.png")(16, 16, 0)} -
                        int{io::read_image(out + "/2.png")(16, 16, 0)});
    };
    CHECK(levels("minmax") > 10);
    CHECK(levels("folder") <= 1);
}

TEST_CASE("programs/fuse: thermal counts of 16 bits") {
    const Pairs p;
    const auto counts = [](int least, int most) {
        std::vector<std::uint16_t> values;
        for (int i = 0; i < 12 * 17; ++i)
            values.push_back(static_cast<std::uint16_t>(least + (most - least) * i / (12 * 17 - 1)));
        return values;
    };
    for (const std::string name : {"/a.png", "/b.png"}) write_pattern(p.vis + name, 12, 17, 3, 0);
    data_test::write_grey16(p.ir + "/a.png", 12, 17, counts(20000, 21020));
    data_test::write_grey16(p.ir + "/b.png", 12, 17, counts(20500, 20600));
    const Outcome plain = p.fuse();
    CHECK(plain.code == 0);
    CHECK(contains(plain.err, "warning: " + p.ir +
                                  "/a.png: its 16-bit values lie between 20000 and 21020, 1.6% of the range, and will "
                                  "have little contrast; --ir-range auto stretches them"));
    CHECK(!contains(plain.err, "b.png: its"));  // once
    const auto fused = [&](const std::string& range) {
        const std::string out = p.folder / ("range" + range);
        const Outcome outcome =
            Pairs::run_with(p.weights, p.vis, p.ir, out, {"--ir-range", range, "--normalize", "none"});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK(contains(outcome.err, "16-bit infrared values 20000 to 21020 become black to white"));
        return contents(out);
    };
    CHECK(fused("auto") == fused("20000:21020"));  // of all images together
    // As the same net sees the values of the range.
    auto infrared = zeros<float>({12, 17, 1});
    const auto raw = counts(20000, 21020);
    for (std::size_t i = 0; i < raw.size(); ++i)
        infrared.mutable_data()[i] = static_cast<float>(raw[i] - 20000) / 1020.0f;
    seafusion::FusionNet<float> net;
    net.load_state_dict(io::load(p.weights));
    CHECK(almost_equal(
        io::read_image(p.folder / "rangeauto" + "/a.png"),
        seafusion::fuse(net, io::read_image_float(p.vis + "/a.png"), infrared, seafusion::Normalize::none)));
    write_pattern(p.ir + "/b.png", 12, 17, 1, 0);
    check_error(p.fuse({"--quiet", "--ir-range", "20000:21020"}), 1,
                {p.ir + "/b.png: has 8 bits per value, expected 16"});
}

TEST_CASE("programs/fuse: what a killed program left half written is taken away") {
    const Pairs p;
    std::filesystem::create_directory(p.out);
    write_file(p.out + "/.fathom-123-0.tmp", "half");
    CHECK(p.fuse({"--quiet"}).code == 0);
    CHECK(contents(p.out).size() == 2);
}
