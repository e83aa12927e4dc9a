// Direct convolution on a packed strip. The micro-kernel holds `vectors` x `pixels` sums in registers: for each tap and
// channel it loads the weights of `vectors` * lanes outputs once and multiplies them with one input number of each
// pixel.

namespace conv {

// Pixels of a tile with two output vectors; with one vector it has twice as many.
inline constexpr int tile_pixels = tuning::conv_tile_pixels(FATHOM_VECTOR_BYTES, vector_registers);

// One tile, and where it ends.
template <class T>
struct DirectTile : OutputTile<T> {
    const T* x;          // [channel blocks][pixels, block], packed input of the first pixel
    std::int64_t plane;  // to the next channel block
    const std::int64_t* taps;
    int tap_count;
    std::int64_t channels;
    const T* w;      // [channel blocks][taps / shared, channels, shared, vectors * lanes]
    const T* bias;   // of the first output, or null
    const T* ahead;  // input that will be packed next, to be brought into the cache meanwhile; or null
    std::int64_t ahead_step;
};

// `shared` neighbouring taps of a row (1 or 3) use each input number that is loaded: with one output vector the loads
// would otherwise set the pace.
template <class T, int block, int vectors, int pixels, int shared>
[[gnu::noinline]] void run_tile(const DirectTile<T>& tile) {
    constexpr int n = lanes<T>;
    Vec<T> sum[vectors][pixels];  // [outputs / lanes, pixels] of lanes
    FATHOM_UNROLL
    for (int v = 0; v < vectors; ++v) {
        Vec<T> bias{};
        const int left = tile.outputs - v * n;
        if (tile.bias) bias = left >= n ? load(tile.bias + v * n) : load_partial(tile.bias + v * n, left);
        FATHOM_UNROLL
        for (int p = 0; p < pixels; ++p) sum[v][p] = bias;
    }

    const T* w = tile.w;
    const T* x = tile.x;
    const T* ahead = tile.ahead;
    for (std::int64_t left = tile.channels; left > 0; left -= block, x += tile.plane) {
        const std::int64_t count = left < block ? left : block;
        if (ahead) {
            for (int p = 0; p < pixels; ++p) __builtin_prefetch(ahead + p * tile.ahead_step, 0, 2);
            ahead += block;
        }
        for (int t = 0; t < tile.tap_count; t += shared) {
            const T* xt = x + tile.taps[t];
            for (std::int64_t c = 0; c < count; ++c, w += vectors * shared * n) {
                Vec<T> weights[shared][vectors];
                FATHOM_UNROLL
                for (int s = 0; s < shared; ++s) {
                    FATHOM_UNROLL
                    for (int v = 0; v < vectors; ++v) weights[s][v] = load(w + (s * vectors + v) * n);
                }
                FATHOM_UNROLL
                for (int p = 0; p < pixels + shared - 1; ++p) {
                    const Vec<T> value = splat(xt[p * block + c]);
                    FATHOM_UNROLL
                    for (int s = 0; s < shared; ++s) {
                        if (p - s < 0 || p - s >= pixels) continue;
                        FATHOM_UNROLL
                        for (int v = 0; v < vectors; ++v) sum[v][p - s] = fma(value, weights[s][v], sum[v][p - s]);
                    }
                }
            }
        }
    }

    alignas(64) T sums[vectors * pixels * n];  // [pixels, vectors * lanes]
    FATHOM_UNROLL
    for (int v = 0; v < vectors; ++v) {
        FATHOM_UNROLL
        for (int p = 0; p < pixels; ++p) store(sums + (p * vectors + v) * n, sum[v][p]);
    }
    finish_tile<T, vectors>(tile, sums);
}

// One row of `cols` pixels, cut into tiles; what is left over runs in a half tile if that is enough.
template <class T, int block, int vectors, int pixels, int shared>
void run_row(DirectTile<T> tile, std::int64_t cols) {
    for (std::int64_t col = 0; col < cols; col += pixels) {
        const std::int64_t left = cols - col;
        tile.count = static_cast<int>(left < pixels ? left : pixels);
        if (left <= pixels / 2)
            run_tile<T, block, vectors, pixels / 2, shared>(tile);
        else
            run_tile<T, block, vectors, pixels, shared>(tile);
        tile.x += pixels * block;
        tile.y += pixels * tile.y_step;
        if (tile.add) tile.add += pixels * tile.y_step;
        if (tile.gate) tile.gate += pixels * tile.y_step;
        if (tile.ahead) tile.ahead += pixels * tile.ahead_step;
    }
}

// Channels that go through the registers at once. Their weights for one group must stay in the L2 cache beside the
// strip. And a long sum loses digits, since each term is rounded to the whole of it: about 144 terms (16 channels of a
// 3x3 kernel) are summed for themselves. That halves the fusion net's rounding error for one more load and store of y.
template <class T>
std::int64_t channels_at_once(const ConvTaps<T>& conv) {
    const std::int64_t bytes = (conv.tap_count + 1) * group_vectors * FATHOM_VECTOR_BYTES,
                       fit = tuning::conv_group_bytes / bytes;
    const std::int64_t exact = tuning::conv_terms / (conv.tap_count > 0 ? conv.tap_count : 1);
    const std::int64_t blocks = (exact < fit ? exact : fit) / conv_block;
    return blocks < 1 ? conv_block : blocks * conv_block;
}

// Output rows [row, row + rows) of the strip. `ahead`: input rows that the next call will pack, or null.
template <class T, int block>
void run_rows(const ConvTaps<T>& conv, const ConvStrip& strip, std::int64_t row, std::int64_t rows,
              const T* w,        // [groups][channel blocks][taps / shared, channels, shared, vectors * lanes]
              const T* packed,   // [channel blocks][in_rows, phases, length, block]
              const T* ahead) {  // [pixels, channels]
    const ConvStrips& s = conv.strips;
    const std::int64_t outputs = conv.y.channels, channels = conv.x.channels, width = group_vectors * lanes<T>;
    const std::int64_t vectors = (outputs + lanes<T> - 1) / lanes<T>, part = channels_at_once(conv);
    const std::int64_t at = strip.image * conv.y.image + (strip.row + row) * conv.y.row + strip.col * conv.y.pixel;
    const T *residual = conv.epilogue.residual, *gate = conv.epilogue.gate;
    std::int64_t c0 = 0;
    do {  // once even without channels: outputs without inputs are bias and activation
        const std::int64_t count = channels - c0 < part ? channels - c0 : part;
        const bool first = c0 == 0, last = c0 + count >= channels;
        for (std::int64_t k = 0; k < outputs; k += width) {
            const bool pair = k / lanes<T> + 1 < vectors;
            DirectTile<T> tile{};
            tile.plane = s.plane(), tile.taps = conv.offsets, tile.tap_count = conv.tap_count;
            tile.channels = count;
            tile.w = w + (k * channels + c0 * (pair ? width : lanes<T>)) * conv.tap_count;
            tile.y_step = conv.y.pixel;
            tile.outputs = static_cast<int>(outputs - k < width ? outputs - k : width);
            tile.bias = first && conv.bias ? conv.bias + k : nullptr;
            tile.activation = last ? conv.epilogue.activation : Activation::none;
            tile.slope = static_cast<T>(conv.epilogue.slope);
            tile.ahead = k == 0 && ahead ? ahead + c0 : nullptr, tile.ahead_step = conv.x.pixel * s.stride_x;
            for (std::int64_t r = 0; r < rows; ++r) {
                tile.x = packed + c0 / block * s.plane() + (row + r) * s.stride_y * s.row_step();
                const std::int64_t to = at + r * conv.y.row + k;
                tile.y = conv.y.data + to;
                tile.add = !first ? tile.y : residual ? residual + to : nullptr;
                tile.gate = last && gate ? gate + to : nullptr;
                if (pair)
                    run_row<T, block, 2, tile_pixels, 1>(tile, strip.cols);
                else if (block == conv_block && conv.taps_in_threes)
                    run_row<T, conv_block, 1, 2 * tile_pixels, 3>(tile, strip.cols);
                else
                    run_row<T, block, 1, 2 * tile_pixels, 1>(tile, strip.cols);
            }
        }
        c0 += part;
    } while (c0 < channels);
}

template <class T>
void direct_strip(const ConvTaps<T>& conv, const ConvStrip& strip,
                  const T* w,   // [groups][channel blocks][taps / shared, channels, shared, vectors * lanes]
                  T* packed) {  // [channel blocks][in_rows, phases, length, block]
    for_packed_rows<T>(conv, strip, packed, [&](std::int64_t row, std::int64_t rows, const T* ahead) {
        run_rows<T, conv_block>(conv, strip, row, rows, w, packed, ahead);
    });
}

template <class T>
detail::ConvStripKernel<T> direct_kernel() {
    return {conv_block,         tuning::conv_cols,        tuning::conv_rows, 1,
            tuning::most_lanes, group_vectors * lanes<T>, pack_weights<T>,   direct_strip<T>};
}

}  // namespace conv
