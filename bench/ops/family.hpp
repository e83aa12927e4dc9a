// A family of measurements: cases that share a table, each a kernel of the library, and beside it something that does
// the same, in turns. Ceilings are measured before and after. Next: conv.cpp, gemm.cpp.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/support/options.hpp"

namespace fathom::bench {

struct OpsOptions : Options {
    std::string filter;  // only cases whose name holds it
    bool all_algorithms = false;
};

struct Case {
    std::string name;
    double flops, read, written;  // what has to be done: operations, and bytes of the arrays, once each
    std::function<void()> run;
    std::function<void()> other = {};
    bool effective = false;  // needs fewer operations than are counted
};

// Cases are made when they are measured, so that one's arrays are gone before the next one's are there.
using CaseMaker = std::function<Case()>;

struct Family {
    std::string title;
    std::string other;  // what stands beside
    std::vector<std::pair<std::string, CaseMaker>> cases;
};

Family conv_family(const OpsOptions& options);
Family gemm_family(const OpsOptions& options);

// Prints the table, and what is wrong with it on stderr.
nlohmann::json run_family(const Family& family, const OpsOptions& options);

}  // namespace fathom::bench
