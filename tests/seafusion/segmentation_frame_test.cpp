// The segmentation net in bfloat16 against PyTorch in float64 and itself in float, and against what must not matter:
// threads, strides, batches.
#include <limits>
#include <thread>

#include "fathom/core/allocator.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/ops/inplace.hpp"
#include "tests/seafusion/golden.hpp"
#include "tests/seafusion/pseudo_weights.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::SegmentationNet;

namespace {

SegmentationNet<float> bfloat16_net() {
    SegmentationNet<float> net = pseudo_segmentation_net<float>();
    net.eval();
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

// |a - b| / |b|, as vectors.
double relative_length(const AnyTensor& a, const AnyTensor& b) {
    REQUIRE(a.shape() == b.shape());
    const std::vector<double> x = numbers(a), y = numbers(b);
    double off = 0, all = 0;
    for (std::size_t i = 0; i < x.size(); ++i) off += (x[i] - y[i]) * (x[i] - y[i]), all += y[i] * y[i];
    return std::sqrt(off / all);
}

// The same net, operation by operation in double, with the roundings of the frame: the pixels times 255, folded
// weights, what a layer makes.
struct Rounded {
    using X = Tensor<double>;
    static X round(const X& x) { return to<double>(to<bfloat16>(x)); }
    static X raw(const X& x, const nn::ConvBatchNorm<double>& c, double unit = 1) {
        const X r = c.bn.weight / sqrt(c.bn.running_var + c.bn.settings.eps);
        return conv2d(x, round(c.conv.weight * reshape(r, {r.numel(), 1, 1, 1}) * unit),
                      X(c.bn.bias - c.bn.running_mean * r),
                      {.stride = c.conv.options.stride, .padding = c.conv.options.padding});
    }
    static X active(const X& x, double slope) { return maximum(x, x * slope); }
    static X conv(const X& x, const nn::ConvBatchNorm<double>& c, double slope = 0.01) {
        return round(active(raw(x, c), slope));
    }
    static X gate(const X& x, const nn::ConvBatchNorm<double>& c, const X& other) {
        return round(sigmoid(raw(x, c)) * other);
    }
    static X up(const X& x, const X& like) {
        return interpolate(x, {like.shape()[2], like.shape()[3]}, {.mode = Interpolation::bilinear});
    }
    static X logits(const X& x, const seafusion::SegmentationHead<double>& head, const X& image) {
        return interpolate(conv2d(conv(x, head.conv), round(head.conv_out.weight)),
                           {image.shape()[2], image.shape()[3]},
                           {.mode = Interpolation::bilinear, .align_corners = true});
    }
    static SegmentationNet<double>::Logits run(SegmentationNet<double>& net, const X& image) {
        auto& cp = net.cp;
        X x = max_pool2d(round(active(raw(round(image * 255.0), cp.resnet.stem, 1.0 / 255), 0)),
                         {.kernel_size = 3, .stride = 2, .padding = 1});
        X f[4];
        for (std::size_t i = 0; i < 4; ++i) {
            for (auto& block : cp.resnet.layers[i]) {
                const X shortcut = block.down ? round(raw(x, *block.down)) : x;
                x = round(active(raw(conv(x, block.first, 0), block.second) + shortcut, 0));
            }
            f[i] = x;
        }
        // [features, factors of their channels]
        const auto refine = [](const X& in, seafusion::AttentionRefinement<double>& arm) {
            const X features = conv(in, arm.conv);
            return std::pair{features, arm.attention(adaptive_avg_pool2d(features, 1))};
        };
        const auto [f32, s32] = refine(f[3], cp.arm32);
        const auto [f16, s16] = refine(f[2], cp.arm16);
        const auto [f8, s8] = refine(f[1], cp.arm8);
        const auto scaled = [](const X& features, const X& s) { return round(features * sigmoid(s)); };
        const X a16 = scaled(f16, s16);
        const X u32 = conv(scaled(up(f32, f[2]), s32), cp.conv_head32);
        const X c16 = round(up(conv(cat<double>({u32, a16}, 1), cp.sp16), f[1]));
        const X u16 = conv(scaled(up(f16, f[1]), s16), cp.conv_head16);
        const X c8 = conv(cat<double>({u16, scaled(f8, s8)}, 1), cp.sp8);
        const X gated = gate(scaled(up(f32, f[1]), s32), cp.conv_fuse1, c16);
        const X fused = conv(gate(gated, cp.conv_fuse2, c8), cp.conv_fuse);
        return {logits(fused, net.conv_out, image), logits(a16, net.conv_out16, image)};
    }
};

}  // namespace

// Sums in another order round some numbers to the other side, which layers behind make more of; the format itself is
// off by 0.01 (main) and 0.1 (auxiliary: the pseudo weights' logits are small differences there).
TEST_CASE("seafusion/segmentation_frame: as the same roundings in double") {
    SegmentationNet<float> net = bfloat16_net();
    SegmentationNet<double> wide = pseudo_segmentation_net<double>();
    wide.eval();
    const NoGrad off;
    for (const Shape& shape : {Shape{1, 3, 64, 96}, Shape{1, 3, 45, 170}}) {
        INFO(shape[2] << "x" << shape[3]);
        const auto x = picture(shape, 2);
        const auto expected = Rounded::run(wide, to<double>(x));
        for_each_tile_isa([&] {
            const auto logits = net.forward(x);
            CHECK(relative_length(logits.main, expected.main) <= 0.015);
            CHECK(relative_length(logits.auxiliary, expected.auxiliary) <= 0.05);
        });
    }
}

TEST_CASE("seafusion/segmentation_frame: the golden image within some roundings of bfloat16") {
    SegmentationNet<float> net = bfloat16_net();
    const StateDict file = io::load(FATHOM_GOLDEN_DIR "/segmentation.safetensors");
    const auto x = file.find("in.x")->as<float>();
    const NoGrad off;
    for_each_tile_isa([&] {
        const auto logits = net.forward(x);
        CHECK(relative_length(logits.main, *file.find("eval.out")) <= 0.02);
        CHECK(relative_length(logits.auxiliary, *file.find("eval.out16")) <= 0.12);
    });
}

TEST_CASE("seafusion/segmentation_frame: any size, close to float") {
    Generator gen(1);
    SegmentationNet<float> exact(gen);
    exact.eval();
    SegmentationNet<float> net = exact;
    net.precision = Precision::bf16;
    const NoGrad off;
    for (const Shape& shape : {Shape{1, 3, 1, 1}, Shape{1, 3, 5, 7}, Shape{2, 3, 33, 65}, Shape{1, 3, 40, 130},
                               Shape{1, 3, 160, 97}, Shape{1, 3, 96, 320}}) {
        INFO(shape[2] << "x" << shape[3]);
        const auto x = picture(shape, 1);
        const auto expected = exact.forward(x);
        for_each_tile_isa([&] {
            const auto logits = net.forward(x);
            CHECK(relative_length(logits.main, expected.main) <= 0.02);
            CHECK(relative_length(logits.auxiliary, expected.auxiliary) <= 0.02);
        });
    }
}

TEST_CASE("seafusion/segmentation_frame: the same bits on any number of threads, in any strides, in any batch") {
    SegmentationNet<float> net = bfloat16_net();
    const NoGrad off;
    const auto x = picture({2, 3, 130, 170}, 3);
    const auto run = [&](int n, const Tensor<float>& images) {
        const Threads set(n);
        return net.forward(images);
    };
    const auto one = run(1, x);
    for (const int n : {2, 3}) {
        const auto more = run(n, x);
        CHECK(same_bits(one.main, more.main));
        CHECK(same_bits(one.auxiliary, more.auxiliary));
    }
    CHECK(same_bits(one.main, run(2, contiguous(x, MemoryFormat::channels_last)).main));
    const auto wide = picture({2, 3, 140, 200}, 4);
    Tensor<float> part = narrow(narrow(wide, 2, 5, 130), 3, 11, 170);
    CHECK(same_bits(run(2, part).main, run(2, contiguous(part)).main));
    const auto second = run(2, narrow(x, 0, 1, 1));
    CHECK(same_bits(contiguous(narrow(one.main, 0, 1, 1)), contiguous(second.main)));
    CHECK(same_bits(contiguous(narrow(one.auxiliary, 0, 1, 1)), contiguous(second.auxiliary)));
}

TEST_CASE("seafusion/segmentation_frame: any number of classes") {
    Generator gen(1);
    const auto x = picture({1, 3, 64, 64}, 2);
    for (const std::int64_t classes : {2, 16, 37}) {
        SegmentationNet<float> net(gen, classes);
        net.eval();
        const NoGrad off;
        const auto expected = net.forward(x);
        net.precision = Precision::bf16;
        const auto logits = net.forward(x);
        CHECK(relative_length(logits.main, expected.main) <= 0.03);
        CHECK(relative_length(logits.auxiliary, expected.auxiliary) <= 0.03);
    }
}

TEST_CASE("seafusion/segmentation_frame: NaN and infinity are not lost") {
    SegmentationNet<float> net = bfloat16_net();
    const NoGrad off;
    for (const float bad : {std::nanf(""), -std::nanf(""), std::numeric_limits<float>::infinity()}) {
        const auto x = picture({1, 3, 64, 64}, 5);
        Tensor<float>(x).mutable_data()[64 * 20 + 30] = bad;
        for_each_tile_isa([&] {
            const auto logits = numbers(net.forward(x).main);
            CHECK(std::any_of(logits.begin(), logits.end(), [](double v) { return !std::isfinite(v); }));
        });
    }
}

TEST_CASE("seafusion/segmentation_frame: weights that change, nets that are copied, several threads") {
    SegmentationNet<float> net = bfloat16_net();
    const NoGrad off;
    const auto x = picture({1, 3, 50, 60}, 7);
    const auto before = net.forward(x).main;
    SegmentationNet<float> copy = net;
    Tensor<float> mean = net.cp.resnet.stem.bn.running_mean;
    mean += 0.5f;
    const auto moved = net.forward(x).main;
    CHECK(!same_bits(moved, before));
    net.cp.resnet.stem.bn.settings.eps = 0.1;
    CHECK(!same_bits(net.forward(x).main, moved));
    CHECK(same_bits(copy.forward(x).main, before));
    std::vector<std::thread> threads;
    std::vector<Tensor<float>> results(4);
    for (Tensor<float>& result : results)
        threads.emplace_back([&] {
            const NoGrad off_here;
            result = copy.forward(x).main;
        });
    for (std::thread& t : threads) t.join();
    for (const Tensor<float>& result : results) CHECK(same_bits(result, before));
}

TEST_CASE("seafusion/segmentation_frame: what it refuses") {
    SegmentationNet<float> net = bfloat16_net();
    const auto x = picture({1, 3, 32, 32}, 9);
    const NoGrad off;
    CHECK_THROWS_WITH_AS(net.forward(picture({1, 1, 32, 32}, 9)), doctest::Contains("expected [N,3,H,W]"), Error);
    net.precision = Precision::strict;
    CHECK_THROWS_WITH_AS(net.forward(x), doctest::Contains("none of fast and bf16"), Error);
    auto twice = pseudo_segmentation_net<double>();
    twice.eval();
    twice.precision = Precision::bf16;
    CHECK_THROWS_WITH_AS(twice.forward(random_image<double>({1, 3, 32, 32}, 1)),
                         doctest::Contains("needs a net of float"), Error);
}

TEST_CASE("seafusion/segmentation_frame: a third of float's memory, and none that is new after the first frame") {
    SegmentationNet<float> net = bfloat16_net();
    const NoGrad off;
    const auto x = picture({1, 3, 240, 320}, 10);
    const auto peak = [&] {
        net.forward(x);
        reset_peak_memory();
        const std::int64_t before = memory_report().active;
        net.forward(x);
        return memory_report().peak - before;
    };
    const std::int64_t own = peak(), reserved = memory_report().active + memory_report().cached;
    for (int i = 0; i < 3; ++i) net.forward(x);
    // A thread that had no part in the first frames, beside other programs, takes its own scratch in a later one.
    CHECK(memory_report().active + memory_report().cached <= reserved + (1 << 20));
    CHECK(own <= 16 << 20);
}
