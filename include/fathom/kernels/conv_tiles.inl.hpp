// Convolution on tiles of bfloat16, of tensors in float. Next: conv_tiles.kernel.hpp, conv_tiles_weight.kernel.hpp.
#pragma once

#include "fathom/core/float16.hpp"
#include "fathom/kernels/conv_tiles.hpp"
#include "fathom/kernels/conv_weight.inl.hpp"
#include "fathom/kernels/tile.hpp"

#define FATHOM_TILE_REGIONS_ALONE
#define FATHOM_KERNEL "fathom/kernels/epilogue.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#define FATHOM_KERNEL "fathom/kernels/transpose.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_pack.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_finish.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_weight.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#undef FATHOM_TILE_REGIONS_ALONE

#define FATHOM_KERNEL "fathom/kernels/conv_tiles.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_tiles_weight.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"

namespace fathom::inline v0::kernels::detail {

template <template <class> class Pass>
void run_tiles(const Pass<float>& pass) {
    run_strips(pass, FATHOM_DISPATCH_TILES(conv_tiles::kernel()));
}
inline void run_tiles(const ConvWeight<float>& pass) {
    run_weight<float>(pass, FATHOM_DISPATCH_TILES(conv_tiles::weight_kernel()), pass.shape.groups);
}

inline const bool tile_convolution_is_there =
    (tile_convolution = {[](const ConvForward<float>& pass) { run_tiles(pass); },
                         [](const ConvData<float>& pass) { run_tiles(pass); },
                         [](const ConvWeight<float>& pass) { run_tiles(pass); }},
     true);

}  // namespace fathom::inline v0::kernels::detail
