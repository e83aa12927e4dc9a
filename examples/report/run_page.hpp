// The report of runs of train_seafusion: what their folders hold, as one page.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fathom/data/dataset.hpp"
#include "support/classes.hpp"
#include "support/run_files.hpp"

namespace report {

struct Run {
    program::RunFiles files;
    program::Classes classes;
    // What the run is measured on, for visible, infrared and labels; null where that is gone, and `problem` says why.
    std::shared_ptr<const fathom::data::Dataset> test = {};
    std::string problem = {};
    std::string name = {};  // on the page; run_page() makes those that are empty
};

// Runs are drawn over each other; pictures are those of each run's newest measured round. Throws Error where a picture
// of a run cannot be read.
std::string run_page(std::vector<Run> runs);

}  // namespace report
