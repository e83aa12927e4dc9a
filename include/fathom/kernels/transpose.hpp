// Squares of numbers, turned in registers (transpose.kernel.hpp, for each ISA).
#pragma once

#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/transpose.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
