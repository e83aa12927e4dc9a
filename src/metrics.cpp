// Metrics, for fathom::compiled.
#include "fathom/metrics/segmentation.hpp"

// Definitions.
#include "fathom/metrics/segmentation.inl.hpp"
