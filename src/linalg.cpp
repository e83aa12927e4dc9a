// Small linear algebra on Eigen, for fathom::compiled: the one unit that includes Eigen.
#include "fathom/ops/linalg.hpp"
#include "fathom/ops/linalg_eigen.inl.hpp"
