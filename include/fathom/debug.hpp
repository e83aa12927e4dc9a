// The tools for looking at programs: summary of a net, graph of a history, trace of a run, memory over time.
#pragma once

#include "fathom/debug/graph.hpp"
#include "fathom/debug/memory.hpp"
#include "fathom/debug/summary.hpp"
#include "fathom/debug/trace.hpp"
