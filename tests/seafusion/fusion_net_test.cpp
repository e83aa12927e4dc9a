#include "fathom/seafusion/fusion_net.hpp"

#include "fathom/core/allocator.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::content_loss;
using seafusion::FusionNet;
using seafusion::Sobel;

namespace {

template <class T>
Tensor<T> luminance(const Tensor<T>& rgb) {
    return contiguous(narrow(rgb_to_ycrcb(rgb), 1, 0, 1));
}

struct Bounds {
    double forward, loss, gradient;  // loss and gradient relative
};

template <class T>
void check_golden(const Bounds& bounds) {
    FusionNet<T> net = golden_net<T>();
    const auto y = luminance(golden_as<T>("in.vis")), ir = golden_as<T>("in.ir");
    const auto fused = net.forward(y, ir);
    CHECK(difference(fused, golden("out.fused_y")) <= bounds.forward);
    const auto loss = content_loss(fused, y, ir);
    const auto close = [&](double value, const char* name) {
        INFO(name << ": " << value);
        const double expected = golden(name).as<double>().item();
        CHECK(std::fabs(value - expected) <= bounds.loss * expected);
    };
    close(static_cast<double>(loss.total.item()), "out.loss");
    close(loss.intensity(), "out.loss_intensity");
    close(loss.texture(), "out.loss_texture");
    loss.total.backward();
    const auto parameters = net.named_parameters();
    CHECK(parameters.size() == 52);
    for (const StateDict::Entry& parameter : parameters) {
        INFO(parameter.first);
        CHECK(relative_difference(autograd::accumulated_grad(parameter.second), golden("grad." + parameter.first)) <=
              bounds.gradient);
    }
}

// The gradients of all parameters after one backward from images of a seed.
std::vector<AnyTensor> gradients(FusionNet<float>& net, const Shape& shape) {
    const auto y = random_image<float>(shape, 1), ir = random_image<float>(shape, 2);
    net.zero_grad();
    content_loss(net.forward(y, ir), y, ir).total.backward();
    std::vector<AnyTensor> out;
    for (const AnyTensor& p : net.parameters())
        out.push_back(Tensor<float>::adopt(autograd::accumulated_grad(p)).clone());
    return out;
}

}  // namespace

TEST_CASE("seafusion/fusion_net: the golden forward, loss and gradients in double") {
    check_golden<double>({1e-9, 1e-9, 1e-9});
}

TEST_CASE("seafusion/fusion_net: the golden forward, loss and gradients in float on every ISA") {
    for_each_isa([] { check_golden<float>({1e-6, 4e-6, 5e-3}); });  // the loss sums differences of what is rounded
}

TEST_CASE("seafusion/fusion_net: the golden colors") {
    const auto check = [](auto zero, double bound) {
        using T = decltype(zero);
        const auto ycrcb = rgb_to_ycrcb(golden_as<T>("in.vis"));
        CHECK(difference(ycrcb, golden("out.ycrcb")) <= bound);
        const auto rgb = ycrcb_to_rgb(cat<T>({golden_as<T>("out.fused_y"), narrow(ycrcb, 1, 1, 2)}, 1));
        CHECK(difference(clamp(rgb, 0, 1), golden("out.fused_rgb")) <= bound);
    };
    check(0.0, 1e-12);
    for_each_isa([&] { check(0.0f, 1e-6); });
}

