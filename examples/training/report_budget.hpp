// How often the page of a run is made anew while it runs.
#pragma once

namespace training {

// A page is made where it, those before it and the one at the run's end take together at most 1% of the time that the
// run has taken so far. The one at the end is always made.
class ReportBudget {
public:
    static constexpr double share = 0.01;

    // Until there is a page: what one of images with so many pixels takes, rather too much.
    explicit ReportBudget(double pixels) : next_(0.1 + 0.3e-6 * pixels) {}

    bool allows(double run_seconds) const { return spent_ + 2 * next_ <= share * run_seconds; }
    void spend(double seconds) { spent_ += seconds, next_ = seconds; }

private:
    double spent_ = 0, next_;
};

}  // namespace training
