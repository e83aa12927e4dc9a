// The gradient of enlarging an image four times both ways, 32 channels. Read bilinear_backward.kernel.hpp first.
#include <memory>

#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/resize.hpp"
#include "fathom/kernels/simd.hpp"

namespace fathom::bench {

// First and second input of an output, and the second's weight.
struct Place {
    std::int64_t first, second;
    double weight;
};

}  // namespace fathom::bench

#define FATHOM_KERNEL "bench/ladder/bilinear_backward.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    std::int64_t height, width, channels = 32, factor = 4;
    std::vector<float> dy, dx, sums;
    std::vector<Place> columns;  // [width * factor]
    std::vector<double> want;
};

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->height = o.quick ? 3 : 60, d->width = o.quick ? 5 : 80;
    const std::int64_t small = d->height * d->width * d->channels, large = small * d->factor * d->factor;
    d->dy = numbers(large), d->dx = unset(small), d->sums = unset(small * d->factor);
    d->want.resize(d->dx.size());
    FATHOM_DISPATCH(ladder_bilinear_backward::naive<double>(d->dy.data(), d->want.data(),
                                                            {d->height, d->width, d->channels, d->factor}));
    d->columns.resize(static_cast<std::size_t>(d->width * d->factor));

    const auto outputs = static_cast<double>(large), vectors = outputs / vector_lanes();
    Ladder ladder;
    ladder.title = "Gradient of bilinear interpolation, 32 channels, " + std::to_string(d->height) + "x" +
                   std::to_string(d->width) + " from four times both";
    ladder.read = 4 * outputs, ladder.written = 4 * static_cast<double>(small);
    ladder.in_bytes = true;
    ladder.forget = [d] { d->dx.assign(d->dx.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->dx, d->want); };
    const Cost memory = bytes(ladder.level(), ladder.read, ladder.written);
    ladder.rungs = {
        {"1 naive",
         {scalar(2 * 60 * outputs / static_cast<double>(d->channels)), accesses(5 * vectors, 4 * vectors), memory},
         [d] {
             FATHOM_DISPATCH(ladder_bilinear_backward::naive<float>(d->dy.data(), d->dx.data(),
                                                                    {d->height, d->width, d->channels, d->factor}));
         }},
        {"2 places once",
         {accesses(5 * vectors, 4 * vectors), latency(3 * outputs / static_cast<double>(d->channels)), memory},
         [d] {
             FATHOM_DISPATCH(ladder_bilinear_backward::places_once(
                 d->dy.data(), d->dx.data(), {d->height, d->width, d->channels, d->factor}, d->columns.data()));
         }},
        {"3 rows first",
         {accesses(3.5 * vectors, 2.5 * vectors), memory},
         [d] {
             FATHOM_DISPATCH(ladder_bilinear_backward::rows_first(d->dy.data(), d->dx.data(),
                                                                  {d->height, d->width, d->channels, d->factor},
                                                                  d->columns.data(), d->sums.data()));
         }},
    };
    const auto rows = std::make_shared<Resampling>(transposed(bilinear(d->height, d->height * d->factor, false))),
               columns = std::make_shared<Resampling>(transposed(bilinear(d->width, d->width * d->factor, false)));
    const auto library = [d, rows, columns] {
        const std::int64_t c = d->channels, row = d->width * c, large_row = row * d->factor;
        resize<float>(1, c, *rows, *columns, {d->dy.data(), large_row * d->height * d->factor, 1, large_row, c},
                      {d->dx.data(), row * d->height, 1, row, c}, false);
    };
    // Each row of the gradient belongs to two rows of inputs, and is read for both.
    const std::vector<Cost> costs{accesses(2 * vectors), bytes(ladder.level(), 2 * ladder.read, ladder.written)};
    ladder.rungs.push_back({"4 library", costs, library});
    if (o.all_threads() > 1)
        ladder.rungs.push_back(
            {"5 the same on " + std::to_string(o.all_threads()) + " threads", costs, library, o.all_threads()});
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "The gradient of bilinear interpolation, from the naive loop to the library's.",
                       make_ladder);
}
