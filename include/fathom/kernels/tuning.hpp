// The block sizes, tiles and grains of every kernel family, each with its reason: what to look at first on a machine
// with other caches. None but those marked "order" changes the order of a sum.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels::tuning {

// The most lanes of a float vector of any ISA.
inline constexpr std::int64_t most_lanes = 16;

// ---- Convolution: the strips that the caches hold (conv_plan.hpp).

// Channels of one pixel that lie together in a packed strip: a cache line of floats.
inline constexpr std::int64_t conv_block = 16;
// Up to as many channels are planes of their own: a block would be three quarters zeros or more.
inline constexpr std::int64_t conv_few_channels = 4;
// A strip's columns are a multiple: of every ISA's register tile, 24 pixels at most.
inline constexpr std::int64_t conv_tile = 24;
// The packed input of a strip: a quarter of a 1 MB L2 cache; weights and output take the rest.
inline constexpr std::int64_t conv_strip_bytes = 256 << 10;
// Columns and rows of a strip: seven tiles, whose halo is small; and rows whose halo is an eighth for a 3x3 kernel.
inline constexpr std::int64_t conv_cols = 168, conv_rows = 16;
// The same where channels are planes: a pixel is small, so a strip holds more.
inline constexpr std::int64_t conv_plane_cols = 672, conv_plane_rows = 32;
// Beyond this many bytes of weights strips grow with them up to it, since every strip streams all weights once.
inline constexpr std::int64_t conv_large_weights = 1 << 20;
// Strips that there should be to share among threads; with large weights few, since each streams them. "order" in the
// weight pass.
inline constexpr std::int64_t conv_strips = 16, conv_strips_large = 4;

// ---- Convolution: forward and data (conv_direct.kernel.hpp).

// Pixels of a register tile with two vectors of outputs: sums, weights and one number fill the registers. SSE2 without
// a fused multiply-add needs two more for products.
constexpr int conv_tile_pixels(int vector_bytes, int registers) {
    return registers == 32 ? 12 : vector_bytes == 16 ? 4 : 6;
}
// Terms that are summed for themselves, "order": 16 channels of a 3x3 kernel. Halves the fusion net's rounding error
// for one more load and store of y.
inline constexpr std::int64_t conv_terms = 144;
// Packed weights of one group of outputs: what stays in the L2 cache beside a strip.
inline constexpr std::int64_t conv_group_bytes = 256 << 10;
// Weights of all outputs that stay in the L2 cache while a strip is packed row by row: half of 1 MB.
inline constexpr std::int64_t conv_cached_weights = 512 << 10;
// Pixels at once where vectors run along the channels: enough sums to hide the latency of a multiply-add.
inline constexpr int conv_few_outputs_pixels = 8;
// Outputs whose weights are packed together: few enough that their rows, often a power of two apart, do not drive each
// other out of the cache.
inline constexpr std::int64_t conv_pack_outputs = 8;
// Weights that a thread packs at once: some tens of microseconds of copying, well above waking a thread.
inline constexpr std::int64_t conv_pack_grain = 32768;

// ---- Convolution: the weight pass (conv_weight.inl.hpp). All "order": they decide which pixels make a partial sum.

// Pixels that a tile sums up at once: enough to pay for loading and storing the sums, few enough that both operands
// stay in the L1 cache.
inline constexpr std::int64_t conv_weight_pixels = 144;
// The packed input of a strip: less than forward, since dy is packed too.
inline constexpr std::int64_t conv_weight_strip_bytes = 192 << 10;
// Partial sums of all chunks and how many chunks there are: many weights over few pixels would spend their time on
// adding up.
inline constexpr std::int64_t conv_weight_bytes = 8 << 20, conv_chunks = 32;
// Tasks that there should be to share among threads where chunks are few.
inline constexpr std::int64_t conv_weight_tasks = 8;
// Partial sums that a thread adds up at once: a few microseconds.
inline constexpr std::int64_t conv_combine_grain = 8192;
// Input channels that share registers with one vector of outputs, beside three taps and alone: 3 x 8 of 32 registers
// are sums and 3 a ring of dy, which reached 93 to 98% of the peak; of 16 registers half as many.
constexpr int conv_row_channels(int registers) { return registers == 32 ? 8 : 4; }
constexpr int conv_plain_channels(int registers) { return registers == 32 ? 16 : 8; }
// Numbers of x that share registers where each is an entry of a list: the taps of a 3x3 kernel.
inline constexpr int conv_listed = 9;

// ---- Depthwise convolution.

// Columns of the kernel in one go: their weights stand on the stack. Wider kernels add up over several, "order".
inline constexpr int depthwise_taps = 64;
// Multiply-adds that a thread does at once: some tens of microseconds.
inline constexpr std::int64_t depthwise_grain = 65536;

}  // namespace fathom::inline v0::kernels::tuning
