// The weight gradient of a 3x3 convolution, 32 channels to 32. Read conv3x3_weight.kernel.hpp first.
#include <memory>

#include "bench/support/conv_rungs.hpp"
#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ladder/conv3x3_weight.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    fathom::ConvShape s;
    std::vector<float> x, padded, dy, sums, dw;
    std::vector<double> want;
};

std::vector<float> with_border(const std::vector<float>& x, const fathom::ConvShape& s) {
    const std::int64_t row = s.width * s.in_channels, padded_row = row + 2 * s.in_channels;
    std::vector<float> padded(static_cast<std::size_t>((s.height + 2) * padded_row), 0.0f);
    for (std::int64_t h = 0; h < s.height; ++h)
        std::copy_n(x.data() + h * row, row, padded.data() + (h + 1) * padded_row + s.in_channels);
    return padded;
}

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->s = o.quick ? conv_shape(4, 24, 32, 32, 3) : conv_shape(96, 160, 32, 32, 3);
    const fathom::ConvShape& s = d->s;
    const std::int64_t pixels = s.height * s.width, in = s.in_channels, out = s.out_channels;
    d->x = numbers(pixels * in), d->padded = with_border(d->x, s), d->dy = numbers(pixels * out);
    d->sums = unset(9 * in * out), d->dw = unset(9 * in * out);
    d->want.resize(d->dw.size());
    FATHOM_DISPATCH(ladder_conv3x3_weight::naive<double>(d->padded.data(), d->dy.data(), d->want.data(), s));

    Ladder ladder;
    ladder.title = "Weight gradient of a 3x3 convolution, 32 to 32 channels, " + std::to_string(s.height) + "x" +
                   std::to_string(s.width);
    ladder.flops = 2.0 * 9 * static_cast<double>(pixels * in * out);
    ladder.read = 4.0 * static_cast<double>(pixels * (in + out)),
    ladder.written = 4.0 * static_cast<double>(9 * in * out);
    ladder.forget = [d] { d->dw.assign(d->dw.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->dw, d->want); };

    const double lanes = vector_lanes(), channels = vector_registers() == 32 ? 8 : 4;
    const double fmas = ladder.flops / 2 / lanes, weights = static_cast<double>(9 * in * out);
    // Blocks of sums, each of which the pixels pass by; of a pixel it reads its inputs' line and its outputs' vectors.
    const double blocks = weights / (channels * 2 * lanes), touched = 64 + 8 * lanes;
    const double streamed = blocks * static_cast<double>(pixels) * touched;
    const Level images = ladder.level(), rows = level_of(4.0 * static_cast<double>(s.width * (3 * in + out)));
    const auto turned = [d](auto rung) {
        return [d, rung] {
            rung();
            FATHOM_DISPATCH(ladder_conv3x3_weight::turn_back(d->sums.data(), d->s, d->dw.data()));
        };
    };
    ladder.rungs = {
        {"1 naive",
         {scalar_latency(ladder.flops / 2), bytes(images, 2 * 64 * weights * static_cast<double>(pixels))},
         [d] {
             FATHOM_DISPATCH(ladder_conv3x3_weight::naive<float>(d->padded.data(), d->dy.data(), d->dw.data(), d->s));
         }},
        {"2 pixels outermost", {accesses(2 * fmas, fmas), bytes(images, ladder.read)}, turned([d] {
             FATHOM_DISPATCH(
                 ladder_conv3x3_weight::pixels_outermost(d->padded.data(), d->dy.data(), d->sums.data(), d->s));
         })},
        {"3 sums in registers",
         {compute(ladder.flops), accesses(fmas * (2 + channels) / (2 * channels)), bytes(images, streamed)},
         turned([d] {
             FATHOM_DISPATCH(
                 ladder_conv3x3_weight::bands(d->padded.data(), d->dy.data(), d->sums.data(), d->s, d->s.height));
         })},
        {"4 a row at a time",
         {compute(ladder.flops), accesses(fmas * (2 + channels) / (2 * channels)), bytes(rows, streamed),
          bytes(images, ladder.read)},
         turned([d] {
             FATHOM_DISPATCH(ladder_conv3x3_weight::bands(d->padded.data(), d->dy.data(), d->sums.data(), d->s, 1));
         })},
    };
    add_library_rungs(ladder, ConvPass::weight, s, o, [d](ConvAlgorithm algorithm) {
        run<float>(algorithm, ConvWeight<float>{d->x.data(), d->dy.data(), d->dw.data(), nullptr, d->s, false, false});
    });
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "The weight gradient of a 3x3 convolution, from the naive loop to the library's.",
                       make_ladder);
}
