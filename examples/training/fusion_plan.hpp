// How the fusion net is trained in a round: for how long, at which rate, and with how much semantic loss.
#pragma once

#include <cmath>

#include "training/recipe.hpp"

namespace training {

struct FusionPlan {
    std::int64_t steps;          // of the round
    std::int64_t before, whole;  // over which the rate falls: `before` of `whole` steps are done before the round
    double first_rate, beta;     // beta 0: nobody guides

    // The released code's 0.75^(epoch - 1), epochs counted from 0, over ten of them.
    double rate(std::int64_t step) const {
        const auto epoch = static_cast<double>((before + step) * 10 / whole);
        return first_rate * std::pow(0.75, epoch - 1);
    }
};

// In turns, the rate falls in each round and the semantic loss counts more from round to round. In one stage nothing
// changes from round to round, and there are as many steps as the segmentation net's.
inline FusionPlan fusion_plan(const Recipe& r, std::int64_t round, std::int64_t batches_per_epoch) {
    const std::int64_t steps = r.one_stage ? r.segmentation_steps : r.fusion_epochs * batches_per_epoch;
    if (r.one_stage) return {steps, (round - 1) * steps, r.rounds * steps, r.fusion_rate, r.gamma};
    const double beta = r.content_only ? 0 : r.gamma * static_cast<double>(round - 1);
    return {steps, 0, steps, r.fusion_rate, beta};
}

}  // namespace training
