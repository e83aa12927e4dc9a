// Training in strips of rows against training on whole images.
#include "fathom/seafusion/strips.hpp"

#include "fathom/core/allocator.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::FusionNet;
using seafusion::Sobel;

namespace {

// The fused image, and the gradients of its content loss: of the images, then of the parameters that have one.
struct Result {
    AnyTensor fused;
    std::vector<AnyTensor> gradients;
};

template <class T>
Result step(FusionNet<T>& net, const Tensor<T>& y, const Tensor<T>& ir, std::int64_t strip_rows) {
    net.strip_rows = strip_rows;
    net.zero_grad();
    const Tensor<T> images[] = {y.clone().requires_grad_(), ir.clone().requires_grad_()};
    const Tensor<T> fused = net.forward(images[0], images[1]);
    seafusion::content_loss(fused, y, ir).total.backward();
    Result made{fused.detach(), {images[0].grad(), images[1].grad()}};
    for (const AnyTensor& p : net.parameters())
        if (autograd::requires_grad(p))
            made.gradients.push_back(Tensor<T>::adopt(autograd::accumulated_grad(p)).clone());
    return made;
}

}  // namespace

TEST_CASE("seafusion/strips: output and gradients in double are the whole image's, at any height of a strip") {
    FusionNet<double> net = golden_net<double>();
    const auto y = random_image<double>({2, 1, 25, 7}, 1), ir = random_image<double>({2, 1, 25, 7}, 2);
    const Result whole = step(net, y, ir, 0);
    REQUIRE(whole.gradients.size() == 54);
    for (const std::int64_t rows : {2, 9, 24, 25, 1000}) {
        CAPTURE(rows);
        const Result parts = step(net, y, ir, rows);
        CHECK(difference(parts.fused, whole.fused) <= 1e-12);
        REQUIRE(parts.gradients.size() == whole.gradients.size());
        for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
            CAPTURE(i);
            CHECK(relative_difference(parts.gradients[i], whole.gradients[i]) <= 1e-10);
        }
    }
}

TEST_CASE("seafusion/strips: the golden loss and gradients in float on every ISA") {
    const auto y = contiguous(narrow(rgb_to_ycrcb(golden_as<float>("in.vis")), 1, 0, 1)),
               ir = golden_as<float>("in.ir");
    for_each_isa([&] {
        FusionNet<float> net = golden_net<float>();
        net.strip_rows = 24;
        const Tensor<float> fused = net.forward(y, ir);
        CHECK(difference(fused, golden("out.fused_y")) <= 1e-6);
        seafusion::content_loss(fused, y, ir).total.backward();
        for (const StateDict::Entry& parameter : net.named_parameters()) {
            INFO(parameter.first);
            CHECK(relative_difference(autograd::accumulated_grad(parameter.second),
                                      golden("grad." + parameter.first)) <= 5e-3);
        }
    });
}

TEST_CASE("seafusion/strips: the same bits on one thread and two, in any strides") {
    FusionNet<float> net = golden_net<float>();
    const auto wide = random_image<float>({2, 2, 50, 70}, 3);
    const Tensor<float> y = narrow(narrow(wide, 1, 0, 1), 3, 5, 33), ir = narrow(narrow(wide, 1, 1, 1), 3, 5, 33);
    const auto run = [&](int n, const Tensor<float>& a, const Tensor<float>& b) {
        const Threads set(n);
        return step(net, a, b, 16);
    };
    const Result one = run(1, y, ir), two = run(2, y, ir), dense = run(2, contiguous(y), contiguous(ir));
    for (std::size_t i = 0; i < one.gradients.size(); ++i) {
        CAPTURE(i);
        CHECK(same_bits(one.gradients[i].as<float>(), two.gradients[i].as<float>()));
        CHECK(same_bits(one.gradients[i].as<float>(), dense.gradients[i].as<float>()));
    }
}

TEST_CASE("seafusion/strips: frozen parameters get no gradient, fixed filters none") {
    FusionNet<double> net = golden_net<double>(Sobel::fixed);
    net.vis_rgbd1.requires_grad_(false);
    const auto y = random_image<double>({1, 1, 30, 11}, 4), ir = random_image<double>({1, 1, 30, 11}, 5);
    const Result whole = step(net, y, ir, 0), parts = step(net, y, ir, 8);
    REQUIRE(parts.gradients.size() == 2 + 52 - 8 - 8);  // without the filters and the block's weights
    for (std::size_t i = 0; i < whole.gradients.size(); ++i)
        CHECK(relative_difference(parts.gradients[i], whole.gradients[i]) <= 1e-10);
    CHECK(!autograd::accumulated_grad(net.vis_rgbd1.convdown.conv.weight).defined());
}

TEST_CASE("seafusion/strips: backward sees the weights of its forward, and images that changed are refused") {
    FusionNet<double> net = golden_net<double>();
    net.strip_rows = 8;
    const auto y = random_image<double>({1, 1, 20, 12}, 6), ir = random_image<double>({1, 1, 20, 12}, 7);
    const auto gradient_of = [&](bool change) {
        net.zero_grad();
        const Tensor<double> loss = sum(net.forward(y, ir));
        if (change) {
            const NoGrad off;
            Tensor<double> weight = net.decode1.conv.weight;
            weight *= 0.5;
        }
        loss.backward();
        return net.decode4.conv.weight.grad().clone();
    };
    const auto before = gradient_of(false);
    CHECK(same_bits(gradient_of(true), before));
    Tensor<double> image = y.clone();
    const Tensor<double> loss = sum(net.forward(image, ir));
    image *= 0.5;
    CHECK(message_of([&] { loss.backward(); }).find("overwritten") != std::string::npos);
}

TEST_CASE("seafusion/strips: what it refuses") {
    FusionNet<double> net = golden_net<double>();
    const auto y = random_image<double>({1, 1, 20, 12}, 8);
    net.strip_rows = -1;
    CHECK_THROWS_WITH_AS(net.forward(y, y), doctest::Contains("strip_rows is -1, expected 0 or more"), Error);
    net.strip_rows = 8;
    const Tensor<double> weight = net.decode1.conv.weight;
    CHECK_THROWS_WITH_AS(grad(sum(net.forward(y, y)), {weight}, {.create_graph = true}),
                         doctest::Contains("cannot be differentiated again; set strip_rows to 0"), Error);
    const Tensor<double> loss = sum(net.forward(y, y));
    loss.backward();
    CHECK_THROWS_WITH_AS(loss.backward(), doctest::Contains("backward"), Error);
}

TEST_CASE("seafusion/strips: a strip's share of the memory") {
    FusionNet<float> net = golden_net<float>();
    const auto y = random_image<float>({1, 1, 320, 96}, 9);
    const auto peak = [&](std::int64_t rows) {
        net.strip_rows = rows;
        net.zero_grad();
        reset_peak_memory();
        const std::int64_t before = memory_report().active;
        seafusion::content_loss(net.forward(y, y), y, y).total.backward();
        return memory_report().peak - before;
    };
    CHECK(peak(16) <= 0.2 * static_cast<double>(peak(0)));
}
