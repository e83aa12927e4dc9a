// fuse with the released weights reproduces the published images.
#include <cmath>

#include "fathom/io/image.hpp"
#include "fathom/kernels/isa.hpp"
#include "tests/programs/program.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;

namespace {

struct Shared {
    std::string images, weights;

    Shared() {
        const char* shared = std::getenv("FATHOM_SHARED");
        const std::string root = shared ? shared : "../shared";
        images = root + "/data/fusion_conformance";
        weights = root + "/weights/seafusion_official";
    }
    bool missing() const {
        if (exists(images) && exists(weights + ".safetensors")) return false;
        MESSAGE("SKIPPED: no folder " << images);
        return true;
    }
};

struct Difference {
    int most = 0;
    double sum = 0, count = 0;
};

Difference difference(const std::string& a, const std::string& b) {
    const auto x = io::read_image(a), y = io::read_image(b);
    REQUIRE(x.shape() == y.shape());
    Difference d;
    const std::uint8_t *p = x.data(), *q = y.data();
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const int one = std::abs(p[i] - q[i]);
        d.most = std::max(d.most, one);
        d.sum += one;
    }
    d.count = static_cast<double>(x.numel());
    return d;
}

}  // namespace

TEST_CASE("programs/conformance: the published images, fast on every ISA and strict") {
    const Shared shared;
    if (shared.missing()) return;
    struct Case {
        Isa isa;
        const char* precision;
        double each, all;  // the mean |difference| of an image, and of all
    };
    for (const Case& c : {Case{Isa::baseline, "fp32", 1e-3, 3e-4}, Case{Isa::avx2, "fp32", 1e-3, 3e-4},
                          Case{Isa::avx512, "fp32", 1e-3, 3e-4}, Case{best_isa(), "strict", 1e-4, 5e-5}}) {
        if (c.isa < lowest_isa() || c.isa > best_isa() || (sanitized && c.isa != best_isa())) continue;
        const std::string name = name_of(c.isa);
        CAPTURE(name);
        CAPTURE(c.precision);
        const Folder folder;
        // The machine's own instructions make all twelve. The others run the same source: four of the sizes.
        std::string vi = shared.images + "/vi", ir = shared.images + "/ir";
        const bool all = c.isa == best_isa();
        if (!all) {
            vi = folder.make("vi"), ir = folder.make("ir");
            for (const std::string image : {"/36.png", "/175.png", "/049.png", "/00881N.png"}) {
                std::filesystem::copy(shared.images + "/vi" + image, vi + image);
                std::filesystem::copy(shared.images + "/ir" + image, ir + image);
            }
        }
        const Outcome outcome = run(fuse_program,
                                    {"--weights", shared.weights + ".safetensors", "--vis", vi, "--ir", ir, "--out",
                                     folder / "fused", "--json", folder / "times.json", "--precision", c.precision},
                                    {{"FATHOM_ISA", name}});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK(read_file(folder / "times.json").find("\"isa\": \"" + name + "\"") != std::string::npos);
        double sum = 0, count = 0;
        int images = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder / "fused")) {
            const std::string image = entry.path().filename().string();
            CAPTURE(image);
            const Difference d = difference(entry.path().string(), shared.images + "/fused/" + image);
            CHECK(d.most <= 1);
            CHECK(d.sum / d.count <= c.each);
            sum += d.sum, count += d.count, ++images;
        }
        CHECK(images == (all ? 12 : 4));
        CHECK(sum / count <= c.all);
        MESSAGE(name << ", " << c.precision << ": mean |difference| " << sum / count);
    }
}

TEST_CASE("programs/conformance: in bfloat16 within a few grey levels of the published images") {
    const Shared shared;
    if (shared.missing()) return;
    if (best_tile_isa() == TileIsa::vectors) {
        MESSAGE("SKIPPED: through float this takes minutes");
        return;
    }
    const Folder folder;
    folder.make("vi"), folder.make("ir");
    for (const std::string part : {"vi", "ir"})
        for (const std::string image : {"/36.png", "/175.png"})
            std::filesystem::copy(shared.images + "/" + part + image, folder / part + image);
    const Outcome outcome =
        run(fuse_program, {"--weights", shared.weights + ".safetensors", "--vis", folder / "vi", "--ir", folder / "ir",
                           "--out", folder / "fused", "--precision", "bf16"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    for (const auto& entry : std::filesystem::directory_iterator(folder / "fused")) {
        const std::string image = entry.path().filename().string();
        CAPTURE(image);
        const Difference d = difference(entry.path().string(), shared.images + "/fused/" + image);
        CHECK(d.most <= 6);  // the picture is stretched over its own range, whose ends move too
        CHECK(d.sum / d.count <= 0.6);
        MESSAGE(image << ": mean |difference| " << d.sum / d.count << ", most " << d.most);
    }
}

TEST_CASE("programs/conformance: the three files of the released weights give the same bytes") {
    const Shared shared;
    if (shared.missing()) return;
    const Folder folder;
    folder.make("vi"), folder.make("ir");
    for (const std::string part : {"vi", "ir"})
        for (const std::string image : {"/36.png", "/175.png"})
            std::filesystem::copy(shared.images + "/" + part + image, folder / part + image);
    std::vector<std::vector<std::pair<std::string, std::string>>> pictures;
    for (const std::string file : {"_legacy.pth", "_zip.pth", ".safetensors"}) {
        CAPTURE(file);
        const Outcome outcome = run(fuse_program, {"--weights", shared.weights + file, "--vis", folder / "vi", "--ir",
                                                   folder / "ir", "--out", folder / file});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK(outcome.err.find("unused entries (decode4.bn.weight") != std::string::npos);
        pictures.push_back(contents(folder / file));
    }
    CHECK(pictures[0].size() == 2);
    CHECK((pictures[1] == pictures[0]));
    CHECK((pictures[2] == pictures[0]));
}
