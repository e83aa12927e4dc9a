// The other unit of two_units.cpp.
#include "all_headers.hpp"

#include "workload.hpp"

double workload_of_the_other_unit();
std::int64_t active_bytes_of_the_other_unit();

double workload_of_the_other_unit() { return workload(); }
std::int64_t active_bytes_of_the_other_unit() { return fathom::memory_report().active; }
