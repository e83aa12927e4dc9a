// Pixels, pooling, interpolation and means of planes of bfloat16.

namespace tile_images {

inline constexpr int n = lanes<float>;

inline void color_pixels(const float* const* rows, std::int64_t step, std::int64_t columns, float scale,
                         std::uint16_t* pixels) {  // [columns][4]
    typedef std::uint64_t Pixels __attribute__((vector_size(8 * n)));
    typedef std::uint64_t PixelsAnywhere __attribute__((vector_size(8 * n), aligned(2), may_alias));
    std::int64_t i = 0;
    for (; step == 1 && i + n <= columns; i += n) {
        Pixels pixel{};
        FATHOM_UNROLL
        for (int c = 0; c < 3; ++c)
            pixel |= __builtin_convertvector(to_bfloat16(load(rows[c] + i) * splat(scale)), Pixels) << (16 * c);
        *reinterpret_cast<PixelsAnywhere*>(pixels + 4 * i) = pixel;
    }
    for (; i < columns; ++i) {
        for (int c = 0; c < 3; ++c) pixels[4 * i + c] = to_bfloat16(splat(rows[c][i * step] * scale))[0];
        pixels[4 * i + 3] = 0;
    }
}

// Numbers that are not negative are ordered as their bits are; -0 is made 0, and a NaN, whatever its sign, is the
// largest.
inline void max_pool_row(const std::uint16_t* const* rows, std::int64_t columns, std::uint16_t* out) {
    constexpr int m = FATHOM_VECTOR_BYTES / 2;
    typedef std::int16_t Bits __attribute__((vector_size(FATHOM_VECTOR_BYTES)));
    typedef std::int16_t BitsAnywhere __attribute__((vector_size(FATHOM_VECTOR_BYTES), aligned(2), may_alias));
    for (std::int64_t i = 0; i < columns; ++i)
        for (int k = 0; k < tile_channels; k += m) {
            Bits most{};
            FATHOM_UNROLL
            for (int t = 0; t < 9; ++t) {
                const std::uint16_t* p = rows[t / 3] + (2 * i + t % 3 - 1) * tile_channels + k;
                const Bits bits = *reinterpret_cast<const BitsAnywhere*>(p) & 0x7fff;
                most = most > bits ? most : bits;
            }
            *reinterpret_cast<BitsAnywhere*>(out + i * tile_channels + k) = most;
        }
}

// The two pixels around an output, and how much of the second, as resampling.hpp has it.
struct Between {
    std::int64_t first, second;
    float weight;
};
inline Between between(std::int64_t i, std::int64_t inputs, std::int64_t outputs) {
    const std::int64_t place = (2 * i + 1) * inputs - outputs, from_zero = place > 0 ? place : 0;
    const std::int64_t first = from_zero / (2 * outputs), behind = from_zero % (2 * outputs);
    const bool alone = behind == 0 || first + 1 >= inputs;
    return {first, alone ? first : first + 1, alone ? 0 : static_cast<float>(behind) / static_cast<float>(2 * outputs)};
}

inline void resize(const TileResize& r) {
    for (std::int64_t row = r.top; row < r.bottom; ++row) {
        const Between y = between(row, r.in.height, r.out.height);
        const std::uint16_t *const above = r.x + y.first * r.in.pitch, *const below = r.x + y.second * r.in.pitch;
        const Vec<float> wy = splat(y.weight), wy1 = splat(1 - y.weight);
        for (std::int64_t column = r.left; column < r.right; ++column) {
            const Between x = between(column, r.in.width, r.out.width);
            const bool alone = x.weight == 0 && y.weight == 0;
            const Vec<float> wx = splat(x.weight), wx1 = splat(1 - x.weight);
            const Vec<float> w[] = {wy1 * wx1, wy1 * wx, wy * wx1, wy * wx};
            std::uint16_t* to = r.y + row * r.out.pitch + column * tile_channels;
            std::int64_t left = x.first * tile_channels, right = x.second * tile_channels;
            for (int plane = 0; plane < r.planes; ++plane, left += r.in.plane, right += r.in.plane, to += r.out.plane)
                FATHOM_UNROLL
            for (int k = 0; k < tile_channels; k += n) {
                Vec<float> v = load_bfloat16(above + left + k);
                if (!alone) {
                    v = w[0] * v;
                    v = fma(w[1], load_bfloat16(above + right + k), v);
                    v = fma(w[2], load_bfloat16(below + left + k), v);
                    v = fma(w[3], load_bfloat16(below + right + k), v);
                }
                if (r.scale) v *= load(r.scale + plane * tile_channels + k);
                store_bfloat16(to + k, v);
            }
        }
    }
}

// Rows are summed for themselves, for the sake of digits.
inline void plane_mean(const std::uint16_t* x, const TileResize::Image& image,
                       float* mean) {  // [32]
    constexpr int vectors = tile_channels / n;
    Vec<float> sum[vectors] = {};
    for (std::int64_t row = 0; row < image.height; ++row) {
        Vec<float> part[vectors] = {};
        for (std::int64_t i = 0; i < image.width; ++i) FATHOM_UNROLL
        for (int k = 0; k < vectors; ++k) part[k] += load_bfloat16(x + row * image.pitch + i * tile_channels + k * n);
        for (int k = 0; k < vectors; ++k) sum[k] += part[k];
    }
    const Vec<float> share = splat(1 / static_cast<float>(image.height * image.width));
    for (int k = 0; k < vectors; ++k) store(mean + k * n, sum[k] * share);
}

inline void attention(const float* w,  // [channels][outputs]
                      const float* bias, const float* x, int channels, int outputs, float* y) {
    for (int k = 0; k < outputs; k += n) {
        Vec<float> sum = load(bias + k);
        for (int c = 0; c < channels; ++c) sum = fma(splat(x[c]), load(w + c * outputs + k), sum);
        store(y + k, sigmoid(sum));
    }
}

}  // namespace tile_images
