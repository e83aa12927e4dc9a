// Metrics, for fathom::compiled.
#include "fathom/metrics/segmentation.hpp"
#include "fathom/metrics/statistics.hpp"

// Definitions.
#include "fathom/metrics/segmentation.inl.hpp"
#include "fathom/metrics/statistics.inl.hpp"
