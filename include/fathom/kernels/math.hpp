// Vectorised exp, log, tanh and sigmoid for kernels (math.kernel.hpp, for each ISA), and std:: functions lane by lane.
#pragma once

#include <cmath>
#include <cstdint>

#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/math.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
