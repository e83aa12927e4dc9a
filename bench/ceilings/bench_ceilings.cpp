// What this machine can do at most: multiply-adds a second on each instruction set, products of bfloat16 where it has
// instructions for them, and bytes a second through each level of memory, on one thread and on several.
#include <cstdio>
#include <fstream>

#include "bench/ceilings/ceilings.hpp"
#include "bench/ceilings/matrix_units.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/options.hpp"
#include "bench/support/report.hpp"
#include "bench/support/table.hpp"
#include "fathom/kernels/isa.hpp"
#include "support/program.hpp"

using namespace fathom::bench;
using json = nlohmann::json;

namespace {

std::string giga(double rate) { return number_text(rate * 1e-9); }

json arithmetic(const Options& o) {
    Table table({"arithmetic", "type", "GFLOP/s, 1 thread", std::to_string(o.all_threads()) + " threads", "one chain"});
    json result;
    const fathom::Isa chosen = fathom::isa();
    for (const fathom::Isa isa : {fathom::Isa::baseline, fathom::Isa::avx2, fathom::Isa::avx512}) {
        if (isa > fathom::best_isa() || isa < fathom::lowest_isa()) continue;
        fathom::set_isa(isa);
        const auto row = [&](const char* type, double one, double all, double chain) {
            table.add({name_of(isa), type, giga(one), giga(all), giga(chain)});
            result[name_of(isa)][type] = {{"one_thread", one}, {"all_threads", all}, {"chain", chain}};
        };
        const double s = o.each_ceiling();
        row("float", measure_fma<float>(1, s), measure_fma<float>(o.all_threads(), s), measure_fma_chain<float>(s));
        row("double", measure_fma<double>(1, s), measure_fma<double>(o.all_threads(), s), measure_fma_chain<double>(s));
    }
    fathom::set_isa(chosen);
    const auto unit = [&](const char* name, double rate) {
        if (rate == 0) return;
        table.add({name, "bfloat16", giga(rate), "", ""});
        result[name]["bfloat16"]["one_thread"] = rate;
    };
    unit("VDPBF16PS (AVX512_BF16)", measure_vector_bf16(o.each_ceiling()));
    unit("TDPBF16PS (AMX)", measure_tile_bf16(o.each_ceiling()));
    std::printf("%s\n", table.text().c_str());
    return result;
}

json memory(const Options& o) {
    Table table({"memory", "threads", "bytes each", "read GB/s", "write", "copy"});
    json result;
    for (const Level level : levels)
        for (int threads = 1; threads <= o.all_threads(); threads *= 2) {
            if (o.quick && level == Level::memory) continue;  // its pages alone take a second
            const Bandwidth b = measure_bandwidth(level, threads, o.each_ceiling());
            const std::int64_t bytes = bandwidth_bytes(level, threads);
            table.add({name_of(level), std::to_string(threads), std::to_string(bytes >> 10) + " KB", giga(b.read),
                       giga(b.write), giga(b.copy)});
            result[name_of(level)].push_back(
                {{"threads", threads}, {"bytes", bytes}, {"read", b.read}, {"write", b.write}, {"copy", b.copy}});
        }
    std::printf("%s\n", table.text().c_str());
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures what this machine can do at most.");
    Options o;
    add_options(app, o);
    return program::run(app, argc, argv, [&] {
        const Neighbours neighbours;
        std::printf("%s\n", machine_text().c_str());
        json result = {{"machine", machine()}};
        result["arithmetic"] = arithmetic(o);
        result["memory"] = memory(o);
        std::printf(
            "A multiply-add is two operations. One chain: each waits for the one before. A copy counts what it\n"
            "reads and what it writes.\n");
        result["others"] = neighbours.share();
        print_warnings({busy_warning(neighbours.share())});
        write_json(result, o.json_file);
        return 0;
    });
}
