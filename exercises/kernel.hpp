// What exercises about CUDA kernels include. They run in the checked emulator, which needs no GPU and says what is
// wrong with a kernel (docs/emulator.md). Of CUDA's own words two are spelled differently:
//
//   FATHOM_SHARED(float, tile, 128);                                // __shared__ float tile[128];
//   launch("name", kernel, {blocks, threads}, nullptr, x, y, n);    // kernel<<<blocks, threads>>>(x, y, n);
#pragma once

#include "cuda/language.cuh"
#include "cuda/launch.hpp"

using namespace fathom::FATHOM_CUDA_NAMESPACE;
