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

// ---- Nets that run depth-first (seafusion/depth_first.hpp).

// Output pixels of a block. Columns: with the halo of eight on both sides 176, eleven whole tiles, and the fusion net's
// line buffers of that width (1.5 MB in bfloat16) stay in a 2 MB L2 cache. Rows: the halo is recomputed, 3% of 240.
inline constexpr std::int64_t frame_columns = 160, frame_rows = 240;

// ---- The segmentation net's frame (seafusion/segmentation_frame.inl.hpp).

// Up to so many bytes of a layer's weights stay in the L2 cache while rows pass; of more, a task takes some outputs.
inline constexpr std::int64_t segmentation_cached_weights = 512 << 10;
// Rows behind the stem and its pooling that a task makes: two rows more than twice as many of the stem are computed.
inline constexpr std::int64_t segmentation_band_rows = 20;

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

// ---- Convolution on tiles of bfloat16 (conv_tiles.kernel.hpp).

// Columns of a strip: ten tiles, so that 640 and 80 pixels are cut into whole ones.
inline constexpr std::int64_t tile_cols = 160;
// Pixels that the weight pass sums up at once, "order": more than in float, whose sums cost less to load and store.
inline constexpr std::int64_t tile_weight_pixels = 512;

// ---- Winograd convolution (conv_winograd.kernel.hpp).

// Tiles of a block, a multiple of every ISA's tiles in registers: their intermediates and the weights of one group of
// outputs share the L2 cache.
inline constexpr std::int64_t winograd_tiles = 24, winograd_input_step = (winograd_tiles + 1) * conv_block;
// Output pixels from which on transforming the weights pays; in the weight pass, transforming their gradient back.
inline constexpr std::int64_t winograd_least_pixels = 64, winograd_weight_least_pixels = 256;
// Up to so many bytes of transformed weights every block streams those of all outputs.
inline constexpr std::int64_t winograd_cached_weights = 4 << 20;
// Beyond it, and with fewer blocks than can be shared evenly among threads, blocks of this much transformed input
// share the weights of a group of outputs and so many channels (1.2 MB in float).
inline constexpr std::int64_t winograd_input_bytes = 16 << 20, winograd_blocks = 8, winograd_channels_at_once = 256;

// The weight pass: channels of one vector of outputs in registers; the bytes of all chunks' sums, and the least blocks
// that share some, "order": the sums of small images would take more memory than the images.
constexpr int winograd_channels(int registers) { return registers == 32 ? 16 : 8; }
inline constexpr std::int64_t winograd_sum_bytes = 16 << 20, winograd_chunk_blocks = 6;

// ---- Depthwise convolution.

// Columns of the kernel in one go: their weights stand on the stack. Wider kernels add up over several, "order".
inline constexpr int depthwise_taps = 64;
// Multiply-adds that a thread does at once: some tens of microseconds.
inline constexpr std::int64_t depthwise_grain = 65536;

// ---- Matrix products.

// Rows of a tile of two vectors: 2 x 12 sums, 2 vectors of B and one number of A of 32 registers; 2 x 6 of 16; SSE2
// without a fused multiply-add needs more for products.
constexpr int gemm_tile_rows(int vector_bytes, int registers) {
    return registers == 32 ? 12 : vector_bytes == 16 ? 4 : 6;
}
// Rows of a tile of three vectors, where there are 32 registers: 11 loads for 24 multiply-adds instead of 14.
inline constexpr int gemm_wide_rows = 8;
// Depth of a block, "order": a tile's rows of A of this depth stay in the L1 cache (16 KB in float) while B passes by,
// and C is read and written once for each.
inline constexpr std::int64_t gemm_depth = 512;
// Columns of a block of B, a multiple of every tile's: packed, it stays in the L2 cache (768 KB in float).
inline constexpr std::int64_t gemm_columns = 384;
// The most rows of A for which reading B where it lies costs less than packing it.
inline constexpr std::int64_t gemm_unpacked_rows = 128;
// The most rows of C for which a B with contiguous columns is read where it lies, as the transposed product's A.
inline constexpr std::int64_t gemm_few_rows = 16;
// Steps ahead in B that are brought from the L2 into the L1 cache: some hundred clocks.
inline constexpr std::int64_t gemm_ahead = 8;
// Rows of a block of A: many, since each block brings all of B into the L2 cache, few enough to share among threads.
inline constexpr std::int64_t gemm_rows = 528;
// Rows of smaller blocks are a multiple: of every ISA's tile.
inline constexpr std::int64_t gemm_row_multiple = 24;
// Products below this many multiply-adds run on the calling thread: some tens of microseconds.
inline constexpr std::int64_t gemm_small = 1 << 20;
// Packed B of one pass: bounds the memory; and the least columns, so that A is not read too often.
inline constexpr std::int64_t gemm_packed_bytes = 16 << 20, gemm_least_columns = gemm_columns;
// Numbers of B that a thread packs at once: some tens of microseconds.
inline constexpr std::int64_t gemm_pack_grain = 1 << 17;
// Blocks that there should be to share among threads where rows are few.
inline constexpr std::int64_t gemm_tasks = 8;

// ---- Elementwise operations, copies and what else runs through strided.hpp: elements of a chunk.

// What takes tens of microseconds, so that waking a thread pays: for a few instructions, an exponential, several.
inline constexpr std::int64_t elementwise_grain = 32768, elementwise_heavy_grain = 8192,
                              elementwise_heaviest_grain = 2048;
