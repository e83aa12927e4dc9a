// The measures of fused images and their kernels, for fathom::compiled.
#include "fathom/metrics/fusion.hpp"

// Definitions.
#include "fathom/kernels/correlate.inl.hpp"
#include "fathom/kernels/feature_information.inl.hpp"
#include "fathom/metrics/fusion.inl.hpp"
#include "fathom/metrics/fusion/edges.inl.hpp"
#include "fathom/metrics/fusion/features.inl.hpp"
#include "fathom/metrics/fusion/information.inl.hpp"
#include "fathom/metrics/fusion/information_fidelity.inl.hpp"
#include "fathom/metrics/fusion/intensity.inl.hpp"
#include "fathom/metrics/fusion/perception.inl.hpp"
#include "fathom/metrics/fusion/plane.inl.hpp"
#include "fathom/metrics/fusion/structure.inl.hpp"
#include "fathom/metrics/fusion/windows.inl.hpp"
