// Convolution of float on tiles of bfloat16 (Precision::bf16). A header-only program that wants it includes this, or
// seafusion.hpp: its kernels, for every way to multiply tiles, would otherwise be compiled into every program with a
// convolution. fathom::compiled has it. Next: conv_tiles.kernel.hpp.
#pragma once

#include "fathom/kernels/conv.hpp"

#ifndef FATHOM_COMPILED
#include "fathom/kernels/conv_tiles.inl.hpp"
#endif