inline constexpr std::int64_t copy_grain = 32768;
// Three to four arrays are read and written, a division and a root among it.
inline constexpr std::int64_t optimize_grain = 16384;
// Pixels of three channels.
inline constexpr std::int64_t color_grain = 16384;
// Ten rounds of Philox for each number.
inline constexpr std::int64_t random_grain = 2048;
// The largest block that goes through buffers: four operands in double are half of a 32 KB L1 cache. Contiguous memory
// comes in blocks up to a whole chunk.
inline constexpr std::int64_t block_elements = 512;

// ---- Reductions.

// Elements that make one partial result, about, "order": tens of microseconds at one addition a clock, and few partial
// results to combine.
inline constexpr std::int64_t reduce_chunk = 16384;
// The least reduced elements of a task, "order": below it a task's bookkeeping would weigh as much as its sums.
inline constexpr std::int64_t reduce_least = 64;
// Rows up to this length are summed across outputs, if those are at least so many: a row's start and end cost about as
// much as 32 numbers. "order".
inline constexpr std::int64_t reduce_short_row = 32, reduce_few_outputs = 64;
// Positions of extremes: outputs that advance together where their elements lie side by side, so that each cache line
// is read once; elements of a chunk; and the most elements for which tiles of outputs stay in the caches (256 KB).
inline constexpr std::int64_t reduce_indexed_outputs = 64, reduce_indexed_grain = 1 << 15, reduce_tiled_classes = 1024;

// ---- Running sums (scan.inl.hpp).

// Lines that advance together: a few cache lines of each row. Elements of a chunk, "order": some tens of microseconds.
// Below so many tiles of lines their dimension is cut: two threads would not share out fewer evenly.
inline constexpr std::int64_t scan_positions = 64, scan_chunk = 32768, scan_few_tiles = 8;

// Lines of a task of Fourier transforms, and the elements that they may have together: some tens of microseconds, in
// buffers that stay in the L2 cache. Plans kept, and the longest of them: a megabyte, three of a length with large
// factors.
inline constexpr std::int64_t fft_lines = 256, fft_elements = 16384;
inline constexpr int fft_plans = 8;
inline constexpr std::int64_t fft_kept_length = 32768;

// ---- Softmax and cross-entropy.

// Positions of a tile: whole vectors of every ISA, few enough that some hundred classes stay in the L2 cache.
inline constexpr std::int64_t tile_positions = 64;
// Elements of a chunk: an exponential each, so more work than an elementwise chunk of as many.
inline constexpr std::int64_t class_grain = 1 << 15;

// ---- Online hard example mining.

// Losses of a chunk, "order" of the mean; no more than a 32-bit counter counts.
inline constexpr std::int64_t ohem_grain = 1 << 15;
// Bits of a key that one pass finds: three passes for float, with 2048 counters (8 KB) for each thread in the L1 cache.
inline constexpr int ohem_digit_bits = 11;

// ---- Batch norm.

// Rows of a tile, "order": small enough for the cache and for the element's own precision.
inline constexpr std::int64_t norm_rows = 64;
// The least elements of a chunk, and the most chunks, since each keeps sums of every channel. "order".
inline constexpr std::int64_t norm_grain = 16384, norm_chunks = 64;

// ---- Channel slices.

// Pixels ahead whose channels are brought into the cache while one is worked on. The hardware does not foresee a
// pattern of some lines read and some left out.
inline constexpr std::int64_t pixels_ahead = 12;

// ---- Stencils on packed rows (image_rows.hpp): Sobel, the fusion loss.

// Rows of a task: two rows of halo are an eighth of it. "order" of sums over an image.
inline constexpr std::int64_t image_band = 16;
// Elements of a tile's row: ten such rows in float are 80 KB of the L2 cache; and the least columns, whose halo is two.
// "order".
inline constexpr std::int64_t image_row_elements = 2048, image_least_columns = 8;
// The most partial sums of the filters' gradients, "order": their memory does not grow with the image.
inline constexpr std::int64_t sobel_parts = 64;

// ---- Bands of fused operations (ops/bands.hpp).

// What a band touches again and again, and what passes beside it, share the L2 cache.
inline constexpr std::int64_t band_bytes = 768 << 10;
// Chunks of bands, "order": each has its own sums of the weights' gradients.
inline constexpr std::int64_t band_chunks = 32;

// ---- Pooling, interpolation, padding: elements that a task reads, tens of microseconds.

inline constexpr std::int64_t window_grain = 32768;
inline constexpr std::int64_t resize_grain = 32768;
inline constexpr std::int64_t pad_grain = 16384;
// Inputs of a tile of columns: the buffer stays in the L1 cache (16 KB in float); and the least columns, since
// neighbouring tiles sum the inputs that they share twice.
inline constexpr std::int64_t resize_inputs = 4096, resize_least_columns = 8;

// ---- Sampling at the places of a grid.

// Channels' worth of work that a task does, tens of microseconds; what the place and weights of one output cost of it.
inline constexpr std::int64_t grid_grain = 16384, grid_place = 16;
// Rows of dx that a task writes, at least, and the most tasks of an image: each looks at all of the image's outputs.
inline constexpr std::int64_t grid_band = 8, grid_bands = 16;
// ---- Indexing and sorting (index.inl.hpp, sort.inl.hpp).
// Neighbouring lines that scatter writes side by side: some cache lines of each array at a time.
inline constexpr std::int64_t index_lines = 256;
// Numbers of a line that a thread sorts by one digit at once; shorter lines in one go.
inline constexpr std::int64_t sort_chunk = 1 << 16, sort_grain = 4096;
// From this length on digits are faster than comparisons.
inline constexpr std::int64_t sort_digits = 512;
// Up to n / 8 first ones are found while the line is read, the best so far kept; more by sorting all.
inline constexpr std::int64_t sort_selected = 8;

}  // namespace fathom::inline v0::kernels::tuning
