// Convolutions on rows of pixels. 3x3: Winograd on tiles of one row of them, all of whose transformed inputs are made
// first, so that each group of outputs reads its weights once. 1x1: pixels times channels, straight from the rows.

namespace row_conv {

using tuning::conv_block;
using winograd::group_vectors;
inline constexpr int rows_at_once = RowConv::rows_at_once, pixel = RowConv::plane_channels;

// V of all tiles.
inline void transform_rows(const RowConv& conv, std::int64_t tiles,
                           float* v) {  // [blocks][channel blocks][36][tiles, conv_block]
    const std::int64_t block_elements = conv.channels / conv_block * 36 * winograd::input_step;
    for (std::int64_t t = 0; t < tiles; ++t) {
        float* to = v + t / winograd::tiles * block_elements + t % winograd::tiles * conv_block;
        for (int c = 0; c < conv.channels; c += lanes<float>)
            winograd::transform_patch<float>(conv.in + c / pixel * 6, (t * 4 - 1) * pixel + c % pixel, pixel,
                                             to + c / conv_block * 36 * winograd::input_step + c % conv_block);
    }
}

// `vectors` of outputs from k on.
template <int vectors>
void transform_outputs(const RowConv& conv, std::int64_t tiles, int k,
                       const float* v,  // [blocks][channel blocks][36][tiles, conv_block]
                       float* m) {      // [blocks][36][tiles, vectors * lanes]
    constexpr int n = lanes<float>, width = vectors * n, count = winograd::tile_count * group_vectors / vectors;
    constexpr std::int64_t step = winograd::sum_step<float>;
    const std::int64_t block_elements = conv.channels / conv_block * 36 * winograd::input_step;
    const float* u = conv.weights + std::int64_t{k} * conv.channels * 36;  // [36][channels, vectors * lanes]
    for (int e = 0; e < 36; ++e, u += conv.channels * width)
        for (std::int64_t first = 0, b = 0; first < tiles; first += winograd::tiles, ++b) {
            const float* from = v + b * block_elements + e * winograd::input_step;
            float* to = m + b * 36 * step + e * step;
            const std::int64_t here = tiles - first < winograd::tiles ? tiles - first : winograd::tiles;
            for (std::int64_t t = 0; t < here; t += count)
                if (here - t > count / 2)
                    winograd::multiply<float, vectors, count>(from + t * conv_block, conv.channels, u, to + t * width,
                                                              false);
                else
                    winograd::multiply<float, vectors, count / 2>(from + t * conv_block, conv.channels, u,
                                                                  to + t * width, false);
        }
    alignas(64) float y[16 * n];
    for (int i = 0; i < vectors; ++i) {
        const int channel = k + i * n;
        const Vec<float> bias = load(conv.bias + channel);
        float* const* out = conv.out + channel / 16 * rows_at_once;
        for (std::int64_t t = 0; t < tiles; ++t) {
            winograd::transform_sums<float>(m + t / winograd::tiles * 36 * step + t % winograd::tiles * width + i * n,
                                            y);
            const std::int64_t left = conv.columns - t * 4, columns = left < 4 ? left : 4;
            for (int r = 0; r < rows_at_once; ++r) {
                if (!out[r]) continue;
                float* const to = out[r] + t * 4 * pixel + channel % 16;
                for (std::int64_t j = 0; j < columns; ++j)
                    store(to + j * pixel,
                          activate<float>(load(y + (r * 4 + j) * n) + bias, Activation::leaky_relu, conv.slope));
            }
        }
    }
}

// `count` pixels of one row and `vectors` of outputs of a 1x1 kernel.
template <int vectors, int count>
[[gnu::noinline]] void pixel_tile(const RowConv& conv, int row, std::int64_t column, int k) {
    constexpr int n = lanes<float>;
    Vec<float> sum[count][vectors];
    FATHOM_UNROLL
    for (int i = 0; i < vectors; ++i) {
        const Vec<float> bias = load(conv.bias + k + i * n);
        FATHOM_UNROLL
        for (int p = 0; p < count; ++p) sum[p][i] = bias;
    }
    const float* u = conv.weights + std::int64_t{k} * conv.channels;  // [channels, vectors * lanes]
    for (int plane = 0; plane * pixel < conv.channels; ++plane) {
        const float* x = conv.in[plane * rows_at_once + row] + column * pixel;
        const int channels = conv.channels - plane * pixel < pixel ? conv.channels - plane * pixel : pixel;
        for (int c = 0; c < channels; ++c, u += vectors * n) {
            Vec<float> weights[vectors];
            FATHOM_UNROLL
            for (int i = 0; i < vectors; ++i) weights[i] = load(u + i * n);
            FATHOM_UNROLL
            for (int p = 0; p < count; ++p) {
                const Vec<float> value = splat(x[p * pixel + c]);
                FATHOM_UNROLL
                for (int i = 0; i < vectors; ++i) sum[p][i] = fma(value, weights[i], sum[p][i]);
            }
        }
    }
    const std::int64_t left = conv.columns - column;
    FATHOM_UNROLL
    for (int i = 0; i < vectors; ++i) {
        const int channel = k + i * n;
        float* const out = conv.out[channel / 16 * rows_at_once + row] + column * pixel + channel % 16;
        FATHOM_UNROLL
        for (int p = 0; p < count; ++p)
            if (p < left) store(out + p * pixel, activate<float>(sum[p][i], Activation::leaky_relu, conv.slope));
    }
}

inline void run(const RowConv& conv) {
    constexpr int n = lanes<float>;
    if (conv.taps == 1) {
        for (int r = 0; r < rows_at_once; ++r)
            for (int k = 0; conv.out[r] && k < conv.outputs;) {
                const bool pair = conv.outputs - k >= 2 * n;
                for (std::int64_t i = 0; i < conv.columns; i += winograd::tile_count)
                    if (pair)
                        pixel_tile<2, winograd::tile_count>(conv, r, i, k);
                    else
                        pixel_tile<1, winograd::tile_count>(conv, r, i, k);
                k += pair ? 2 * n : n;
            }
        return;
    }
    const std::int64_t tiles = (conv.columns + 3) / 4, blocks = (tiles + winograd::tiles - 1) / winograd::tiles;
    float* const v = conv.memory;
    float* const m = v + blocks * (conv.channels / conv_block) * 36 * winograd::input_step;
    transform_rows(conv, tiles, v);
    for (int k = 0; k < conv.outputs;) {
        const bool pair = conv.outputs - k >= 2 * n;
        if (pair)
            transform_outputs<2>(conv, tiles, k, v, m);
        else
            transform_outputs<1>(conv, tiles, k, v, m);
        k += pair ? 2 * n : n;
    }
}

// [groups][36 or 1][channels, vectors * lanes]
inline void pack(const float* w, int outputs, int channels, int taps, float* packed) {
    constexpr int n = lanes<float>, group = group_vectors * n;
    if (taps == 3) {
        ConvTap list[9];
        for (int t = 0; t < 9; ++t) list[t] = {t / 3, t % 3, t};
        WinogradTaps<float> conv{};
        conv.x.channels = channels, conv.y.channels = outputs;
        conv.w = w, conv.w_output = std::int64_t{channels} * 9, conv.w_input = 9;
        conv.taps = list, conv.tap_count = 9;
        for (int g = 0; g * group < outputs; ++g) {
            const std::int64_t step = winograd::group_width<float>(outputs, g) * channels;
            winograd::transform_weights<float>(conv, g, 0, channels, packed, step);
            packed += 36 * step;
        }
        return;
    }
    for (int k = 0; k < outputs; k += group) {
        const int width = outputs - k < group ? outputs - k : group;
        for (int c = 0; c < channels; ++c)
            for (int i = 0; i < width; ++i) *packed++ = w[(k + i) * channels + c];
    }
}

}  // namespace row_conv
