// The unit that is compiled with -march=x86-64-v4: everything in it may be AVX-512 code, the kernels it calls included.
#include "workload.hpp"

double workload_of_the_wide_unit();

double workload_of_the_wide_unit() { return workload(); }
