// What the emulator's runtime calls to run a kernel. Defined in launch.cpp.
#pragma once

#include <string>

#include "cuda/runtime.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

// Runs the kernel to its end; the shape is allowed. Returns its fault in words, empty when there was none.
std::string run_kernel(const char* operation, const LaunchShape& shape, const Kernel& kernel);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
