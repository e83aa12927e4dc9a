// The segmentation net against PyTorch in float64: golden/segmentation.safetensors.
#include "fathom/seafusion/segmentation_net.hpp"

#include "fathom/autograd/backward.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/seafusion/semantic_loss.hpp"
#include "tests/seafusion/golden.hpp"
#include "tests/seafusion/pseudo_weights.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::SegmentationNet;

namespace {

const StateDict& file() {
    static const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/segmentation.safetensors");
    return dict;
}
const AnyTensor& expected(const std::string& name) {
    const AnyTensor* found = file().find(name);
    if (!found) throw Error("no golden " + name);
    return *found;
}
template <class T>
Tensor<T> input() {
    return expected("in.x").as<float>().to<T>();
}

}  // namespace

TEST_CASE("seafusion/segmentation_net: names and shapes are the official ones, in their order") {
    Generator gen(1);
    const SegmentationNet<float> net(gen);
    std::string own_names = "[", own_shapes = "{";
    std::int64_t parameters = 0;
    for (const auto& [name, tensor] : net.state_dict()) {
        std::string shape = to_string(tensor.shape());
        for (std::size_t comma = shape.find(','); comma != std::string::npos; comma = shape.find(',', comma + 2))
            shape.insert(comma + 1, " ");
        own_names += (own_names.size() > 1 ? ", \"" : "\"") + name + "\"";
        own_shapes += (own_shapes.size() > 1 ? ", \"" : "\"") + name + "\": " + shape;
    }
    for (const AnyTensor& p : net.parameters()) parameters += p.numel();
    for (const auto& [key, text] : file().metadata) {
        if (key == "names") CHECK(text == own_names + "]");
        if (key == "shapes") CHECK(text == own_shapes + "}");
    }
    CHECK(parameters > 12'880'000);
    CHECK(parameters < 12'900'000);
}

TEST_CASE("seafusion/segmentation_net: eval, double to 1e-9 and float to 4e-5, on every ISA") {
    auto wide = pseudo_segmentation_net<double>();
    auto narrow = pseudo_segmentation_net<float>();
    wide.eval(), narrow.eval();
    const NoGrad off;
    for_each_isa([&] {
        const auto d = wide.forward(input<double>());
        CHECK(relative_difference(d.main, expected("eval.out")) < 1e-9);
        CHECK(relative_difference(d.auxiliary, expected("eval.out16")) < 1e-9);
        const auto f = narrow.forward(input<float>());  // direct sums: 1e-5, Winograd's transforms four times that
        CHECK(relative_difference(f.main, expected("eval.out")) < 4e-5);
        CHECK(relative_difference(f.auxiliary, expected("eval.out16")) < 4e-5);
    });
}

TEST_CASE("seafusion/segmentation_net: a training step in double: outputs, loss, statistics, gradients to 1e-9") {
    auto net = pseudo_segmentation_net<double>();
    const auto x = input<double>().requires_grad_();
    const auto label = expected("in.label").as<std::int64_t>();
    const auto logits = net.forward(x);
    CHECK(relative_difference(logits.main, expected("train.out")) < 1e-9);
    CHECK(relative_difference(logits.auxiliary, expected("train.out16")) < 1e-9);
    const auto loss =
        seafusion::semantic_loss(logits.main, logits.auxiliary, label, seafusion::segmentation_semantic_loss);
    CHECK(relative_difference(loss.total, expected("train.loss")) < 1e-9);
    CHECK(loss.main() == doctest::Approx(expected("train.loss_main").as<double>().item()).epsilon(1e-9));
    CHECK(loss.auxiliary() == doctest::Approx(expected("train.loss_aux").as<double>().item()).epsilon(1e-9));
    int statistics = 0, gradients = 0;
    for (const auto& entry : net.named_buffers()) {
        const std::string& name = entry.first;
        const AnyTensor& buffer = entry.second;
        CAPTURE(name);
        const AnyTensor* moved = file().find("running." + name);
        if (!moved) continue;
        ++statistics;
        CHECK(relative_difference(buffer, *moved) < 1e-9);
    }
    loss.total.backward();
    CHECK(relative_difference(x.grad(), expected("grad.x")) < 1e-9);
    for (const auto& entry : net.named_parameters()) {
        const std::string& name = entry.first;
        const AnyTensor& parameter = entry.second;
        CAPTURE(name);
        const auto gradient = parameter.as<double>().grad();
        REQUIRE(gradient.defined());
        const std::vector<double> all = numbers(gradient), first = numbers(expected("grad_head." + name));
        double squares = 0;
        for (const double g : all) squares += g * g;
        const double norm = expected("grad_norm." + name).as<double>().item();
        CHECK(std::sqrt(squares) == doctest::Approx(norm).epsilon(1e-9));
        for (std::size_t i = 0; i < first.size(); ++i) CHECK(std::fabs(all[i] - first[i]) <= 1e-9 * norm);
        ++gradients;
    }
    CHECK(statistics > 60);
    CHECK(gradients > 90);
}

