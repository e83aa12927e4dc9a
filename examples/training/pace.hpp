// How fast a run goes: the progress line of a phase, and the time that is left of the phase and of the run.
#pragma once

#include <string>

#include "support/progress.hpp"
#include "training/state.hpp"

namespace training {

// What takes equally long from round to round.
inline std::string kind_of(Phase phase, std::int64_t round, const Recipe& r) {
    const bool guided = phase == Phase::fusion && round > 1 && r.gamma > 0 && !r.one_stage;
    return guided ? "guided fusion" : json(phase).get<std::string>();
}

// Seconds of the phases behind the one of `place`, as far as their kinds have been seen.
struct Rest {
    double seconds = 0;
    bool complete = true;
};

inline Rest rest_of(const Place& place, const Recipe& r) {
    Rest rest;
    const auto add = [&](Phase phase, std::int64_t round) {
        if (phase == Phase::fusion && r.images != ImageSource::fused) return;
        if (!trains_segmentation(r, round) && (phase == Phase::pictures || phase == Phase::segmentation)) return;
        const auto at = place.pace.find(kind_of(phase, round, r));
        if (at != place.pace.end() && at->is_number())
            rest.seconds += at->get<double>();
        else
            rest.complete = false;
    };
    for (std::int64_t round = place.round; round <= r.rounds; ++round)
        for (const Phase phase : {Phase::fusion, Phase::pictures, Phase::segmentation, Phase::measuring})
            if (round > place.round || phase > place.phase) add(phase, round);
    return rest;
}

// Of one phase, from where this process found it.
class Rate {
public:
    Rate(program::Progress& progress, Place& place, const Recipe& recipe, std::int64_t steps, std::int64_t first)
        : progress_(progress), place_(place), recipe_(recipe), steps_(steps), first_(first) {}

    // `text` follows the number of steps that are done.
    void show(std::int64_t done, const std::string& text) {
        const std::string phase = json(place_.phase).get<std::string>();
        const std::string head = program::format("round %lld/%lld  %s", static_cast<long long>(place_.round),
                                                 static_cast<long long>(recipe_.rounds), phase.c_str());
        const double per_second = static_cast<double>(done - first_) / watch_.seconds();
        const double left = static_cast<double>(steps_ - done) / per_second;
        const Rest rest = rest_of(place_, recipe_);
        // The time before the losses, which a narrow terminal cuts off.
        progress_.tick(head, program::format("%s %lld/%lld  %.2f/s  %s left (run: %s%s)%s", head.c_str(),
                                             static_cast<long long>(done), static_cast<long long>(steps_), per_second,
                                             program::duration_text(left).c_str(), rest.complete ? "" : "at least ",
                                             program::duration_text(left + rest.seconds).c_str(), text.c_str()));
    }
    void show(std::int64_t done, double loss, const std::string& parts) {
        mean_ = done == first_ + 1 ? loss : 0.95 * mean_ + 0.05 * loss;
        show(done, program::format("  loss %.4f (mean %.4f; %s)", loss, mean_, parts.c_str()));
    }
    // At the end of the phase: what all its steps take.
    void finish() {
        if (steps_ > first_)
            place_.pace[kind_of(place_.phase, place_.round, recipe_)] =
                watch_.seconds() * static_cast<double>(steps_) / static_cast<double>(steps_ - first_);
    }

private:
    program::Progress& progress_;
    Place& place_;
    const Recipe& recipe_;
    std::int64_t steps_, first_;
    program::Stopwatch watch_;
    double mean_ = 0;
};

}  // namespace training
