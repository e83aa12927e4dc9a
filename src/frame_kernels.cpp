// Convolutions on rows, in float and in tiles of bfloat16, for fathom::compiled.
#include "fathom/kernels/frame_rows.hpp"
#include "fathom/kernels/row_conv.hpp"
#include "fathom/kernels/tile_conv.hpp"
#include "fathom/kernels/tile_images.hpp"

// Definitions.
#include "fathom/kernels/frame_rows.inl.hpp"
#include "fathom/kernels/row_conv.inl.hpp"
#include "fathom/kernels/tile_conv.inl.hpp"
#include "fathom/kernels/tile_images.inl.hpp"
