// Opt-in: defines what linalg.hpp declares, on Eigen 3.4 (Debian: libeigen3-dev). One unit of a header-only program
// needs it, best one that includes no other part of Eigen: then Eigen gets a name of its own in there, and the
// program's other units may use it with whatever flags. With fathom::compiled it does nothing, since the library
// contains the definitions.
#pragma once

#include "fathom/ops/linalg.hpp"

#ifndef FATHOM_COMPILED
#include "fathom/ops/linalg_eigen.inl.hpp"
#endif
