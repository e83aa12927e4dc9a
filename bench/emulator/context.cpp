// What a result file has to say about where it comes from, beside what Google Benchmark notes itself. The commit is
// passed as --benchmark_context=commit=$(git rev-parse --short HEAD).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "fathom/kernels/isa.hpp"

namespace {

std::string cpu_model() {
    std::ifstream in("/proc/cpuinfo");
    std::string line, model = "unknown", number;
    while (std::getline(in, line) && (model == "unknown" || number.empty())) {
        const auto value = line.substr(std::min(line.size(), line.find(": ") + 2));
        if (line.rfind("model name", 0) == 0)
            model = value;
        else if (line.rfind("cpu family", 0) == 0 || (line.rfind("model\t", 0) == 0))
            number += (number.empty() ? " family " : " model ") + value;
    }
    return model + number;
}

const int added = [] {
    benchmark::AddCustomContext("cpu", cpu_model());
    benchmark::AddCustomContext("compiler", __VERSION__);
    benchmark::AddCustomContext("isa", fathom::name_of(fathom::isa()));
    return 0;
}();

}  // namespace
