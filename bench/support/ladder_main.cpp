#include "bench/support/ladder_main.hpp"

#include "support/program.hpp"

namespace fathom::bench {

int ladder_main(int argc, char** argv, const char* description, Ladder (*make)(const Options&)) {
    CLI::App app(description);
    Options o;
    add_options(app, o);
    app.add_option("--plot", o.plot_file, "draw the rungs and their roofs into this file (SVG)");
    return program::run(app, argc, argv, [&] { return run_ladder(make(o), o); });
}

}  // namespace fathom::bench
