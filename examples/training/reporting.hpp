// What is made of a run for looking at it: its report's page and its file for TensorBoard. The run does without either
// where it cannot be written, and says so.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/progress.hpp"
#include "training/events.hpp"
#include "training/options.hpp"
#include "training/report_budget.hpp"
#include "training/report_page.hpp"

namespace training {

class Reporting {
public:
    Reporting(const Options& options, std::string folder, const Recipe& recipe, const Data& data,
              const program::Classes& classes, program::Progress& progress)
        : wanted_(!options.no_report),
          folder_(std::move(folder)),
          recipe_(recipe),
          data_(data),
          classes_(classes),
          progress_(progress) {}

    // From where the run stands.
    void begin(const Place& place) {
        if (!wanted_ || place.phase == Phase::finished) return;
        try {
            events_.emplace(folder_, RunSteps(recipe_, data_), place);
        } catch (const ft::Error& e) {
            progress_.warn("no file for TensorBoard is written: " + std::string(e.what()));
        }
    }
    // A line of the log.
    void add(const json& line) {
        if (events_) events_->add(line);
    }
    void measured(std::int64_t round, const std::string& sheet) {
        std::error_code none;
        if (events_ && fs::exists(sheet, none)) events_->add_sheet(round, sheet);
        flush();
    }
    void flush() {
        if (!events_ || events_->flush()) return;
        progress_.warn(events_->path() + ": cannot be written; the run goes on without it");
        events_.reset();
    }
    // Behind a round, where time allows it.
    void refresh_if_cheap() {
        if (!wanted_ || data_.test->size() == 0) return;
        if (!budget_) {
            const auto image = data_.test->sample(0);
            budget_.emplace(static_cast<double>(data_.test->size() * image->height() * image->width()));
        }
        if (!budget_->allows(watch_.seconds())) return;
        const program::Stopwatch page;
        refresh();
        budget_->spend(page.seconds());
    }
    // False where the page is not there.
    bool refresh() {
        if (!wanted_) return false;
        try {
            write_report(folder_, data_, classes_);
            return true;
        } catch (const ft::Error& e) {
            progress_.warn("the report was not written: " + std::string(e.what()));
            return false;
        }
    }

private:
    bool wanted_;
    std::string folder_;
    const Recipe& recipe_;
    const Data& data_;
    const program::Classes& classes_;
    program::Progress& progress_;
    std::optional<Events> events_;
    std::optional<ReportBudget> budget_;
    program::Stopwatch watch_;
};

}  // namespace training
