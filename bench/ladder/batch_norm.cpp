// Batch normalisation of 64 channels, as in training. Read batch_norm.kernel.hpp first.
#include <cmath>
#include <memory>

#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/batch_norm.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ladder/batch_norm.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    std::int64_t pixels, channels = 64;
    std::vector<float> x, y, buffer, mean, inverse_std;
    std::vector<double> want;
};

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->pixels = o.quick ? 200 : 240 * 160;
    d->x = numbers(d->pixels * d->channels), d->y = unset(d->pixels * d->channels);
    for (float& x : d->x) x += 10;
    d->buffer = unset(4 * d->channels), d->mean = unset(d->channels), d->inverse_std = unset(d->channels);
    d->want.resize(d->y.size());
    FATHOM_DISPATCH(ladder_batch_norm::naive<double>(d->x.data(), d->want.data(), {d->pixels, d->channels}));

    const double image = 4 * static_cast<double>(d->pixels * d->channels);
    const double vectors = image / 4 / vector_lanes();
    Ladder ladder;
    ladder.title = "Batch norm in training, 64 channels, " + std::to_string(d->pixels) + " pixels";
    ladder.read = 2 * image, ladder.written = image;  // the result needs the mean of all: once is not enough
    ladder.in_bytes = true;
    ladder.forget = [d] { d->y.assign(d->y.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->y, d->want); };
    ladder.allowed = 1e-2;  // rung 3 is there for its error
    const Level level = level_of(2 * image);
    ladder.holds = level;
    ladder.rungs = {
        {"1 naive",
         {bytes(level, 64.0 / 4 * 3 * image, 64.0 / 4 * image), scalar_latency(image / 2)},
         [d] {
             FATHOM_DISPATCH(ladder_batch_norm::naive<float>(d->x.data(), d->y.data(), {d->pixels, d->channels}));
         }},
        {"2 rows",
         {bytes(level, 3 * image, image), accesses(6 * vectors, 3 * vectors)},
         [d] {
             FATHOM_DISPATCH(
                 ladder_batch_norm::rows(d->x.data(), d->y.data(), {d->pixels, d->channels}, d->buffer.data()));
         }},
        {"3 sum of squares",
         {bytes(level, 2 * image, image), accesses(6 * vectors, 3 * vectors)},
         [d] {
             FATHOM_DISPATCH(ladder_batch_norm::sum_of_squares(d->x.data(), d->y.data(), {d->pixels, d->channels},
                                                               d->buffer.data()));
         }},
        {"4 tiles",
         {bytes(level, 2 * image, image), accesses(7 * vectors, 3 * vectors)},
         [d] {
             FATHOM_DISPATCH(
                 ladder_batch_norm::tiles(d->x.data(), d->y.data(), {d->pixels, d->channels}, d->buffer.data()));
         }},
    };
    const auto library = [d] {
        batch_norm_statistics<float>({d->x.data(), d->channels}, d->pixels, d->channels, 1e-5, d->mean.data(),
                                     d->inverse_std.data(), nullptr, nullptr, 0);
        batch_norm<float>({d->x.data(), d->channels}, d->pixels, d->channels,
                          {d->mean.data(), d->inverse_std.data(), nullptr, nullptr, fathom::Activation::none, 0},
                          {d->y.data(), d->channels});
    };
    ladder.rungs.push_back({"5 library", ladder.least(), library});
    if (o.all_threads() > 1)
        ladder.rungs.push_back({"6 the same on " + std::to_string(o.all_threads()) + " threads", ladder.least(),
                                library, o.all_threads()});
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "Batch normalisation, from the naive loop to the library's.", make_ladder);
}
