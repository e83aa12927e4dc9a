// Training with products of bfloat16 on the CPU: gradients against those of float, threads, and that precision may
// change.
#include "fathom/ops/ohem.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "fathom/seafusion/segmentation_trainer.hpp"
#include "tests/seafusion/golden.hpp"
#include "tests/seafusion/pseudo_weights.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::FusionNet;
using seafusion::SegmentationNet;

namespace {

// |a - b| / |b| of all gradients together.
template <class Net>
double distance_of_gradients(const Net& a, const Net& b) {
    double apart = 0, size = 0;
    const auto of_a = a.parameters(), of_b = b.parameters();
    for (std::size_t i = 0; i < of_a.size(); ++i) {
        const auto x = numbers(of_a[i].template as<float>().grad()), y = numbers(of_b[i].template as<float>().grad());
        for (std::size_t k = 0; k < x.size(); ++k) apart += (x[k] - y[k]) * (x[k] - y[k]), size += y[k] * y[k];
    }
    return std::sqrt(apart / size);
}

// A step's gradients of the fusion net, to the mean square of its output: smooth, so that nothing flips with a
// rounding.
FusionNet<float> after_fusion_step(Precision precision) {
    auto net = golden_net<float>();
    net.precision = precision;
    mean(square(net.forward(narrow(golden_as<float>("in.vis"), 1, 0, 1), golden_as<float>("in.ir")))).backward();
    return net;
}

// In eval(), as a guide: batch norm of a small batch would divide what rounding adds by small deviations.
SegmentationNet<float> after_segmentation_step(Precision precision) {
    Generator gen(3);
    SegmentationNet<float> net(gen);
    net.eval();
    net.precision = precision;
    const auto logits = net.forward(random_image<float>({1, 3, 32, 64}, 3));
    (mean(square(logits.main)) + mean(square(logits.auxiliary))).backward();
    return net;
}

}  // namespace

// Rounding to eight bits is off by 2^-9 of a number at most, by half of that in the mean: in a product of two 0.2 %,
// along twenty layers, as a random walk, 1 %. The fusion net's leaky ReLU keeps a fifth of the gradient where rounding
// turns a sign. ReLU keeps nothing: with numbers off by 1 % some 1 % of them change sides, whose share of the
// gradient's length is the square root, 10 %.
TEST_CASE("seafusion/bfloat16_training: gradients of both nets are near float's") {
    const auto fusion = after_fusion_step(Precision::fast);
    const auto segmentation = after_segmentation_step(Precision::fast);
    const double of_fusion = distance_of_gradients(after_fusion_step(Precision::bf16), fusion),
                 of_segmentation = distance_of_gradients(after_segmentation_step(Precision::bf16), segmentation);
    MESSAGE("fusion " << of_fusion << ", segmentation " << of_segmentation);
    CHECK(of_fusion > 1e-4);  // they are not float's
    CHECK(of_fusion < 0.01);
    CHECK(of_segmentation > 1e-4);
    CHECK(of_segmentation < 0.15);
}

TEST_CASE("seafusion/bfloat16_training: one thread and two give the same bits") {
    const auto gradients = [](int count) {
        const Threads threads(count);
        std::vector<Tensor<float>> all;
        for (const AnyTensor& p : after_fusion_step(Precision::bf16).parameters()) all.push_back(p.as<float>().grad());
        for (const AnyTensor& p : after_segmentation_step(Precision::bf16).parameters())
            all.push_back(p.as<float>().grad());
        return all;
    };
    const auto one = gradients(1), two = gradients(2);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(same_bits(one[i], two[i]));
}

TEST_CASE("seafusion/bfloat16_training: precision changes between two passes, and in a copy") {
    auto net = pseudo_segmentation_net<float>();
    const auto x = random_image<float>({2, 3, 32, 32}, 3);
    const auto exact = net.forward(x).main;
    net.precision = Precision::bf16;
    const auto rounded = net.forward(x).main;
    CHECK(!same_bits(rounded, exact));
    auto copy = net;
    CHECK(same_bits(copy.forward(x).main, rounded));
    copy.precision = Precision::fast;
    CHECK(same_bits(copy.forward(x).main, exact));
    CHECK(same_bits(net.forward(x).main, rounded));
}
