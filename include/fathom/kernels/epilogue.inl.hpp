// The vector form of epilogue.hpp, for every ISA.
#pragma once

#include "fathom/kernels/epilogue.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/epilogue.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
