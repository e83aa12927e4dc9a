// The unit that is compiled with -march=x86-64-v4: Eigen aligns by 64 bytes in it and computes with AVX-512.
#include "eigen_workload.hpp"

double eigen_workload_of_the_wide_unit();

double eigen_workload_of_the_wide_unit() { return eigen_workload(); }
