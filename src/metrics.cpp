// Metrics, for fathom::compiled.
#include "fathom/metrics/boundary.hpp"
#include "fathom/metrics/detection.hpp"
#include "fathom/metrics/retention.hpp"
#include "fathom/metrics/segmentation.hpp"
#include "fathom/metrics/statistics.hpp"

// Definitions.
#include "fathom/metrics/segmentation.inl.hpp"
#include "fathom/metrics/boundary.inl.hpp"
#include "fathom/metrics/detection.inl.hpp"
#include "fathom/metrics/retention.inl.hpp"
#include "fathom/metrics/statistics.inl.hpp"
