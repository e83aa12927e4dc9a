// Convolution and its gradients at the shapes of the fusion net (480x640, batch 1, and 96x96, batch 8) and of
// ResNet-18. Beside the algorithm that the library chooses stands the one for everything, direct; with --all each that
// accepts the shape.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/ops/family.hpp"
#include "bench/support/conv_rungs.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/conv.hpp"

namespace fathom::bench {

namespace {

using kernels::ConvAlgorithm;
using kernels::ConvPass;

struct Layer {
    std::int64_t n, height, width, in, out, kernel, stride;
};

std::vector<Layer> layers() {
    std::vector<Layer> all;
    for (auto [in, out] : {std::pair{1, 16}, {16, 16}, {32, 16}, {32, 32}, {64, 32}, {96, 64}, {16, 1}}) {
        all.push_back({1, 480, 640, in, out, 3, 1});
        all.push_back({8, 96, 96, in, out, 3, 1});
    }
    for (auto [in, out] : {std::pair{48, 32}, {16, 32}, {96, 48}, {32, 48}})
        all.push_back({1, 480, 640, in, out, 1, 1});
    for (const Layer& resnet : {Layer{2, 480, 640, 3, 64, 7, 2},
                                {2, 120, 160, 64, 64, 3, 1},
                                {2, 120, 160, 64, 128, 3, 2},
                                {2, 120, 160, 64, 128, 1, 2},
                                {2, 30, 40, 256, 256, 3, 1},
                                {2, 15, 20, 512, 512, 3, 1}})
        all.push_back(resnet);
    return all;
}

ConvShape shape_of(const Layer& layer, bool quick) {
    ConvShape s = conv_shape(layer.height, layer.width, layer.in, layer.out, layer.kernel);
    s.n = layer.n, s.stride_h = s.stride_w = layer.stride;
    if (quick) s.n = 1, s.height = 8, s.width = 24;
    return s;
}

std::string name_of(const ConvShape& s, ConvPass pass, ConvAlgorithm algorithm, bool chosen) {
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    return "conv " + text(s.kernel_h) + "x" + text(s.kernel_w) +
           (s.stride_h == 1 ? "" : " stride " + text(s.stride_h)) + ", " + text(s.in_channels) + " to " +
           text(s.out_channels) + ", " + (s.n == 1 ? "" : text(s.n) + "x") + text(s.height) + "x" + text(s.width) +
           ", " + kernels::name_of(pass) + ": " + kernels::name_of(algorithm) + (chosen ? ", chosen" : "");
}

struct Arrays {
    std::vector<float> x, y, w, bias;
};

void run_pass(const ConvShape& s, ConvPass pass, ConvAlgorithm algorithm, Arrays& a) {
    using namespace kernels;
    if (pass == ConvPass::forward)
        run<float>(algorithm, ConvForward<float>{a.x.data(), a.w.data(), a.bias.data(), a.y.data(), s, {}});
    else if (pass == ConvPass::data)
        run<float>(algorithm, ConvData<float>{a.y.data(), a.w.data(), a.x.data(), s, {}});
    else
        run<float>(algorithm, ConvWeight<float>{a.x.data(), a.y.data(), a.w.data(), a.bias.data(), s, false, false});
}

Case make_case(const std::string& name, const ConvShape& s, ConvPass pass, ConvAlgorithm algorithm) {
    const std::int64_t x = s.n * s.height * s.width * s.in_channels,
                       y = s.n * s.out_height() * s.out_width() * s.out_channels,
                       w = s.out_channels * s.in_channels * s.kernel_h * s.kernel_w;
    auto arrays = std::make_shared<Arrays>(Arrays{numbers(x), numbers(y), numbers(w), numbers(s.out_channels)});
    Case c;
    c.name = name;
    c.flops = 2.0 * static_cast<double>(y * s.in_channels * s.kernel_h * s.kernel_w);
    const std::int64_t written = pass == ConvPass::forward ? y : pass == ConvPass::data ? x : w;
    c.read = 4.0 * static_cast<double>(x + y + w - written), c.written = 4.0 * static_cast<double>(written);
    c.run = [=] { run_pass(s, pass, algorithm, *arrays); };
    if (algorithm != ConvAlgorithm::direct) c.other = [=] { run_pass(s, pass, ConvAlgorithm::direct, *arrays); };
    c.effective = is_effective(algorithm);
    return c;
}

}  // namespace

Family conv_family(const OpsOptions& o) {
    Family family{"convolution", "direct", {}};
    for (const Layer& layer : layers())
        for (const ConvPass pass : kernels::conv_passes)
            for (const ConvAlgorithm algorithm : kernels::conv_algorithms) {
                const ConvShape s = shape_of(layer, o.quick);
                const bool chosen = algorithm == kernels::chosen<float>(pass, s);
                if (!accepts(algorithm, pass, s) || (!chosen && !o.all_algorithms)) continue;
                const std::string name = name_of(s, pass, algorithm, chosen && o.all_algorithms);
                family.cases.emplace_back(name, [=] { return make_case(name, s, pass, algorithm); });
            }
    return family;
}

}  // namespace fathom::bench
