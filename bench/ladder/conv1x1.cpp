// A 1x1 convolution, 16 channels to 32, as at the end of the fusion net's first dense block. Read conv1x1.kernel.hpp
// first.
#include <memory>

#include "bench/support/conv_rungs.hpp"
#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ladder/conv1x1.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    std::int64_t pixels, in = 16, out = 32;
    std::vector<float> x, w, turned, y;
    std::vector<double> want;
};

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    const fathom::ConvShape s = o.quick ? conv_shape(5, 24, 16, 32, 1) : conv_shape(240, 320, 16, 32, 1);
    d->pixels = s.height * s.width;
    d->x = numbers(d->pixels * d->in), d->w = numbers(d->out * d->in), d->turned = d->w;
    for (std::int64_t k = 0; k < d->out; ++k)
        for (std::int64_t c = 0; c < d->in; ++c)
            d->turned[static_cast<std::size_t>(c * d->out + k)] = d->w[static_cast<std::size_t>(k * d->in + c)];
    d->y = unset(d->pixels * d->out);
    d->want.resize(d->y.size());
    FATHOM_DISPATCH(
        ladder_conv1x1::naive<double>(d->x.data(), d->w.data(), d->want.data(), {d->pixels, d->in, d->out}));

    const auto pixels = static_cast<double>(d->pixels), in = static_cast<double>(d->in),
               out = static_cast<double>(d->out);
    Ladder ladder;
    ladder.title = "1x1 convolution, 16 to 32 channels, " + std::to_string(s.height) + "x" + std::to_string(s.width);
    ladder.flops = 2 * pixels * in * out;
    ladder.read = 4 * pixels * in, ladder.written = 4 * pixels * out;
    ladder.forget = [d] { d->y.assign(d->y.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->y, d->want); };

    const double fmas = ladder.flops / 2 / vector_lanes(), full = vector_registers() == 32 ? 12 : 6;
    const Cost memory = bytes(ladder.level(), ladder.read, ladder.written);
    ladder.rungs = {
        {"1 naive",
         {accesses(ladder.flops), memory},
         [d] {
             FATHOM_DISPATCH(
                 ladder_conv1x1::naive<float>(d->x.data(), d->w.data(), d->y.data(), {d->pixels, d->in, d->out}));
         }},
        {"2 outputs innermost",
         {accesses(2 * fmas, fmas), latency(2 * pixels * in), memory},
         [d] {
             FATHOM_DISPATCH(ladder_conv1x1::outputs_innermost(d->x.data(), d->turned.data(), d->y.data(),
                                                               {d->pixels, d->in, d->out}));
         }},
        {"3 sums in registers",
         {compute(ladder.flops), accesses(fmas * 3 / 2), memory},
         [d] {
             FATHOM_DISPATCH(
                 ladder_conv1x1::tiled_1(d->x.data(), d->turned.data(), d->y.data(), {d->pixels, d->in, d->out}));
         }},
        {"4 all registers",
         {compute(ladder.flops), accesses(fmas * (2 + full) / (2 * full)), memory},
         [d] {
             FATHOM_DISPATCH(
                 ladder_conv1x1::tiled_full(d->x.data(), d->turned.data(), d->y.data(), {d->pixels, d->in, d->out}));
         }},
    };
    add_library_rungs(ladder, ConvPass::forward, s, o, [d, s](ConvAlgorithm algorithm) {
        run<float>(algorithm, ConvForward<float>{d->x.data(), d->w.data(), nullptr, d->y.data(), s, {}});
    });
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "A 1x1 convolution, from the naive loop to the library's.", make_ladder);
}
