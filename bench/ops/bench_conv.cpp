// Convolution and its gradients at the shapes of the fusion net (480x640, batch 1, and 96x96, batch 8) and of
// ResNet-18, a row for each algorithm that accepts the shape; the one that the library chooses says so. FATHOM_ISA
// chooses the instruction set.
#include <string>
#include <utility>
#include <vector>

#include "bench/ops/ceiling.hpp"
#include "fathom/kernels/conv.hpp"

namespace {

using fathom::ConvShape;
using fathom::kernels::ConvAlgorithm;
using fathom::kernels::ConvPass;

struct Layer {
    std::int64_t n, size[2], in, out, kernel, stride;
};

ConvShape shape_of(const Layer& layer) {
    ConvShape s;
    s.n = layer.n, s.height = layer.size[0], s.width = layer.size[1], s.in_channels = layer.in;
    s.out_channels = layer.out, s.kernel_h = s.kernel_w = layer.kernel, s.stride_h = s.stride_w = layer.stride;
    s.padding_h = s.padding_w = layer.kernel / 2;
    return s;
}

void run_pass(benchmark::State& state, const ConvShape& s, ConvPass pass, ConvAlgorithm algorithm) {
    using namespace fathom::kernels;
    fathom::set_threads(static_cast<int>(state.range(0)));
    const std::int64_t y_pixels = s.n * s.out_height() * s.out_width(), taps = s.kernel_h * s.kernel_w;
    const auto numbers = [](std::int64_t count) {
        std::vector<float> v(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i * 2654435761u % 1000) * 1e-3f - 0.5f;
        return v;
    };
    auto x = numbers(s.n * s.height * s.width * s.in_channels), y = numbers(y_pixels * s.out_channels);
    auto w = numbers(s.out_channels * s.in_channels * taps), bias = numbers(s.out_channels);
    for (auto _ : state) {
        if (pass == ConvPass::forward)
            run<float>(algorithm, ConvForward<float>{x.data(), w.data(), bias.data(), y.data(), s, {}});
        else if (pass == ConvPass::data)
            run<float>(algorithm, ConvData<float>{y.data(), w.data(), x.data(), s, {}});
        else
            run<float>(algorithm, ConvWeight<float>{x.data(), y.data(), w.data(), bias.data(), s, false, false});
        benchmark::ClobberMemory();
    }
    fathom::bench::report(state, 2.0 * static_cast<double>(y_pixels * s.out_channels * s.in_channels * taps));
}

const int registered = [] {
    std::vector<Layer> layers;
    for (auto [in, out] : {std::pair{1, 16}, {16, 16}, {32, 16}, {32, 32}, {64, 32}, {96, 64}, {16, 1}}) {
        layers.push_back({1, {480, 640}, in, out, 3, 1});
        layers.push_back({8, {96, 96}, in, out, 3, 1});
    }
    for (auto [in, out] : {std::pair{48, 32}, {16, 32}, {96, 48}, {32, 48}})
        layers.push_back({1, {480, 640}, in, out, 1, 1});
    for (const Layer& resnet : {Layer{2, {480, 640}, 3, 64, 7, 2},
                                {2, {120, 160}, 64, 64, 3, 1},
                                {2, {120, 160}, 64, 128, 3, 2},
                                {2, {120, 160}, 64, 128, 1, 2},
                                {2, {30, 40}, 256, 256, 3, 1},
                                {2, {15, 20}, 512, 512, 3, 1}})
        layers.push_back(resnet);
    for (const Layer& layer : layers)
        for (ConvPass pass : fathom::kernels::conv_passes)
            for (ConvAlgorithm algorithm : fathom::kernels::conv_algorithms) {
                const ConvShape s = shape_of(layer);
                if (!accepts(algorithm, pass, s)) continue;
                const ConvAlgorithm chosen = fathom::kernels::chosen<float>(pass, s);
                const std::string name = "conv_" + std::string(name_of(pass)) + "/" + std::to_string(layer.kernel) +
                                         "x" + std::to_string(layer.kernel) + "/" + std::to_string(layer.in) + "_" +
                                         std::to_string(layer.out) + "/stride" + std::to_string(layer.stride) + "/" +
                                         std::to_string(layer.n) + "x" + std::to_string(layer.size[0]) + "x" +
                                         std::to_string(layer.size[1]) + "/" + name_of(algorithm) +
                                         (algorithm == chosen ? "/chosen" : "");
                benchmark::RegisterBenchmark(name.c_str(),
                                             [=](benchmark::State& state) { run_pass(state, s, pass, algorithm); })
                    ->ArgName("threads")
                    ->Arg(1)
                    ->Arg(2)
                    ->UseRealTime()
                    ->Unit(benchmark::kMillisecond);
            }
    return 0;
}();

}  // namespace
