// The definitions of debug/, for fathom::compiled.
#include "fathom/debug.hpp"
#include "fathom/debug/text.hpp"

// Definitions, each after those it uses.
#include "fathom/debug/text.inl.hpp"
#include "fathom/debug/flops.inl.hpp"
#include "fathom/debug/graph.inl.hpp"
#include "fathom/debug/trace.inl.hpp"
#include "fathom/debug/memory.inl.hpp"
#include "fathom/debug/summary.inl.hpp"
