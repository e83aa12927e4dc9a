// The fusion net in bfloat16 against itself in double, and against what must not matter: threads, blocks, rings.
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "fathom/core/allocator.hpp"
#include "fathom/io/image.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/seafusion/fuse.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::FusionNet;
using seafusion::Sobel;

namespace {

FusionNet<float> bfloat16_net() {
    FusionNet<float> net = golden_net<float>();
    net.precision = Precision::bf16;
    return net;
}

// Smooth, with an edge and some noise: a photograph's contrasts.
Tensor<float> picture(const Shape& shape, std::uint64_t seed) {
    Tensor<float> x = random_image<float>(shape, seed);
    float* p = x.mutable_data();
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const auto row = static_cast<double>(i / shape[3]), column = static_cast<double>(i % shape[3]);
        const double smooth = 0.5 + 0.3 * std::sin(0.05 * row + static_cast<double>(seed)) * std::cos(0.07 * column);
        p[i] = static_cast<float>(0.9 * smooth + 0.05 * static_cast<double>(p[i]) + (column > 30 ? 0.05 : 0));
    }
    return x;
}

struct Levels {
    double mean = 0, most = 0;
};

// In grey levels.
Levels levels(const AnyTensor& a, const AnyTensor& b) {
    REQUIRE(a.shape() == b.shape());
    const std::vector<double> x = numbers(a), y = numbers(b);
    Levels l;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double d = 255 * std::fabs(x[i] - y[i]);
        l.mean += d / static_cast<double>(x.size());
        l.most = d > l.most || d != d ? d : l.most;
    }
    return l;
}

}  // namespace

TEST_CASE("seafusion/bfloat16_frame: the golden image within a fraction of a grey level") {
    FusionNet<float> net = bfloat16_net();
    const auto y = contiguous(narrow(rgb_to_ycrcb(golden_as<float>("in.vis")), 1, 0, 1)),
               ir = golden_as<float>("in.ir");
    const NoGrad off;
    for_each_tile_isa([&] {
        const Levels l = levels(net.forward(y, ir), golden("out.fused_y"));
        CHECK(l.mean <= 0.2);
        CHECK(l.most <= 3);
    });
}

TEST_CASE("seafusion/bfloat16_frame: any size, close to float") {
    FusionNet<float> net = bfloat16_net(), exact = golden_net<float>();
    const NoGrad off;
    for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{1, 1, 5, 7}, Shape{2, 1, 1, 40}, Shape{1, 1, 30, 2},
                               Shape{3, 1, 13, 17}, Shape{1, 1, 97, 171}}) {
        INFO(shape[2] << "x" << shape[3]);
        const auto y = picture(shape, 1), ir = picture(shape, 2);
        const auto expected = exact.forward(y, ir);
        for_each_tile_isa([&] {
            const Levels l = levels(net.forward(y, ir), expected);
            CHECK(l.mean <= 0.4);
            CHECK(l.most <= 3);
        });
    }
}

TEST_CASE("seafusion/bfloat16_frame: the same bits on any number of threads, in any strides, in any block") {
    FusionNet<float> net = bfloat16_net();
    const NoGrad off;
    const auto y = picture({1, 1, 260, 330}, 3), ir = picture({1, 1, 260, 330}, 4);  // two by three blocks
    const auto run = [&](int n) {
        const Threads set(n);
        return net.forward(y, ir);
    };
    const auto one = run(1);
    CHECK(same_bits(one, run(2)));
    CHECK(same_bits(one, run(3)));
    // What is further away than the kernels reach makes no difference, nor does where the image is cut.
    const auto corner = [](const Tensor<float>& x, std::int64_t height, std::int64_t width) {
        return narrow(narrow(x, 2, 0, height), 3, 0, width);
    };
    const auto part = net.forward(corner(y, 251, 170), corner(ir, 251, 170));
    CHECK(same_bits(contiguous(corner(part, 242, 161)), contiguous(corner(one, 242, 161))));
}

