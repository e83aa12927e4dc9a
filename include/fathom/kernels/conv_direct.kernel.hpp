// Direct convolution on a packed strip. The micro-kernel holds `vectors` x `pixels` sums in registers: for each tap and
// channel it loads the weights of `vectors` * lanes outputs once and multiplies them with one input number of each
// pixel.

namespace conv {

// Pixels of a tile with two output vectors; with one vector it has twice as many.
#if FATHOM_VECTOR_BYTES == 16 && defined(__x86_64__)
inline constexpr int tile_pixels = 4;
#else
inline constexpr int tile_pixels = vector_registers == 32 ? 12 : 6;
#endif

// One tile: `count` pixels of one output row, `outputs` channels.
template <class T>
struct Tile {
    const T* x;          // packed input of the first pixel
    std::int64_t plane;  // to the next channel block
    const std::int64_t* taps;
    int tap_count;
    std::int64_t channels;
    const T* w;
    T* y;
    std::int64_t y_step;
    int count, outputs;
    const T* bias;  // of the first output, or null
    bool add_y;
    Activation activation;
    T slope;
    const T* ahead;  // input that will be packed next, to be brought into the cache meanwhile; or null
    std::int64_t ahead_step;
};

// Adds y where asked, applies the activation and stores. sums: [tile.count][vectors * lanes]. Apart from run_tile,
// which is instantiated for ten shapes: unrolled into each, this would be most of the code of a program with a
// convolution.
template <class T, int vectors>
[[gnu::noinline]] void finish_tile(const Tile<T>& tile, const T* sums) {
    constexpr int n = lanes<T>;
    if (tile.outputs >= vectors * n && tile.activation == Activation::none) {  // most tiles, without a branch inside
        T* y = tile.y;
        for (int p = 0; p < tile.count; ++p, y += tile.y_step)
            for (int v = 0; v < vectors; ++v, sums += n)
                store(y + v * n, tile.add_y ? load(sums) + load(y + v * n) : load(sums));
        return;
    }
    for (int p = 0; p < tile.count; ++p)
        for (int v = 0; v < vectors; ++v, sums += n) {
            const int left = tile.outputs - v * n;
            T* y = tile.y + p * tile.y_step + v * n;
            Vec<T> result = load(sums);
            if (tile.add_y) result += left >= n ? load(y) : load_partial(y, left);
            result = activate<T>(result, tile.activation, tile.slope);
            if (left >= n)
                store(y, result);
            else
                store_partial(y, result, left);
        }
}

// `shared` neighbouring taps of a row (1 or 3) use each input number that is loaded: with one output vector the loads
// would otherwise set the pace.
template <class T, int block, int vectors, int pixels, int shared>
[[gnu::noinline]] void run_tile(const Tile<T>& tile) {
    constexpr int n = lanes<T>;
    Vec<T> sum[vectors][pixels];
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

    alignas(64) T sums[vectors * pixels * n];
    FATHOM_UNROLL
    for (int v = 0; v < vectors; ++v) {
        FATHOM_UNROLL
        for (int p = 0; p < pixels; ++p) store(sums + (p * vectors + v) * n, sum[v][p]);
    }
    finish_tile<T, vectors>(tile, sums);
}

// One row of `cols` pixels, cut into tiles; what is left over runs in a half tile if that is enough.
template <class T, int block, int vectors, int pixels, int shared>
void run_row(Tile<T> tile, std::int64_t cols) {
    for (std::int64_t col = 0; col < cols; col += pixels) {
        const std::int64_t left = cols - col;
        tile.count = static_cast<int>(left < pixels ? left : pixels);
        if (left <= pixels / 2)
            run_tile<T, block, vectors, pixels / 2, shared>(tile);
        else
            run_tile<T, block, vectors, pixels, shared>(tile);
        tile.x += pixels * block;
        tile.y += pixels * tile.y_step;
        if (tile.ahead) tile.ahead += pixels * tile.ahead_step;
    }
}

// Channels that go through the registers at once. Their weights for one group must stay in the L2 cache beside the
// strip. And a long sum loses digits, since each term is rounded to the whole of it: about 144 terms (16 channels of a
// 3x3 kernel) are summed for themselves. That halves the fusion net's rounding error for one more load and store of y.
template <class T>
std::int64_t channels_at_once(const ConvTaps<T>& conv) {
    constexpr std::int64_t terms = 144, cache = 256 << 10;
    const std::int64_t bytes = (conv.tap_count + 1) * group_vectors * FATHOM_VECTOR_BYTES, fit = cache / bytes;
    const std::int64_t exact = conv.tap_count > 0 ? terms / conv.tap_count : terms;
    const std::int64_t blocks = (exact < fit ? exact : fit) / conv_block;
    return blocks < 1 ? conv_block : blocks * conv_block;
}

// Output rows [row, row + rows) of the strip. `ahead`: input rows that the next call will pack, or null.
template <class T, int block>
void run_rows(const ConvTaps<T>& conv, const ConvStrip& strip, std::int64_t row, std::int64_t rows, const T* w,
              const T* packed, const T* ahead) {
    const ConvStrips& s = conv.strips;
    const std::int64_t outputs = conv.y.channels, channels = conv.x.channels, width = group_vectors * lanes<T>;
    const std::int64_t vectors = (outputs + lanes<T> - 1) / lanes<T>, part = channels_at_once(conv);
    T* y = conv.y.data + strip.image * conv.y.image + (strip.row + row) * conv.y.row + strip.col * conv.y.pixel;
    std::int64_t c0 = 0;
    do {  // once even without channels: outputs without inputs are bias and activation
        const std::int64_t count = channels - c0 < part ? channels - c0 : part;
        const bool first = c0 == 0, last = c0 + count >= channels;
        for (std::int64_t k = 0; k < outputs; k += width) {
            const bool pair = k / lanes<T> + 1 < vectors;
            Tile<T> tile{};
            tile.plane = s.plane(), tile.taps = conv.offsets, tile.tap_count = conv.tap_count;
            tile.channels = count;
            tile.w = w + (k * channels + c0 * (pair ? width : lanes<T>)) * conv.tap_count;
            tile.y_step = conv.y.pixel;
            tile.outputs = static_cast<int>(outputs - k < width ? outputs - k : width);
            tile.bias = first && conv.bias ? conv.bias + k : nullptr;
            tile.add_y = !first || conv.epilogue.accumulate;
            tile.activation = last ? conv.epilogue.activation : Activation::none;
            tile.slope = static_cast<T>(conv.epilogue.slope);
            tile.ahead = k == 0 && ahead ? ahead + c0 : nullptr, tile.ahead_step = conv.x.pixel * s.stride_x;
            for (std::int64_t r = 0; r < rows; ++r) {
                tile.x = packed + c0 / block * s.plane() + (row + r) * s.stride_y * s.row_step();
                tile.y = y + r * conv.y.row + k;
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

// The same for few outputs of many channels (the last layer of a fusion net has one): vectors along the channels,
// summed at the end.
template <class T>
void run_rows_few_outputs(const ConvTaps<T>& conv, const ConvStrip& strip, std::int64_t row, std::int64_t rows,
                          const T* w, const T* packed, const T* ahead) {
    const ConvStrips& s = conv.strips;
    constexpr int pixels = 8;
    const T slope = static_cast<T>(conv.epilogue.slope);
    for (std::int64_t r = row; r < row + rows; ++r) {
        T* out = conv.y.data + strip.image * conv.y.image + (strip.row + r) * conv.y.row + strip.col * conv.y.pixel;
        for (std::int64_t col = 0; col < strip.cols; col += pixels) {
            if (ahead)
                for (std::int64_t c = 0; c < pixels * conv.x.pixel * s.stride_x; c += conv_block)
                    __builtin_prefetch(ahead + col * conv.x.pixel * s.stride_x + c, 0, 2);
            const T* wk = w;
            const int count = static_cast<int>(strip.cols - col < pixels ? strip.cols - col : pixels);
            for (std::int64_t k = 0; k < conv.y.channels; ++k) {
                Vec<T> sum[pixels] = {};
                const T* plane = packed + r * s.stride_y * s.row_step() + col * conv_block;
                for (std::int64_t c = 0; c < conv.x.channels; c += conv_block, plane += s.plane())
                    for (int t = 0; t < conv.tap_count; ++t)
                        for (int v = 0; v < conv_block; v += lanes<T>, wk += lanes<T>) {
                            const T* x = plane + conv.offsets[t] + v;
                            const Vec<T> weights = load(wk);
                            FATHOM_UNROLL
                            for (int p = 0; p < pixels; ++p) sum[p] = fma(load(x + p * conv_block), weights, sum[p]);
                        }
                T sums[pixels];
                FATHOM_UNROLL
                for (int p = 0; p < pixels; ++p) sums[p] = horizontal_sum<T>(sum[p]);
                for (int p = 0; p < count; ++p) {
                    T* y = out + (col + p) * conv.y.pixel + k;
                    T value = sums[p] + (conv.bias ? conv.bias[k] : T(0)) + (conv.epilogue.accumulate ? *y : T(0));
                    if (value < 0 && conv.epilogue.activation != Activation::none)
                        value = conv.epilogue.activation == Activation::relu ? T(0) : value * slope;
                    *y = value;
                }
            }
        }
    }
}

// Rows of the strip between two packings: one when the weights of all outputs stay in the L2 cache (then memory works
// while the registers do), otherwise all, so that weights pass through the cache once.
template <class T>
void strip(const ConvTaps<T>& conv, const ConvStrip& strip, bool few_outputs, const T* w, T* packed) {
    const ConvStrips& s = conv.strips;
    const std::int64_t bytes =
        conv.x.channels * conv.y.channels * conv.tap_count * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t step = bytes <= (512 << 10) ? 1 : strip.rows, tall = s.tall();
    std::int64_t done = 0;
    for (std::int64_t r = 0; r < strip.rows; r += step) {
        const std::int64_t last = r + step < strip.rows ? r + step : strip.rows;
        const std::int64_t needed = (last - 1) * s.stride_y + tall;
        pack_strip<T>(conv.x, s, conv.taps, conv.tap_count, strip, done, needed, packed);
        done = needed;
        const std::int64_t next = strip.row * s.stride_y + s.first_y + done;
        const T* ahead = nullptr;
        if (next >= 0 && next < conv.x.height) {
            const std::int64_t left = strip.col * s.stride_x + s.first_x;
            ahead = conv.x.data + strip.image * conv.x.image + next * conv.x.row + (left < 0 ? 0 : left) * conv.x.pixel;
        }
        if (few_outputs)
            run_rows_few_outputs<T>(conv, strip, r, last - r, w, packed, ahead);
        else if (s.block == 1)
            run_rows<T, 1>(conv, strip, r, last - r, w, packed, nullptr);
        else
            run_rows<T, conv_block>(conv, strip, r, last - r, w, packed, ahead);
    }
}

}  // namespace conv
