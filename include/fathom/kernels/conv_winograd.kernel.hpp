// Winograd convolution F(4x4, 3x3) with the points 0, 1, -1, 1/2, -2 (Lavin, Gray, "Fast algorithms for convolutional
// neural networks", CVPR 2016). A tile of 4x4 outputs comes from 6x6 inputs d and a filter g with 36 multiplications
// for each pair of channels instead of 144:
//   U = G g G',  V = B' d B,  M = sum of U * V over the channels,  y = A' M A
// The sums are 36 matrix products of tiles and channels, one for each element of the 6x6. V and M of a block of tiles
// stay in the L2 cache.

namespace winograd {

using tuning::conv_block;
inline constexpr std::int64_t tiles = tuning::winograd_tiles;  // of a block
inline constexpr int group_vectors = 2;                        // of outputs

// From one element of the 6x6 to the next; no power of two, so that those of one tile do not meet in few sets of the
// cache. Known to the compiler: 36 addresses computed at run time took more time than the transforms.
inline constexpr std::int64_t input_step = tuning::winograd_input_step;
template <class T>
inline constexpr std::int64_t sum_step = tiles* group_vectors* lanes<T> + conv_block;

// Tiles in registers beside two vectors of outputs; with one vector twice as many.
inline constexpr int tile_count = tuning::conv_tile_pixels(FATHOM_VECTOR_BYTES, vector_registers);

// Outputs of a group, those that do not exist included.
template <class T>
std::int64_t group_width(std::int64_t outputs, std::int64_t group) {
    const std::int64_t left = outputs - group * group_vectors * lanes<T>;
    return left > lanes<T> ? 2 * lanes<T> : lanes<T>;
}

// B' d for one column or row d of six.
template <class T>
[[gnu::always_inline]] inline void transform_input(Vec<T> (&d)[6]) {
    const Vec<T> u = d[4] - d[2], v = d[3] - d[1], w = splat(T(1.5));
    const Vec<T> p = fma(w, d[3], u), q = fma(w, d[2], v);
    d[0] = fma(w, v, u) + (d[0] - d[2]);
    d[5] = fma(w, u, d[5] - d[3]) - v;
    d[1] = p + q, d[2] = p - q;
    d[3] = fma(splat(T(2)), v, u), d[4] = fma(splat(T(-0.5)), v, u);
}

// A' m for one column or row m of six.
template <class T>
[[gnu::always_inline]] inline void transform_output(const Vec<T> (&m)[6], Vec<T> (&y)[4]) {
    const Vec<T> a = m[1] + m[2], b = m[1] - m[2];
    y[0] = (m[0] + a) + (m[3] + m[4]);
    y[1] = fma(splat(T(0.5)), m[3], fma(splat(T(-2)), m[4], b));
    y[2] = fma(splat(T(0.25)), m[3], fma(splat(T(4)), m[4], a));
    y[3] = fma(splat(T(0.125)), m[3], fma(splat(T(-8)), m[4], b)) + m[5];
}

// G g for one column or row g of three.
template <class T>
[[gnu::always_inline]] inline void transform_filter(const Vec<T> (&g)[3], Vec<T> (&u)[6]) {
    const Vec<T> third = (g[0] + g[2]) * splat(T(1) / T(3)), middle = g[1] * splat(T(1) / T(3));
    u[0] = g[0];
    u[1] = third + middle, u[2] = middle - third;
    u[3] = (g[0] + fma(splat(T(0.5)), g[1], g[2] * splat(T(0.25)))) * splat(T(-16) / T(15));
    u[4] = (g[0] + fma(splat(T(-2)), g[1], g[2] * splat(T(4)))) * splat(T(1) / T(15));
    u[5] = g[2];
}

// U of one group of outputs and the channels [first, last).
template <class T>
void transform_weights(const WinogradTaps<T>& conv, std::int64_t group, std::int64_t first, std::int64_t last,
                       T* u,                 // [36][channels, vectors * lanes]
                       std::int64_t step) {  // of the 36
    constexpr int n = lanes<T>;
    const std::int64_t k = group * group_vectors * n, width = group_width<T>(conv.y.channels, group);
    int place[3][3];  // of each weight in memory
    for (int t = 0; t < 9; ++t) {
        const ConvTap& tap = conv.taps[t];
        place[tap.y - conv.in.first_y][tap.x - conv.in.first_x] = static_cast<int>(tap.weight);
    }
    for (std::int64_t i = 0; i < width; i += n)
        for (std::int64_t c = first; c < last; ++c) {
            alignas(64) T filters[(8 + n) * n];  // [9] of lanes
            for (int t = 0; t < 9; t += n)
                conv::turn_rows(conv.w + (k + i) * conv.w_output + c * conv.w_input + t, conv.w_output,
                                conv.y.channels - k - i, n < 9 - t ? n : 9 - t, filters + t * n);
            T* const to = u + (c - first) * width + i;
            Vec<T> columns[3][6];  // [column][points]
            FATHOM_UNROLL
            for (int j = 0; j < 3; ++j) {
                const Vec<T> g[3] = {load(filters + place[0][j] * n), load(filters + place[1][j] * n),
                                     load(filters + place[2][j] * n)};
                transform_filter<T>(g, columns[j]);
            }
            FATHOM_UNROLL
            for (int p = 0; p < 6; ++p) {
                const Vec<T> g[3] = {columns[0][p], columns[1][p], columns[2][p]};
                Vec<T> row[6];
                transform_filter<T>(g, row);
                FATHOM_UNROLL
                for (int j = 0; j < 6; ++j) store(to + (p * 6 + j) * step, row[j]);
            }
        }
}

// Where the 6x6 inputs of a tile lie: rows that begin at column 0, null above and below the image.
template <class T>
struct InputTile {
    const T* rows[6];
    std::int64_t pixel, col, width;  // of a row: the step from pixel to pixel, the tile's first column, all columns
    bool inside;                     // all 36 pixels are
};

template <class T>
InputTile<T> input_tile(const WinogradInput<T>& conv, const WinogradTile& tile) {
    const std::int64_t top = tile.row * 4 + conv.first_y, left = tile.col * 4 + conv.first_x;
    InputTile<T> in{{}, conv.x.pixel, left, conv.x.width, left >= 0 && left + 6 <= conv.x.width};
    for (int r = 0; r < 6; ++r)
        if (top + r >= 0 && top + r < conv.x.height)
            in.rows[r] = conv.x.data + tile.image * conv.x.image + (top + r) * conv.x.row;
        else
            in.inside = false;
    return in;
}

// B' d B of a vector of channels, whose 6x6 pixels begin at rows[i] + at. Out of line, as what follows for outputs:
// each is most of the code that a program with a convolution compiles.
template <class T>
[[gnu::noinline]] void transform_patch(const T* const* rows, std::int64_t at, std::int64_t pixel,
                                       T* v) {  // [36] of lanes, input_step apart
    alignas(64) T half[36 * lanes<T>];          // B' d: [6, 6] of lanes
    FATHOM_UNROLL
    for (int j = 0; j < 6; ++j, at += pixel) {
        Vec<T> d[6];
        FATHOM_UNROLL
        for (int i = 0; i < 6; ++i) d[i] = load(rows[i] + at);
        transform_input<T>(d);
        FATHOM_UNROLL
        for (int i = 0; i < 6; ++i) store(half + (i * 6 + j) * lanes<T>, d[i]);
    }
    FATHOM_UNROLL
    for (int i = 0; i < 6; ++i) {
        Vec<T> d[6];
        FATHOM_UNROLL
        for (int j = 0; j < 6; ++j) d[j] = load(half + (i * 6 + j) * lanes<T>);
        transform_input<T>(d);
        FATHOM_UNROLL
        for (int j = 0; j < 6; ++j) store(v + (i * 6 + j) * input_step, d[j]);
    }
}

// The same of the first `count` channels of a vector, at a border of the image or of the channels: zeros around.
template <class T>
[[gnu::noinline]] void transform_border(const InputTile<T>& in, std::int64_t channel, int count, T* v) {
    alignas(64) T pixels[36 * lanes<T>];  // [6, 6] of lanes
    const T* rows[6];
    for (int i = 0; i < 6; ++i) {
        rows[i] = pixels + i * 6 * lanes<T>;
        for (std::int64_t j = 0; j < 6; ++j) {
            const std::int64_t col = in.col + j;
            const bool inside = in.rows[i] && col >= 0 && col < in.width;
            store(pixels + (i * 6 + j) * lanes<T>,
                  inside ? load_some(in.rows[i] + col * in.pixel + channel, count) : Vec<T>{});
        }
    }
    transform_patch<T>(rows, 0, lanes<T>, v);
}

// V of the tiles [first, last), which are one block; zeros for tiles and channels that fill up registers.
template <class T>
void transform_inputs(const WinogradInput<T>& conv, std::int64_t first, std::int64_t last,
                      T* v) {  // [channel blocks][36][tiles, conv_block]
    constexpr int n = lanes<T>;
    const std::int64_t padded = conv.channel_blocks() * conv_block;
    for (std::int64_t t = 0; t < tiles; ++t, v += conv_block) {
        if (first + t >= last) {
            if (t % tile_count == 0) break;  // nothing will be read from here on
            for (std::int64_t c = 0; c < padded; c += n)
                for (int e = 0; e < 36; ++e)
                    store(v + (c / conv_block * 36 + e) * input_step + c % conv_block, Vec<T>{});
            continue;
        }
        const InputTile<T> in = input_tile(conv, conv.tile(first + t));
        for (std::int64_t c = 0; c < padded; c += n) {
            T* to = v + c / conv_block * 36 * input_step + c % conv_block;
            const std::int64_t left = conv.x.channels - c;
            if (in.inside && left >= n) {
                // What the tile after the next one reads for the first time: the tiles above read the upper rows.
                for (int i = 2; i < 6; ++i)
                    for (std::int64_t j = 10; j < 14; ++j) __builtin_prefetch(in.rows[i] + (in.col + j) * in.pixel + c);
                transform_patch<T>(in.rows, in.col * in.pixel + c, in.pixel, to);
            } else
                transform_border<T>(in, c, static_cast<int>(left < 0 ? 0 : left < n ? left : n), to);
        }
    }
}

// A part of one element's matrix product: M = V U, or M += V U, for `count` tiles and `vectors` of outputs.
template <class T, int vectors, int count>
[[gnu::noinline]] void multiply(const T* v,  // [channel blocks][36][tiles, conv_block]
                                std::int64_t channels,
                                const T* u,  // [channels, vectors * lanes]
                                T* m,        // [tiles, vectors * lanes]
                                bool add) {
    constexpr int n = lanes<T>;
    Vec<T> sum[count][vectors];
    FATHOM_UNROLL
    for (int t = 0; t < count; ++t) {
        FATHOM_UNROLL
        for (int i = 0; i < vectors; ++i) sum[t][i] = add ? load(m + (t * vectors + i) * n) : Vec<T>{};
    }
    for (std::int64_t left = channels; left > 0; left -= conv_block, v += 36 * input_step) {
        const std::int64_t here = left < conv_block ? left : conv_block;
        for (int t = 0; t < count; ++t) __builtin_prefetch(v + 36 * input_step + t * conv_block, 0, 3);
        for (std::int64_t c = 0; c < here; ++c, u += vectors * n) {
            Vec<T> weights[vectors];
            FATHOM_UNROLL
            for (int i = 0; i < vectors; ++i) weights[i] = load(u + i * n);
            FATHOM_UNROLL
            for (int t = 0; t < count; ++t) {
                const Vec<T> value = splat(v[t * conv_block + c]);
                FATHOM_UNROLL
                for (int i = 0; i < vectors; ++i) sum[t][i] = fma(value, weights[i], sum[t][i]);
            }
        }
    }
    FATHOM_UNROLL
    for (int t = 0; t < count; ++t) {
        FATHOM_UNROLL
        for (int i = 0; i < vectors; ++i) store(m + (t * vectors + i) * n, sum[t][i]);
    }
}

// y = A' M A of one tile and one vector of outputs.
template <class T>
[[gnu::noinline]] void transform_sums(const T* m,  // [36] of lanes, sum_step apart
                                      T* y) {      // [4, 4] of lanes
    constexpr std::int64_t step = sum_step<T>;
    Vec<T> half[4][6];  // A' M
    FATHOM_UNROLL
    for (int j = 0; j < 6; ++j) {
        const Vec<T> column[6] = {load(m + j * step),        load(m + (6 + j) * step),  load(m + (12 + j) * step),
                                  load(m + (18 + j) * step), load(m + (24 + j) * step), load(m + (30 + j) * step)};
        Vec<T> part[4];
        transform_output<T>(column, part);
        FATHOM_UNROLL
        for (int i = 0; i < 4; ++i) half[i][j] = part[i];
    }
    FATHOM_UNROLL
    for (int i = 0; i < 4; ++i) {
        Vec<T> row[4];
        transform_output<T>(half[i], row);
        FATHOM_UNROLL
        for (int j = 0; j < 4; ++j) store(y + (i * 4 + j) * lanes<T>, row[j]);
    }
}

// What of a tile lies in the image, through the epilogue, for a vector of outputs from k on.
template <class T>
[[gnu::noinline]] void finish_tile(const WinogradTaps<T>& conv, const WinogradTile& tile, std::int64_t k,
                                   const T* y) {  // [4, 4] of lanes
    constexpr int n = lanes<T>;
    const std::int64_t row = tile.row * 4, col = tile.col * 4, left = conv.y.channels - k;
    const int count = left < n ? static_cast<int>(left) : n;
    const std::int64_t height = conv.y.height - row < 4 ? conv.y.height - row : 4,
                       width = conv.y.width - col < 4 ? conv.y.width - col : 4;
    const Vec<T> bias = conv.bias ? load_some(conv.bias + k, count) : Vec<T>{};
    const Epilogue<T>& e = conv.epilogue;
    const T slope = static_cast<T>(e.slope);
    std::int64_t start = tile.image * conv.y.image + row * conv.y.row + col * conv.y.pixel + k;
    for (std::int64_t i = 0; i < height; ++i, start += conv.y.row) {
        std::int64_t at = start;
        for (std::int64_t j = 0; j < width; ++j, at += conv.y.pixel) {
            __builtin_prefetch(conv.y.data + at + 8 * conv.y.pixel, 1);  // for the tile after the next one
            Vec<T> value = load(y + (i * 4 + j) * n) + bias;
            if (e.residual) value += load_some(e.residual + at, count);
            value = finish<T>(value, e.gate ? e.gate + at : nullptr, count, e.activation, slope);
            store_some(conv.y.data + at, value, count);
        }
    }
}

// M (+)= V U of a block and one group of outputs, for some channels.
template <class T, int vectors>
void multiply_block(std::int64_t tile_number, std::int64_t channels,
                    const T* v,  // [channel blocks][36][tiles, conv_block]
                    const T* u,  // [36][channels, vectors * lanes]
                    std::int64_t u_step,
                    T* m,  // [36][tiles, vectors * lanes]
                    bool add) {
    constexpr int width = vectors * lanes<T>, count = tile_count * group_vectors / vectors;
    const auto run = [&]<int tiles_at_once>(std::int64_t t) {
        multiply<T, vectors, tiles_at_once>(v + t * conv_block, channels, u, m + t * width, add);
    };
    for (int e = 0; e < 36; ++e, v += input_step, u += u_step, m += sum_step<T>)
        for (std::int64_t t = 0; t < tile_number; t += count)
            if (tile_number - t > 2 * count / 3)
                run.template operator()<count>(t);
            else if (tile_number - t > count / 3)
                run.template operator()<2 * count / 3>(t);
            else
                run.template operator()<count / 3>(t);
}

template <class T>
void multiply_group(const WinogradTaps<T>& conv, std::int64_t group, std::int64_t tile_number, std::int64_t channels,
                    const T* v, const T* u, std::int64_t u_step, T* m, bool add) {  // as multiply_block
    if (group_width<T>(conv.y.channels, group) == lanes<T>)
        multiply_block<T, 1>(tile_number, channels, v, u, u_step, m, add);
    else
        multiply_block<T, 2>(tile_number, channels, v, u, u_step, m, add);
}

// The outputs of one group for the tiles [first, last), which are one block.
template <class T>
void transform_outputs(const WinogradTaps<T>& conv, std::int64_t group, std::int64_t first, std::int64_t last,
                       const T* m) {  // [36][tiles, vectors * lanes]
    constexpr int n = lanes<T>;
    const std::int64_t k = group * group_vectors * n, width = group_width<T>(conv.y.channels, group);
    alignas(64) T y[16 * n];
    for (std::int64_t t = first; t < last; ++t, m += width) {
        const WinogradTile tile = conv.in.tile(t);
        for (std::int64_t i = 0; i < width; i += n) {
            transform_sums<T>(m + i, y);
            finish_tile<T>(conv, tile, k + i, y);
        }
    }
}

template <class T>
detail::WinogradKernel<T> kernel() {
    return {group_vectors * lanes<T>, transform_weights<T>, transform_inputs<T>, multiply_group<T>,
            transform_outputs<T>};
}

}  // namespace winograd
