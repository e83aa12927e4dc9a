// A 3x3 convolution, 32 channels to 32, forward: the fusion net's most common one. Read conv3x3.kernel.hpp first.
#include <memory>

#include "bench/support/conv_rungs.hpp"
#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ladder/conv3x3.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    fathom::ConvShape s;
    std::vector<float> x, w, turned, padded, y;
    std::vector<double> want;
};

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->s = o.quick ? conv_shape(5, 24, 32, 32, 3) : conv_shape(96, 240, 32, 32, 3);
    const fathom::ConvShape& s = d->s;
    const std::int64_t pixels = s.height * s.width, in = s.in_channels, out = s.out_channels;
    d->x = numbers(pixels * in), d->w = numbers(out * in * 9), d->turned = unset(9 * in * out);
    d->padded = unset((s.height + 2) * (s.width + 2) * in), d->y = unset(pixels * out);
    d->want.resize(d->y.size());
    FATHOM_DISPATCH(ladder_conv3x3::naive<double>(d->x.data(), d->w.data(), d->want.data(), s));
    // Weights are turned once, since they serve many images.
    FATHOM_DISPATCH(ladder_conv3x3::turn_weights(d->w.data(), s, d->turned.data()));

    Ladder ladder;
    ladder.title = "3x3 convolution, 32 to 32 channels, " + std::to_string(s.height) + "x" + std::to_string(s.width);
    ladder.flops = 2.0 * 9 * static_cast<double>(pixels * in * out);
    ladder.read = 4.0 * static_cast<double>(pixels * in), ladder.written = 4.0 * static_cast<double>(pixels * out);
    ladder.forget = [d] { d->y.assign(d->y.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->y, d->want); };

    // Multiply-adds of whole vectors; terms of one output; the weights that every tile reads.
    const double fmas = ladder.flops / 2 / vector_lanes(), terms = 9.0 * static_cast<double>(in);
    const double outputs = static_cast<double>(pixels * out), weights = 4 * terms * static_cast<double>(out);
    const Level image = ladder.level();
    const auto tile_costs = [&](double tile, double copies, double parts = 1) {
        return std::vector<Cost>{compute(ladder.flops), accesses(fmas * (2 + tile) / (2 * tile)),
                                 latency(outputs * terms / (2 * tile * vector_lanes())),
                                 bytes(level_of((weights + 12 * (tile + 2) * static_cast<double>(in)) / parts),
                                       weights * static_cast<double>(pixels) / tile),
                                 bytes(image, ladder.read * (1 + copies), ladder.written + ladder.read * copies)};
    };
    const double full = vector_registers() == 32 ? 12 : 6;
    ladder.rungs = {
        {"1 naive",
         {scalar(ladder.flops), scalar_latency(outputs * terms)},
         [d] { FATHOM_DISPATCH(ladder_conv3x3::naive<float>(d->x.data(), d->w.data(), d->y.data(), d->s)); }},
        {"2 outputs innermost",
         {accesses(2 * fmas, fmas), latency(2 * static_cast<double>(pixels) * terms)},
         [d] { FATHOM_DISPATCH(ladder_conv3x3::outputs_innermost(d->x.data(), d->turned.data(), d->y.data(), d->s)); }},
        {"3 sums in registers", tile_costs(1, 1),
         [d] {
             FATHOM_DISPATCH(
                 ladder_conv3x3::tiled_1(d->x.data(), d->turned.data(), d->y.data(), d->s, d->padded.data()));
         }},
        {"4 six pixels", tile_costs(6, 1),
         [d] {
             FATHOM_DISPATCH(
                 ladder_conv3x3::tiled_6(d->x.data(), d->turned.data(), d->y.data(), d->s, d->padded.data()));
         }},
        {"5 all registers", tile_costs(full, 1),
         [d] {
             FATHOM_DISPATCH(
                 ladder_conv3x3::tiled_full(d->x.data(), d->turned.data(), d->y.data(), d->s, d->padded.data()));
         }},
        {"6 ring of rows", tile_costs(full, 0),
         [d] {
             FATHOM_DISPATCH(ladder_conv3x3::ring_of_rows(d->x.data(), d->turned.data(), d->y.data(), d->s,
                                                          d->padded.data(), d->s.in_channels));
         }},
        {"7 half the inputs", tile_costs(full, 0, 2),
         [d] {
             FATHOM_DISPATCH(ladder_conv3x3::ring_of_rows(d->x.data(), d->turned.data(), d->y.data(), d->s,
                                                          d->padded.data(), d->s.in_channels / 2));
         }},
    };
    add_library_rungs(ladder, ConvPass::forward, s, o, [d](ConvAlgorithm algorithm) {
        run<float>(algorithm, ConvForward<float>{d->x.data(), d->w.data(), nullptr, d->y.data(), d->s, {}});
    });
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "A 3x3 convolution, from the naive loop to the library's.", make_ladder);
}
