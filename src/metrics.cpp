// Metrics, for fathom::compiled.
#include "fathom/metrics/detection.hpp"
#include "fathom/metrics/segmentation.hpp"

// Definitions.
#include "fathom/metrics/detection.inl.hpp"
#include "fathom/metrics/segmentation.inl.hpp"
