// What the tests of fuse share: two pairs and weights.
#pragma once

#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fuse.hpp"
#include "tests/programs/program.hpp"
#include "tests/support.hpp"

namespace programs_test {

using namespace fathom;
using data_test::write_pattern;
using io_test::read_file;
using io_test::write_file;

// Two pairs, of different sizes, and weights.
struct Pairs {
    Folder folder;
    std::string vis = folder.make("vi"), ir = folder.make("ir"), out = folder / "fused",
                weights = folder / "net.safetensors";

    Pairs() {
        write_pattern(vis + "/a.png", 12, 17, 3, 0), write_pattern(ir + "/a.png", 12, 17, 1, 90);
        write_pattern(vis + "/b.png", 9, 8, 1, 5), write_pattern(ir + "/b.png", 9, 8, 3, 60);
        io::save(weights, state());
    }
    static StateDict state() {
        Generator gen(1);
        return seafusion::FusionNet<float>(gen).state_dict();
    }
    Outcome fuse(const std::vector<std::string>& more = {}) const { return run_with(weights, vis, ir, out, more); }
    static Outcome run_with(const std::string& weights, const std::string& vis, const std::string& ir,
                            const std::string& out, const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments = {"--weights", weights, "--vis", vis, "--ir", ir, "--out", out};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(fuse_program, arguments);
    }
    // Runs with other weights than the good ones, onto a picture that exists and must stay.
    void check_weights_error(const std::string& file, const std::vector<std::string>& parts) const {
        std::filesystem::create_directory(out);
        write_file(out + "/a.png", "old");
        const auto before = contents(folder.path);
        std::vector<std::string> all = {"error: " + file + ": "};
        all.insert(all.end(), parts.begin(), parts.end());
        check_error(run_with(file, vis, ir, out), 1, all);
        CHECK(contents(folder.path) == before);
    }
    // Folders with something wrong: found before any work starts, so that not even the output folder is made.
    void check_pairs_error(const std::vector<std::string>& parts) const {
        const auto before = contents(folder.path);
        check_error(fuse(), 1, parts);
        CHECK(!exists(out));
        CHECK(contents(folder.path) == before);
    }
};

inline Tensor<std::uint8_t> fused_here(const Pairs& p, const std::string& name,
                                       seafusion::Normalize normalize = seafusion::Normalize::minmax) {
    seafusion::FusionNet<float> net;
    net.load_state_dict(io::load(p.weights));
    return seafusion::fuse(net, io::read_image_float(p.vis + "/" + name), io::read_image_float(p.ir + "/" + name),
                           normalize);
}

// Up to a value on the edge between two grey levels.
inline bool almost_equal(const Tensor<std::uint8_t>& a, const Tensor<std::uint8_t>& b) {
    if (!(a.shape() == b.shape())) return false;
    const auto x = tests::elements(a), y = tests::elements(b);
    for (std::size_t i = 0; i < x.size(); ++i)
        if (std::abs(x[i] - y[i]) > 1) return false;
    return true;
}

}  // namespace programs_test