TEST_CASE("seafusion/bfloat16_frame: NaN reaches as far as the kernels, no further") {
    FusionNet<float> net = bfloat16_net();
    const NoGrad off;
    const auto y = picture({1, 1, 60, 50}, 5), ir = picture({1, 1, 60, 50}, 6);
    const auto clean = net.forward(y, ir);
    const auto spoiled = y.clone();
    Tensor<float>(spoiled).mutable_data()[20 * 50 + 25] = std::nanf("");
    const auto fused = net.forward(spoiled, ir);
    int wrong = 0, nans = 0;
    for (std::int64_t row = 0; row < 60; ++row)
        for (std::int64_t column = 0; column < 50; ++column) {
            const float a = fused.data()[row * 50 + column], b = clean.data()[row * 50 + column];
            const bool near = std::abs(row - 20) <= 9 && std::abs(column - 25) <= 9;
            nans += std::isnan(a);
            wrong += !near && a != b;
        }
    CHECK(wrong == 0);
    CHECK(nans > 0);
}

TEST_CASE("seafusion/bfloat16_frame: weights that change, nets that are copied, several threads") {
    FusionNet<float> net = bfloat16_net();
    const NoGrad off;
    const auto y = picture({1, 1, 20, 30}, 7), ir = picture({1, 1, 20, 30}, 8);
    const auto before = net.forward(y, ir);
    FusionNet<float> copy = net;
    Tensor<float> weight = net.decode1.conv.weight;
    weight *= 0.5f;
    CHECK(!same_bits(net.forward(y, ir), before));
    CHECK(same_bits(copy.forward(y, ir), before));
    std::vector<std::thread> threads;
    std::vector<Tensor<float>> results(4);
    for (Tensor<float>& result : results)
        threads.emplace_back([&] {
            const NoGrad off_here;
            result = copy.forward(y, ir);
        });
    for (std::thread& t : threads) t.join();
    for (const Tensor<float>& result : results) CHECK(same_bits(result, before));
}

TEST_CASE("seafusion/bfloat16_frame: what it refuses") {
    FusionNet<float> net = bfloat16_net();
    const auto y = picture({1, 1, 8, 8}, 9);
    const NoGrad off;
    net.precision = Precision::tf32;
    CHECK_THROWS_WITH_AS(net.forward(y, y), doctest::Contains("precision tf32 is a GPU's"), Error);
    net.precision = static_cast<Precision>(9);
    CHECK_THROWS_WITH_AS(net.forward(y, y), doctest::Contains("none of fast, strict, tf32 and bf16"), Error);
    FusionNet<double> twice = golden_net<double>();
    twice.precision = Precision::bf16;
    const auto z = random_image<double>({1, 1, 8, 8}, 1);
    CHECK_THROWS_WITH_AS(twice.forward(z, z), doctest::Contains("needs a net of float"), Error);
}

TEST_CASE("seafusion/bfloat16_frame: a few megabytes for a thread") {
    FusionNet<float> net = bfloat16_net();
    const NoGrad off;
    const Threads two(2);
    const auto y = picture({1, 1, 480, 160}, 10);
    net.forward(y, y);  // weights are prepared
    reset_peak_memory();
    const std::int64_t before = memory_report().active;
    net.forward(y, y);
    CHECK(memory_report().peak - before <= 480 * 160 * 4 + 2 * (2 << 20));
}

TEST_CASE("seafusion/bfloat16_frame: the published images' luminance" * doctest::skip(sanitized)) {
    const char* shared = std::getenv("FATHOM_SHARED");
    const std::string root = std::string(shared ? shared : "../shared") + "/data/fusion_conformance";
    if (!std::filesystem::exists(root)) {
        MESSAGE("SKIPPED: no folder " << root);
        return;
    }
    FusionNet<float> net = bfloat16_net(), exact = golden_net<float>();
    const NoGrad off;
    if (tile_isa() == TileIsa::vectors) return;  // minutes
    Levels all;
    int images = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root + "/vi")) {
        const std::string name = entry.path().filename().string();
        CAPTURE(name);
        const auto in = seafusion::fusion_input(io::read_image_float(root + "/vi/" + name),
                                                io::read_image_float(root + "/ir/" + name));
        const Levels l = levels(net.forward(in.y, in.ir), exact.forward(in.y, in.ir));
        CHECK(l.mean <= 0.26);
        CHECK(l.most <= 3);
        all.mean += l.mean, all.most = std::max(all.most, l.most), ++images;
    }
    REQUIRE(images > 0);
    MESSAGE("mean " << all.mean / images << ", max " << all.most << " grey levels");
    CHECK(all.mean / images <= 0.15);
}
