// The unit that is compiled for any x86-64, where Eigen aligns by 16 bytes, and the program. See eigen_wide.cpp.
#include <cmath>
#include <cstdio>

#include "eigen_workload.hpp"

double eigen_workload_of_the_wide_unit();

// 0: well; 1: the units differ; 3: an Error, which is printed; 77: this machine lacks AVX-512.
int main() try {
#if defined(__GNUC__)
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512bw"))
        return 77;
#endif
    const double here = eigen_workload(), there = eigen_workload_of_the_wide_unit();
    std::printf("%.15g %.15g\n", here, there);
    return std::fabs(here - there) <= 1e-9 * std::fabs(here) ? 0 : 1;
} catch (const fathom::Error& error) {
    std::printf("%s\n", error.what());
    return 3;
}
