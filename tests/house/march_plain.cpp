// The unit that is compiled for any x86-64, and the program. See march_wide.cpp.
#include <cmath>
#include <cstdio>

#include "workload.hpp"

double workload_of_the_wide_unit();  // march_none.cpp's returns 0 and means that there is none

// 0: well; 1: the units differ; 3: an Error, which is printed.
int main() try {
    const double here = workload();
    std::printf("%.9g\n", here);
#if defined(__GNUC__)
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512bw"))
        return 0;
#endif
    const double there = workload_of_the_wide_unit();
    // Each unit may round differently in code outside the kernels (fused multiply-add); the numbers are sums of a few
    // thousand terms.
    return there == 0 || std::fabs(here - there) <= 1e-4 * std::fabs(here) ? 0 : 1;
} catch (const fathom::Error& error) {
    std::printf("%s\n", error.what());
    return 3;
}
