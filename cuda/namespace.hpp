// The namespace of device code. The same sources are built up to three times (nvcc, emulator, checked emulator) and may
// meet in one program, so everything in cuda/ lives in `namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE`. Next:
// language.cuh (what kernels are written in), runtime.hpp (memory, streams), launch.hpp.
#pragma once

#if defined(FATHOM_EMULATOR_CHECKED)
#define FATHOM_CUDA_NAMESPACE emulator_checked
#elif defined(FATHOM_EMULATOR)
#define FATHOM_CUDA_NAMESPACE emulator
#else
#define FATHOM_CUDA_NAMESPACE cuda
#endif

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

#if defined(FATHOM_EMULATOR)
inline constexpr bool emulated = true;
#else
inline constexpr bool emulated = false;
#endif
#if defined(FATHOM_EMULATOR_CHECKED)
inline constexpr bool checked = true;
#else
inline constexpr bool checked = false;
#endif

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
