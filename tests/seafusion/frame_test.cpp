// The fusion net's depth-first inference in float against its layers one by one, and against what must not matter.
#include "fathom/core/allocator.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::FusionNet;

namespace {

Tensor<float> layer_by_layer(FusionNet<float>& net, const Tensor<float>& y, const Tensor<float>& ir) {
    net.precision = Precision::strict;
    const Tensor<float> out = net.forward(y, ir);
    net.precision = Precision::fast;
    return out;
}

}  // namespace

TEST_CASE("seafusion/frame: as the layers one by one, in images of any size") {
    FusionNet<float> net = golden_net<float>();
    const NoGrad off;
    for_each_isa([&] {
        for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 1, 5, 7}, Shape{1, 1, 33, 2}, Shape{1, 1, 3, 170},
                                   Shape{1, 1, 251, 41}, Shape{1, 1, 64, 164}}) {
            CAPTURE(shape);
            const auto y = random_image<float>(shape, 1), ir = random_image<float>(shape, 2);
            CHECK(difference(net.forward(y, ir), layer_by_layer(net, y, ir)) <= 2e-6);
        }
    });
}

TEST_CASE("seafusion/frame: the same bits on any number of threads and in any strides") {
    FusionNet<float> net = golden_net<float>();
    const NoGrad off;
    const Shape shape{2, 1, 245, 330};
    const auto y = random_image<float>(shape, 1), ir = random_image<float>(shape, 2);
    Tensor<float> one, two;
    {
        const Threads threads(1);
        one = net.forward(y, ir);
    }
    {
        const Threads threads(2);
        two = net.forward(y, ir);
    }
    CHECK(difference(one, two) == 0);
    CHECK(difference(narrow(net.forward(y, ir), 0, 1, 1), net.forward(narrow(y, 0, 1, 1), narrow(ir, 0, 1, 1))) == 0);
    const auto turned = transpose(contiguous(transpose(y, 2, 3)), 2, 3);  // the same numbers, column by column
    CHECK(difference(net.forward(turned, ir), one) == 0);
}

TEST_CASE("seafusion/frame: weights that change, and the ISA") {
    FusionNet<float> net = golden_net<float>();
    const NoGrad off;
    const auto y = random_image<float>({1, 1, 20, 24}, 1), ir = random_image<float>({1, 1, 20, 24}, 2);
    const auto before = net.forward(y, ir);
    net.decode4.conv.weight.mutable_data()[5] += 0.5f;
    const auto after = net.forward(y, ir);
    CHECK(difference(before, after) > 1e-6);
    CHECK(difference(after, layer_by_layer(net, y, ir)) <= 2e-6);
    const Isa isa_before = isa();
    for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
        if (isa < lowest_isa() || isa > best_isa()) continue;
        set_isa(isa);
        CHECK(difference(net.forward(y, ir), after) <= 2e-6);
    }
    set_isa(isa_before);
}

TEST_CASE("seafusion/frame: a few megabytes for a thread") {
    FusionNet<float> net = golden_net<float>();
    const NoGrad off;
    const Threads two(2);
    const auto y = random_image<float>({1, 1, 480, 160}, 10);
    net.forward(y, y);  // weights are prepared
    reset_peak_memory();
    const std::int64_t before = memory_report().active;
    net.forward(y, y);
    CHECK(memory_report().peak - before <= 480 * 160 * 4 + 2 * (5 << 20));
}
