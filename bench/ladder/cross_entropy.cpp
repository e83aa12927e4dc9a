// Softmax cross-entropy over 9 classes of a 480x640 image, as the segmentation net's loss. Read
// cross_entropy.kernel.hpp first.
#include <memory>

#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/cross_entropy.hpp"
#include "fathom/kernels/math.hpp"

#define FATHOM_KERNEL "bench/ladder/cross_entropy.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    std::int64_t classes = 9, positions;
    std::vector<float> logits, loss;
    std::vector<std::int64_t> target;
    std::vector<double> want;
};

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->positions = o.quick ? 640 : 480 * 640;
    d->logits = numbers(d->classes * d->positions), d->loss = unset(d->positions);
    for (float& x : d->logits) x *= 20;
    for (std::int64_t p = 0; p < d->positions; ++p) d->target.push_back(p * 7 % d->classes);
    d->want.resize(d->loss.size());
    FATHOM_DISPATCH(ladder_cross_entropy::naive<double>(d->logits.data(), d->target.data(), d->want.data(),
                                                        {d->classes, d->positions}));

    const auto positions = static_cast<double>(d->positions), logits = static_cast<double>(d->classes) * positions;
    Ladder ladder;
    ladder.title = "Softmax cross-entropy, 9 classes, " + std::to_string(d->positions) + " positions";
    ladder.read = 4 * logits + 8 * positions, ladder.written = 4 * positions;
    ladder.in_bytes = true;
    ladder.forget = [d] { d->loss.assign(d->loss.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->loss, d->want); };

    // Instructions for each logit and, the logarithm above all, for each position; two fit into a clock, as
    // multiply-adds.
    const auto work = [&](double each_logit, double each_position) {
        return 2 * (each_logit * logits + each_position * positions);
    };
    const Cost memory = bytes(ladder.level(), ladder.read, ladder.written);
    ladder.rungs = {
        {"1 naive",
         {scalar(work(20 + 6, 30)), memory},
         [d] {
             FATHOM_DISPATCH(ladder_cross_entropy::naive<float>(d->logits.data(), d->target.data(), d->loss.data(),
                                                                {d->classes, d->positions}));
         }},
        {"2 rows of 64",
         {scalar(work(20, 30)), memory},
         [d] {
             FATHOM_DISPATCH(ladder_cross_entropy::rows(d->logits.data(), d->target.data(), d->loss.data(),
                                                        {d->classes, d->positions}));
         }},
        {"3 vectors",
         {compute(work(34 + 7, 50)), memory},
         [d] {
             FATHOM_DISPATCH(ladder_cross_entropy::vectors(d->logits.data(), d->target.data(), d->loss.data(),
                                                           {d->classes, d->positions}));
         }},
        {"4 shorter exp",
         {compute(work(19 + 7, 50)), memory},
         [d] {
             FATHOM_DISPATCH(ladder_cross_entropy::vectors_short_exp(d->logits.data(), d->target.data(), d->loss.data(),
                                                                     {d->classes, d->positions}));
         }},
    };
    const auto library = [d] {
        const std::int64_t one = 1;
        const std::int64_t* strides[] = {&one, &one, &one};
        CrossEntropyShape shape{make_loop(3, 1, &d->positions, strides), d->classes, d->positions, 0, 0, 255, 0};
        cross_entropy<float>(shape, d->logits.data(), d->target.data(), nullptr, d->loss.data());
    };
    const std::vector<Cost> costs{compute(work(34 + 8, 50)), memory};
    ladder.rungs.push_back({"5 library", costs, library});
    if (o.all_threads() > 1)
        ladder.rungs.push_back(
            {"6 the same on " + std::to_string(o.all_threads()) + " threads", costs, library, o.all_threads()});
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "Softmax cross-entropy, from the naive loop to the library's.", make_ladder);
}
