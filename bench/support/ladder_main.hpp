// The main function of every ladder.
#pragma once

#include "bench/support/ladder.hpp"

namespace fathom::bench {

// Parses the command line, makes the ladder and runs it. Gives the exit code.
int ladder_main(int argc, char** argv, const char* description, Ladder (*make)(const Options&));

}  // namespace fathom::bench
