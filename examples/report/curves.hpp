// The sections of a run's report that come from log and measures: rounds, curves, classes.
#pragma once

#include <string>
#include <vector>

#include "report/run_page.hpp"

namespace report {

std::string rounds_html(const std::vector<Run>& runs);
std::string curves_html(const std::vector<Run>& runs);
std::string classes_html(const std::vector<Run>& runs);
std::string records_html(const std::vector<Run>& runs);

}  // namespace report
