// ReduceLROnPlateau: rates that fall when a measure no longer gets better.
#pragma once

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

enum class PlateauMode { min, max };       // which way the measure should go
enum class PlateauThreshold { rel, abs };  // whether the threshold is a part of the best value or a difference to it

// In the order of PyTorch's arguments.
struct PlateauOptions {
    PlateauMode mode = PlateauMode::min;
    double factor = 0.1;         // below 1
    std::int64_t patience = 10;  // so many steps without a better value change nothing
    double threshold = 1e-4;     // by how much a value must be better
    PlateauThreshold threshold_mode = PlateauThreshold::rel;
    std::int64_t cooldown = 0;  // steps after a reduction whose values do not count
    double min_lr = 0;
    double eps = 1e-8;  // smaller changes of the rate are left out
};

// Multiplies the rate of every group by `factor` when more than `patience` steps in a row brought no better value than
// the best one. NaN is not better. Refers to the optimizer, which must outlive it and stay where it is.
class ReduceLROnPlateau {
public:
    explicit ReduceLROnPlateau(Optimizer& optimizer, const PlateauOptions& options = {}, Where site = Where::here());

    // With the measure of an epoch.
    void step(double metric);
    double best() const { return best_; }

    StateDict state_dict() const;
    void load_state_dict(const StateDict& dict, Where site = Where::here());

private:
    bool is_better(double metric) const;

    Optimizer* optimizer_;
    PlateauOptions options_;
    double best_;
    std::int64_t bad_epochs_ = 0, cooldown_ = 0;
};

}  // namespace fathom::inline v0::optim

#ifndef FATHOM_COMPILED
#include "fathom/optim/plateau.inl.hpp"
#endif
