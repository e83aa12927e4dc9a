// Kernels with one fault each, which `planted` switches on: faults.cu, races.cu. The faulty line carries the comment
// "// fault: <name>", which is how the test finds its number.
#pragma once

#include <vector>

#include "cuda/launch.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test {

// Device memory of the test: 64 ints that hold their index, 64 ints and 30 bytes nobody has written, 64 ints that were
// released, and 64 ints of the host.
struct Buffers {
    int *in, *out;
    unsigned char* bytes;
    int *released, *host;
};

struct Planted {
    const char* name;   // of the fault and, with _kernel, of the kernel
    const char* block;  // "(0,0,0)"; "" where it depends on the order of the threads
    const char* thread;
    const char* report;  // part of what the report says
    Result (*run)(const Buffers& buffers, bool planted);
};
std::vector<Planted> planted_faults();  // faults.cu
std::vector<Planted> planted_races();   // races.cu

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test
