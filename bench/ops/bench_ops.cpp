// Kernels of the library at the nets' shapes: time, share of the machine's ceiling, what bounds them, and the ratio to
// something that does the same. FATHOM_ISA chooses the instruction set.
#include <cstdio>

#include "bench/ops/family.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/report.hpp"
#include "support/program.hpp"

using namespace fathom::bench;

int main(int argc, char** argv) {
    CLI::App app("Times kernels at the shapes of the nets, on one thread and on all.");
    OpsOptions o;
    o.seconds = 0.1;
    add_options(app, o);
    app.add_option("--filter", o.filter, "only what has this in its name, such as \"3x3, 32 to 32\" or gemm");
    app.add_flag("--all", o.all_algorithms, "every algorithm that accepts a convolution, not the chosen one alone");
    return program::run(app, argc, argv, [&] {
        std::printf("%s\n", machine_text().c_str());
        nlohmann::json result = {{"machine", machine()}};
        for (const Family& family : {gemm_family(o), conv_family(o)})
            result["families"].push_back(run_family(family, o));
        std::printf(
            "share: of the time that the ceiling allows, of multiply-adds or of the memory that holds the arrays,\n"
            "whichever is slower. Ratios: of times, below 1 is faster.\n");
        write_json(result, o.json_file);
        return 0;
    });
}
