// Convolution on tiles of bfloat16, for fathom::compiled.
#include "fathom/kernels/bfloat16_rows.hpp"
#include "fathom/kernels/tile_conv.hpp"

// Definitions.
#include "fathom/kernels/bfloat16_rows.inl.hpp"
#include "fathom/kernels/tile_conv.inl.hpp"
