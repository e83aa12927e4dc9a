// The device that a test program of the backend was linked with: the emulator, its checked build, or a GPU.
#pragma once

#include "fathom/ops/copy.hpp"
#include "tests/support.hpp"

namespace fathom::tests {

#if defined(FATHOM_TEST_CUDA)
inline constexpr Device test_device = Device::cuda();
#else
inline constexpr Device test_device = Device::emulator();
#endif

// The checked emulator is slower: it gets the smaller ones of the same shapes.
#if defined(FATHOM_TEST_CHECKED)
inline constexpr bool checked_build = true;
#else
inline constexpr bool checked_build = false;
#endif

}  // namespace fathom::tests
