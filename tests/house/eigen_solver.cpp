// The unit of linear algebra, compiled for any x86-64.
#include <fathom/ops/linalg_eigen.hpp>
