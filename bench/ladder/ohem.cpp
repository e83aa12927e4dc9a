// Online hard example mining: the mean of the largest sixteenth of an image's losses. Read ohem.kernel.hpp first.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <memory>

#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/ohem.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ladder/ohem.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    std::int64_t n, count;
    std::vector<float> loss, copy;
    float mean;
    double want;
};

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->n = o.quick ? 4000 : 480 * 640, d->count = d->n / 16;
    d->loss = numbers(d->n), d->copy = unset(d->n);
    for (float& x : d->loss) x = -std::log(x + 0.51f);  // many small ones, few large ones
    d->want = FATHOM_DISPATCH(ladder_ohem::sorted<double>(d->loss.data(), d->copy.data(), {d->n, d->count}));

    const auto n = static_cast<double>(d->n);
    Ladder ladder;
    ladder.title = "Mean of the " + std::to_string(d->count) + " largest of " + std::to_string(d->n) + " losses";
    ladder.read = 4 * n;
    ladder.in_bytes = true;
    ladder.forget = [d] { d->mean = std::numeric_limits<float>::quiet_NaN(); };
    ladder.error = [d] { return std::abs(static_cast<double>(d->mean) - d->want) / d->want; };
    const Cost counting = scalar(2 * 20 * n);
    ladder.rungs = {
        {"1 sort",
         {scalar_latency(n * std::log2(n) / 2 * 4)},
         [d] {
             d->mean = FATHOM_DISPATCH(ladder_ohem::sorted<float>(d->loss.data(), d->copy.data(), {d->n, d->count}));
         }},
        {"2 select",
         {scalar_latency(3 * n / 2 * 4)},
         [d] {
             d->mean = FATHOM_DISPATCH(ladder_ohem::selected(d->loss.data(), d->copy.data(), {d->n, d->count}));
         }},
        {"3 count digits",
         {counting, bytes(ladder.level(), 16 * n)},
         [d] {
             d->mean = FATHOM_DISPATCH(ladder_ohem::counted(d->loss.data(), {d->n, d->count}));
         }},
    };
    const auto library = [d] {
        const OhemSelection selection = ohem_select<float>(d->loss.data(), d->n, 1e30f, d->count);
        d->mean = ohem_mean<float>(d->loss.data(), d->n, selection);
    };
    ladder.rungs.push_back({"4 library", {counting, bytes(ladder.level(), 16 * n)}, library});
    if (o.all_threads() > 1)
        ladder.rungs.push_back({"5 the same on " + std::to_string(o.all_threads()) + " threads",
                                {counting, bytes(ladder.level(), 16 * n)},
                                library,
                                o.all_threads()});
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "Online hard example mining, from a sort to the library's.", make_ladder);
}
