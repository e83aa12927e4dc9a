// The measures of fused images, for fathom::compiled.
#include "fathom/metrics/fusion.hpp"

// Definitions.
#include "fathom/metrics/fusion.inl.hpp"
