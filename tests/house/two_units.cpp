// All headers in two units of one program, header-only: it links, and both units work on one library.
#include "all_headers.hpp"

#include <cstdio>

#include "workload.hpp"

double workload_of_the_other_unit();
std::int64_t active_bytes_of_the_other_unit();

int main() {
    const double here = workload(), there = workload_of_the_other_unit();
    const auto kept = fathom::zeros<float>({1000});
    const bool shared =
        fathom::memory_report().active == active_bytes_of_the_other_unit() && fathom::memory_report().active >= 4000;
    std::printf("%.9g %.9g, %s\n", here, there, shared ? "one allocator" : "two allocators");
    return here == there && shared ? 0 : 1;
}
