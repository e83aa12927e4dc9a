// The weight pass of Winograd convolution (conv_winograd.kernel.hpp), which is the transpose of its forward pass:
//   dg = G' (sum of (A dy A') * (B' x B) over the tiles) G
// for every pair of channels: 36 matrix products again, of channels and outputs, with the tiles of a block as depth.

namespace winograd {

// A d for one column or row d of four.
template <class T>
[[gnu::always_inline]] inline void transform_gradient(const Vec<T> (&d)[4], Vec<T> (&m)[6]) {
    const Vec<T> even = d[0] + d[2], odd = d[1] + d[3];
    m[0] = d[0];
    m[1] = even + odd, m[2] = even - odd;
    m[3] = fma(splat(T(0.125)), d[3], fma(splat(T(0.25)), d[2], fma(splat(T(0.5)), d[1], d[0])));
    m[4] = fma(splat(T(-8)), d[3], fma(splat(T(4)), d[2], fma(splat(T(-2)), d[1], d[0])));
    m[5] = d[3];
}

// G' s for one column or row s of six.
template <class T>
[[gnu::always_inline]] inline void transform_products(const Vec<T> (&s)[6], Vec<T> (&g)[3]) {
    const Vec<T> difference = (s[1] - s[2]) * splat(T(1) / T(3)), sum = (s[1] + s[2]) * splat(T(1) / T(3));
    const Vec<T> half = s[3] * splat(T(-16) / T(15)), two = s[4] * splat(T(1) / T(15));
    g[0] = (s[0] + difference) + (half + two);
    g[1] = sum + fma(splat(T(0.5)), half, splat(T(-2)) * two);
    g[2] = (s[5] + difference) + fma(splat(T(0.25)), half, splat(T(4)) * two);
}

// A d A' of a vector of outputs, whose 4x4 pixels begin at d.
template <class T>
[[gnu::noinline]] void transform_gradients(const T* d, std::int64_t row, std::int64_t pixel,
                                           T* m) {  // [36] of lanes, sum_step apart
    Vec<T> half[6][4];                              // A d
    FATHOM_UNROLL
    for (int j = 0; j < 4; ++j, d += pixel) {
        const Vec<T> column[4] = {load(d), load(d + row), load(d + 2 * row), load(d + 3 * row)};
        Vec<T> part[6];
        transform_gradient<T>(column, part);
        FATHOM_UNROLL
        for (int i = 0; i < 6; ++i) half[i][j] = part[i];
    }
    FATHOM_UNROLL
    for (int i = 0; i < 6; ++i) {
        Vec<T> whole[6];
        transform_gradient<T>(half[i], whole);
        FATHOM_UNROLL
        for (int j = 0; j < 6; ++j) store(m + (i * 6 + j) * sum_step<T>, whole[j]);
    }
}

// The same of one tile and the outputs from k on; zeros outside the image and beyond the outputs.
template <class T>
void transform_gradient_tile(const ConvImage<const T>& dy, const WinogradTile& tile, std::int64_t k, T* m) {
    constexpr int n = lanes<T>;
    const std::int64_t row = tile.row * 4, col = tile.col * 4, left = dy.channels - k;
    const T* const corner = dy.data + tile.image * dy.image + row * dy.row + col * dy.pixel + k;
    if (row + 4 <= dy.height && col + 4 <= dy.width && left >= n) {
        for (std::int64_t i = 0; i < 4; ++i)  // what the tile after the next one reads
            for (std::int64_t j = 8; j < 12; ++j) __builtin_prefetch(corner + i * dy.row + j * dy.pixel);
        transform_gradients<T>(corner, dy.row, dy.pixel, m);
        return;
    }
    alignas(64) T pixels[16 * n];  // [4, 4] of lanes
    const int count = left < n ? static_cast<int>(left) : n;
    for (std::int64_t i = 0; i < 4; ++i)
        for (std::int64_t j = 0; j < 4; ++j)
            store(pixels + (i * 4 + j) * n, row + i < dy.height && col + j < dy.width
                                                ? load_some(corner + i * dy.row + j * dy.pixel, count)
                                                : Vec<T>{});
    transform_gradients<T>(pixels, 4 * n, n, m);
}

// sums += V' M for `channels` channels over the tiles of a block, which are summed for themselves: fewer roundings to
// the whole sum.
template <class T, int vectors, int channels>
[[gnu::noinline]] void add_products(const T* v,  // [tiles, conv_block]
                                    const T* m,  // [tiles, vectors * lanes]
                                    std::int64_t count,
                                    T* sums) {  // [channels, vectors * lanes]
    constexpr int n = lanes<T>;
    Vec<T> sum[channels][vectors];
    FATHOM_UNROLL
    for (int c = 0; c < channels; ++c) {
        FATHOM_UNROLL
        for (int i = 0; i < vectors; ++i) sum[c][i] = Vec<T>{};
    }
    for (std::int64_t t = 0; t < count; ++t, v += conv_block, m += vectors * n) {
        Vec<T> gradient[vectors];
        FATHOM_UNROLL
        for (int i = 0; i < vectors; ++i) gradient[i] = load(m + i * n);
        FATHOM_UNROLL
        for (int c = 0; c < channels; ++c) {
            const Vec<T> value = splat(v[c]);
            FATHOM_UNROLL
            for (int i = 0; i < vectors; ++i) sum[c][i] = fma(value, gradient[i], sum[c][i]);
        }
    }
    FATHOM_UNROLL
    for (int c = 0; c < channels; ++c) {
        FATHOM_UNROLL
        for (int i = 0; i < vectors; ++i) {
            T* const to = sums + (c * vectors + i) * n;
            store(to, load(to) + sum[c][i]);
        }
    }
}

// Adds a block's share to the sums of the outputs from k on.
template <class T, int vectors>
void add_block(const WinogradWeightTaps<T>& conv, std::int64_t first, std::int64_t last, std::int64_t k,
               const T* v,  // [channel blocks][36][tiles, conv_block]
               T* m,        // [36][tiles, vectors * lanes]
               T* sums,     // [36][channel blocks * conv_block, vectors * lanes] or null
               T* bias) {   // [vectors * lanes] or null
    constexpr int n = lanes<T>, width = vectors * n;
    constexpr int channels = tuning::winograd_channels(vector_registers) / vectors;
    constexpr std::int64_t step = sum_step<T>;
    for (std::int64_t t = first; t < last; ++t)
        for (int i = 0; i < width; i += n)
            transform_gradient_tile<T>(conv.dy, conv.in.tile(t), k + i, m + (t - first) * width + i);
    // The second point is 1: element (1, 1) of A dy A' is the sum of the tile's gradients.
    for (int i = 0; bias && i < width; i += n) {
        Vec<T> sum{};
        for (std::int64_t t = 0; t < last - first; ++t) sum += load(m + 7 * step + t * width + i);
        store(bias + i, load(bias + i) + sum);
    }
    if (!sums) return;
    for (int e = 0; e < 36; ++e)
        for (std::int64_t p = 0; p < conv.in.channel_blocks(); ++p)
            for (int c = 0; c < conv_block; c += channels, sums += channels * width)
                add_products<T, vectors, channels>(v + (p * 36 + e) * input_step + c, m + e * step, last - first, sums);
}

template <class T>
void add_group(const WinogradWeightTaps<T>& conv, std::int64_t first, std::int64_t last, std::int64_t group, const T* v,
               T* m,
               T* sums,    // [groups][36][channel blocks * conv_block, vectors * lanes] or null
               T* bias) {  // [outputs] or null
    const std::int64_t k = group * group_vectors * lanes<T>;
    if (sums) sums += k * 36 * conv.in.channel_blocks() * conv_block;
    if (bias) bias += k;
    if (group_width<T>(conv.dy.channels, group) == lanes<T>)
        add_block<T, 1>(conv, first, last, k, v, m, sums, bias);
    else
        add_block<T, 2>(conv, first, last, k, v, m, sums, bias);
}

// dw of one group and the channels [first, last) from the sums of all chunks, which are `step` apart.
template <class T>
void combine(const WinogradWeightTaps<T>& conv, const T* sums, std::int64_t step, std::int64_t chunks,
             std::int64_t group, std::int64_t first, std::int64_t last, bool accumulate) {
    constexpr int n = lanes<T>;
    const std::int64_t padded = conv.in.channel_blocks() * conv_block, channels = conv.x.channels;
    const std::int64_t k0 = group * group_vectors * n, width = group_width<T>(conv.dy.channels, group);
    for (std::int64_t c = first; c < last; ++c)
        for (std::int64_t v = 0; v < width; v += n) {
            const T* const from = sums + k0 * 36 * padded + c * width + v;
            Vec<T> half[3][6];  // G' S
            for (int j = 0; j < 6; ++j) {
                Vec<T> column[6], g[3];
                for (int i = 0; i < 6; ++i) {
                    const T* p = from + (i * 6 + j) * padded * width;
                    column[i] = load(p);
                    for (std::int64_t chunk = 1; chunk < chunks; ++chunk) column[i] += load(p + chunk * step);
                }
                transform_products<T>(column, g);
                for (int i = 0; i < 3; ++i) half[i][j] = g[i];
            }
            alignas(64) T filters[9 * n];  // [3, 3] of lanes
            for (int i = 0; i < 3; ++i) {
                Vec<T> row[3];
                transform_products<T>(half[i], row);
                for (int j = 0; j < 3; ++j) store(filters + (i * 3 + j) * n, row[j]);
            }
            for (std::int64_t k = 0; k < n && k0 + v + k < conv.dy.channels; ++k) {
                T* const to = conv.dw + ((k0 + v + k) * channels + c) * 9;
                for (int t = 0; t < 9; ++t) to[t] = filters[t * n + k] + (accumulate ? to[t] : T(0));
            }
        }
}

template <class T>
detail::WinogradWeightKernel<T> weight_kernel() {
    return {group_vectors * lanes<T>, transform_inputs<T>, add_group<T>, combine<T>};
}

}  // namespace winograd