TEST_CASE("seafusion/segmentation_net: the loss of a training forward in float") {
    auto net = pseudo_segmentation_net<float>();
    const auto logits = net.forward(input<float>());
    const auto loss = seafusion::semantic_loss(logits.main, logits.auxiliary, expected("in.label").as<std::int64_t>(),
                                               seafusion::segmentation_semantic_loss);
    CHECK(static_cast<double>(loss.total.item()) ==
          doctest::Approx(expected("train.loss").as<double>().item()).epsilon(1e-5));
}

TEST_CASE("seafusion/segmentation_net: sizes that are no multiples of 32, and one thread as two") {
    Generator gen(2);
    SegmentationNet<float> net(gen);
    const auto x = rand<float>({2, 3, 45, 71}, gen);
    const auto step = [&](int threads) {
        const Threads scope(threads);
        SegmentationNet<float> copy = net;
        const auto logits = copy.forward(x);
        CHECK(logits.main.shape() == Shape{2, 9, 45, 71});
        CHECK(logits.auxiliary.shape() == Shape{2, 9, 45, 71});
        (mean(square(logits.main)) + mean(square(logits.auxiliary))).backward();
        std::vector<AnyTensor> all = {logits.main.detach()};
        for (const AnyTensor& p : copy.parameters()) all.push_back(p.as<float>().grad());
        for (const AnyTensor& b : copy.buffers()) all.push_back(b);
        return all;
    };
    const auto one = step(1), two = step(2);
    REQUIRE(one.size() == two.size());
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(same_bits(one[i], two[i]));
}

TEST_CASE("seafusion/segmentation_net: errors") {
    SegmentationNet<float> empty;
    CHECK(message_of([&] {
              empty.forward(zeros<float>({2, 3, 32, 32}));
          }).find("cp.resnet.conv1.weight") != std::string::npos);
    Generator gen(3);
    SegmentationNet<float> net(gen);
    CHECK(message_of([&] {
              net.forward(rand<float>({1, 3, 64, 64}, gen));
          }).find("batch_norm: training needs more than one value per channel, got input [1,128,1,1]") == 0);
    net.eval();
    CHECK(net.forward(rand<float>({1, 3, 64, 64}, gen)).main.shape() == Shape{1, 9, 64, 64});
}

TEST_CASE("seafusion/segmentation_net: torchvision's ResNet-18 loads, its classifier is passed over") {
    Generator gen(4);
    SegmentationNet<float> net(gen), other(gen);
    StateDict imagenet = other.cp.resnet.state_dict();
    imagenet.add("fc.weight", zeros<float>({1000, 512}));
    imagenet.add("fc.bias", zeros<float>({1000}));
    net.cp.resnet.load_imagenet(imagenet);
    CHECK(same_bits(net.cp.resnet.layers[3][1].second.conv.weight, other.cp.resnet.layers[3][1].second.conv.weight));
    CHECK(!same_bits(net.cp.arm8.conv.conv.weight, other.cp.arm8.conv.conv.weight));
    imagenet.add("layer5.weight", zeros<float>({1}));
    CHECK(message_of([&] { net.cp.resnet.load_imagenet(imagenet); }).find("layer5.weight") != std::string::npos);
}