TEST_CASE("seafusion/fusion_net: fixed and trainable Sobel filters") {
    const auto count = [](const std::vector<AnyTensor>& tensors) {
        std::int64_t n = 0;
        for (const AnyTensor& x : tensors) n += x.numel();
        return n;
    };
    Generator gen(1);
    const FusionNet<float> fixed(gen), trainable(gen, Sobel::trainable);
    CHECK(count(fixed.parameters()) == 164'929);
    CHECK(count(fixed.buffers()) == 1'728);
    CHECK(count(trainable.parameters()) == 166'657);
    CHECK(trainable.buffers().empty());

    // The same names in the same order, and the exact filters at the start.
    const StateDict a = fixed.state_dict(), b = trainable.state_dict();
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a.entries[i].first == b.entries[i].first);
    const AnyTensor *x = a.find("inf_rgbd2.sobelconv.convx.weight"), *y = b.find("vis_rgbd1.sobelconv.convy.weight");
    REQUIRE((x && y));
    const auto filter = [](const AnyTensor& w, int channel) {
        const auto values = elements(w.as<float>());
        return std::vector<float>(values.begin() + 9 * channel, values.begin() + 9 * channel + 9);
    };
    CHECK(filter(*x, 31) == std::vector<float>{1, 0, -1, 2, 0, -2, 1, 0, -1});
    CHECK(filter(*y, 15) == std::vector<float>{1, 2, 1, 0, 0, 0, -1, -2, -1});
}

TEST_CASE("seafusion/fusion_net: without the gradient stream only its biases count, in training and in one piece") {
    Generator gen(1), same(1);
    FusionNet<float> net(gen, Sobel::none), usual(same);
    StateDict filters = net.state_dict(), other = usual.state_dict();
    CHECK(net.parameters().size() == usual.parameters().size());
    for (const auto& [name, tensor] : filters)
        if (name.find("sobelconv") == std::string::npos)
            CHECK(same_bits(tensor, *other.find(name)));
        else
            for (const float value : elements(tensor.as<float>())) CHECK(value == 0);
    const auto y = random_image<float>({2, 1, 21, 13}, 3), ir = random_image<float>({2, 1, 21, 13}, 4);
    const auto trained = net.forward(y, ir);
    {
        const NoGrad off;
        CHECK(difference(net.forward(y, ir), trained.detach()) <= 1e-5);
        CHECK(difference(usual.forward(y, ir), trained.detach()) > 1e-3);
    }
    seafusion::content_loss(trained, y, ir).total.backward();
    for (const StateDict::Entry& entry : net.named_parameters()) {
        INFO(entry.first);
        const auto gradient = elements(entry.second.as<float>().grad());
        const bool zero = std::all_of(gradient.begin(), gradient.end(), [](float g) { return g == 0; });
        CHECK(zero == (entry.first.find("convup.conv.weight") != std::string::npos));
    }
}

TEST_CASE("seafusion/fusion_net: blocks in a chain are as plain convolutions make them, and stay so in training") {
    using seafusion::Connections;
    Generator gen(2);
    FusionNet<float> net(gen, Sobel::fixed, Connections::chain);
    const Shape shape{2, 1, 21, 13};
    const auto y = random_image<float>(shape, 3), ir = random_image<float>(shape, 4);
    optim::Adam adam(net.parameters(), {.lr = 1e-3});
    for (int step = 0; step < 3; ++step) {
        adam.zero_grad();
        content_loss(net.forward(y, ir), y, ir).total.backward();
        adam.step();
    }
    const NoGrad off;
    const auto layer = [](const auto& conv, const Tensor<float>& x, std::int64_t first, double slope) {
        const auto& w = conv.conv.weight;
        const auto seen = narrow(w, 1, first, w.size(1) - first);
        return conv2d(x, contiguous(seen), conv.conv.bias,
                      {.padding = w.size(2) / 2,
                       .activation = slope == 1 ? Activation::none : Activation::leaky_relu,
                       .slope = slope,
                       .precision = Precision::strict});
    };
    const auto block = [&](const auto& b, const Tensor<float>& x) {
        const std::int64_t c = x.size(1);
        const auto y1 = layer(b.dense.conv1, x, 0, 0.2), y2 = layer(b.dense.conv2, y1, c, 0.2);
        return leaky_relu(layer(b.convdown, y2, 2 * c, 1) + layer(b.convup, sobel_magnitude(x), 0, 1), 0.1);
    };
    const auto vis = block(net.vis_rgbd2, block(net.vis_rgbd1, layer(net.vis_conv, y, 0, 0.2)));
    const auto inf = block(net.inf_rgbd2, block(net.inf_rgbd1, layer(net.inf_conv, ir, 0, 0.2)));
    auto x = cat<float>({vis, inf}, 1);
    for (const auto* decode : {&net.decode4, &net.decode3, &net.decode2}) x = layer(*decode, x, 0, 0.2);
    const auto expected = tanh(layer(net.decode1, x, 0, 1)) * 0.5f + 0.5f;
    CHECK(difference(net.forward(y, ir), expected) <= 1e-5);  // in one piece
    FusionNet<float> usual;                                   // as the program fuse has it
    usual.load_state_dict(net.state_dict());
    CHECK(difference(usual.forward(y, ir), expected) <= 1e-5);
    const GradMode on(true);
    CHECK(difference(net.forward(y, ir).detach(), expected) <= 1e-5);
    net.strip_rows = 7;
    CHECK(difference(net.forward(y, ir).detach(), expected) <= 1e-5);
}

TEST_CASE("seafusion/fusion_net: the names and shapes are those of the released weights") {
    const FusionNet<float> net = golden_net<float>(Sobel::fixed);
    std::size_t weights = 0;
    for (const auto& [name, tensor] : io::load(FATHOM_GOLDEN_DIR "/fusion.safetensors"))
        weights += name.rfind("weight.", 0) == 0;
    const StateDict dict = net.state_dict();
    CHECK(dict.size() == weights);
    for (const StateDict::Entry& entry : dict) {
        INFO(entry.first);
        CHECK(entry.second.shape() == golden("weight." + entry.first).shape());
    }
}

TEST_CASE("seafusion/fusion_net: the values of the filters count, not their kind") {
    FusionNet<float> fixed = golden_net<float>(Sobel::fixed), trainable = golden_net<float>(Sobel::trainable);
    const auto y = random_image<float>({2, 1, 21, 13}, 3), ir = random_image<float>({2, 1, 21, 13}, 4);
    const NoGrad off;
    const auto stored = fixed.forward(y, ir);
    CHECK(same_bits(stored, trainable.forward(y, ir)));
    // Exact filters: another function, and by whatever kernel the same one for both kinds.
    StateDict exact = fixed.state_dict();
    Generator gen(1);
    FusionNet<float> fresh(gen);
    for (auto& [name, tensor] : exact)
        if (name.find("sobelconv") != std::string::npos) tensor = *fresh.state_dict().find(name);
    fixed.load_state_dict(exact), trainable.load_state_dict(exact);
    const auto with_exact = fixed.forward(y, ir);
    CHECK(difference(with_exact, trainable.forward(y, ir)) <= 1e-6);
    CHECK(difference(with_exact, stored) > 1e-3);
}

TEST_CASE("seafusion/fusion_net: errors of forward") {
    FusionNet<float> empty;
    const auto image = [](const Shape& shape) { return zeros<float>(shape); };
    CHECK(message_of([&] {
              empty.forward(image({1, 1, 8, 8}), image({1, 1, 8, 8}));
          }).find("vis_conv.conv.weight") != std::string::npos);
    CHECK(message_of([&] { empty.state_dict(); }) ==
          "state_dict: vis_conv.conv.weight was never initialised or loaded at here");
    Generator gen(1);
    FusionNet<float> net(gen);
    CHECK(message_of([&] {
              net.forward(image({1, 3, 8, 8}), image({1, 1, 8, 8}));
          }) == "FusionNet: y has shape [1,3,8,8], expected [N,1,H,W] with at least one pixel at here");
    CHECK(message_of([&] {
              net.forward(image({8, 8}), image({8, 8}));
          }) == "FusionNet: y has shape [8,8], expected [N,1,H,W] with at least one pixel at here");
    CHECK(message_of([&] {
              net.forward(image({0, 1, 8, 8}), image({0, 1, 8, 8}));
          }) == "FusionNet: y has shape [0,1,8,8], expected [N,1,H,W] with at least one pixel at here");
    CHECK(message_of([&] {
              net.forward(image({1, 1, 8, 8}), image({1, 1, 8, 9}));
          }) == "FusionNet: y has shape [1,1,8,8], ir [1,1,8,9]; expected the same at here");
}

TEST_CASE("seafusion/fusion_net: a batch is its images one by one, at any size and stride") {
    FusionNet<float> net = golden_net<float>();
    const NoGrad off;
    for (const Shape& shape : {Shape{3, 1, 1, 1}, Shape{2, 1, 1, 17}, Shape{2, 1, 19, 2}, Shape{2, 1, 33, 35}}) {
        CAPTURE(to_string(shape));
        const auto y = random_image<float>(shape, 5), ir = random_image<float>(shape, 6);
        const auto batch = net.forward(y, ir);
        CHECK(batch.shape() == shape);
        for (std::int64_t i = 0; i < shape[0]; ++i)
            CHECK(difference(net.forward(narrow(y, 0, i, 1), narrow(ir, 0, i, 1)), narrow(batch, 0, i, 1)) <= 1e-6);
        const auto strided = [](const Tensor<float>& x) { return transpose(contiguous(transpose(x, 2, 3)), 2, 3); };
        CHECK(difference(net.forward(strided(y), strided(ir)), batch) <= 1e-6);
        for (const double v : numbers(batch)) CHECK((v >= 0 && v <= 1));
    }
}

TEST_CASE("seafusion/fusion_net: one and two threads give the same bits") {
    FusionNet<float> net = golden_net<float>();
    for_each_isa([&] {
        std::vector<AnyTensor> one, two;
        {
            const Threads threads(1);
            one = gradients(net, {2, 1, 45, 37});
        }
        {
            const Threads threads(2);
            two = gradients(net, {2, 1, 45, 37});
        }
        for (std::size_t i = 0; i < one.size(); ++i) CHECK(same_bits(one[i], two[i]));
    });
}

TEST_CASE("seafusion/fusion_net: gradients add up over two backward calls") {
    FusionNet<double> net = golden_net<double>();
    const auto y = random_image<double>({1, 1, 24, 20}, 7), ir = random_image<double>({1, 1, 24, 20}, 8);
    const auto backward = [&] { content_loss(net.forward(y, ir), y, ir).total.backward(); };
    backward();
    std::vector<Tensor<double>> twice;
    for (const AnyTensor& p : net.parameters())
        twice.push_back(Tensor<double>::adopt(autograd::accumulated_grad(p)) * 2.0);
    backward();
    std::size_t i = 0;
    for (const StateDict::Entry& parameter : net.named_parameters()) {
        INFO(parameter.first);
        CHECK(relative_difference(autograd::accumulated_grad(parameter.second), twice[i++]) <= 1e-12);
    }
}

TEST_CASE("seafusion/fusion_net: gradients flow to the images too") {
    FusionNet<double> net = golden_net<double>();
    net.requires_grad_(false);
    auto y = random_image<double>({1, 1, 6, 5}, 9), ir = random_image<double>({1, 1, 6, 5}, 10);
    y.requires_grad_(), ir.requires_grad_();
    const auto total = [&](const Tensor<double>& a, const Tensor<double>& b) { return sum(square(net.forward(a, b))); };
    total(y, ir).backward();
    const NoGrad off;
    const double step = 1e-6;
    for (const bool visible : {true, false}) {
        const Tensor<double>& x = visible ? y : ir;
        const std::vector<double> gradient = numbers(x.grad());
        for (std::int64_t i = 0; i < x.numel(); i += 7) {
            const auto at = [&](double shift) {
                auto moved = x.detach().clone();
                moved.mutable_data()[i] += shift;
                return (visible ? total(moved, ir) : total(y, moved)).item();
            };
            CHECK(gradient[static_cast<std::size_t>(i)] ==
                  doctest::Approx((at(step) - at(-step)) / (2 * step)).epsilon(1e-5));
        }
    }
}

TEST_CASE("seafusion/fusion_net: a copy has its own weights") {
    FusionNet<float> net = golden_net<float>();
    FusionNet<float> copy = net;
    const auto y = random_image<float>({1, 1, 8, 8}, 11), ir = random_image<float>({1, 1, 8, 8}, 12);
    const NoGrad off;
    const auto before = net.forward(y, ir);
    copy.decode1.conv.bias += 1.0f;
    CHECK(same_bits(net.forward(y, ir), before));
    CHECK(difference(copy.forward(y, ir), before) > 0.01);
}

// Planned for one image: saved are the dense blocks' buffers (2 x (48 + 96) planes), the features (96), the decoder's
// activations (64 + 32 + 16) and a few of one channel: 500. While a block goes backward there are beside them at most
// its buffers' gradient (96), that of the Sobel magnitude (32) and the features' gradient (96): 224, though the
// decoder's share is freed by then; at the decoder's first layer: 96 + 2 x 64. Weights, gradients and Adam's two
// moments are four times 166,657 values.
TEST_CASE("seafusion/fusion_net: memory of a training step") {
    Generator gen(1);
    FusionNet<float> net(gen, Sobel::trainable);
    optim::Adam adam(net.parameters(), {});
    const Shape shape{1, 1, 96, 96};
    const auto y = random_image<float>(shape, 13), ir = random_image<float>(shape, 14);
    const std::int64_t plane = 96 * 96 * 4, weights = 166'657 * 4;
    const auto step = [&] {
        adam.zero_grad();
        content_loss(net.forward(y, ir), y, ir).total.backward();
        adam.step();
    };
    const Threads threads(2);
    const std::int64_t before = memory_report().active - weights;  // everything but the net
    reset_peak_memory();
    step();
    step();
    const std::int64_t peak = memory_report().peak - before;
    MESSAGE("peak " << peak / plane << " planes of 96 x 96");
    CHECK(peak <=
          (500 + 224) * plane + 4 * weights + 40 * plane);  // the last: kernels' packed weights and partial sums
}

TEST_CASE("seafusion/fusion_net: a memory limit stops forward, and the next one works") {
    FusionNet<float> net = golden_net<float>();
    const auto y = random_image<float>({1, 1, 600, 600}, 15), ir = random_image<float>({1, 1, 600, 600}, 16);
    const auto small = random_image<float>({1, 1, 16, 16}, 17);
    const NoGrad off;
    const auto before = net.forward(small, small);
    empty_cache();  // but for what other threads keep
    set_memory_limit(memory_report().active + memory_report().cached + (2 << 20));
    const std::string text = message_of([&] { net.forward(y, ir); });
    CHECK(text.find("memory") != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(same_bits(net.forward(small, small), before));
    set_memory_limit(0);
    CHECK(net.forward(y, ir).numel() == 600 * 600);
}
