// The weight pass on tiles: products of [16 channels][32 pixels] of x, turned as it is packed, and [16 pairs of
// pixels][16 outputs][2] of dy, both rounded to bfloat16; sums of one tap, 2 by 2 tiles at once, stay in registers
// while pixels pass.

namespace conv_tiles {

inline constexpr int turned_channels = 16;  // in a block of x

// Vectors of 16 channels of a row, turned: zeros outside the image and for channels that do not exist.
inline void pack_turned(const ConvWeightTaps<float>& conv, const ConvStrip& strip, std::int64_t first,
                        std::int64_t last,
                        std::uint16_t* packed) {  // [channel blocks][in_rows, phases][16][length]
    constexpr int n = lanes<float>;
    const ConvStrips& s = conv.strips;
    const std::int64_t channels = conv.x.channels, plane = s.plane();
    alignas(64) float turned[n * n];  // [channels][pixels]
    conv::for_strip_rows(
        conv, conv.x, strip, first, last,
        [&](std::int64_t at, const float* src, std::int64_t step, std::int64_t begin, std::int64_t end) {
            for (std::int64_t c = 0; c < channels; c += turned_channels) {
                std::uint16_t* const dst = packed + at + c / turned_channels * plane;
                zero(dst, turned_channels * s.length);
                for (int k = 0; k < turned_channels && c + k < channels; k += n) {
                    const std::int64_t left = channels - c - k;
                    const int count = static_cast<int>(left < n ? left : n);
                    for (std::int64_t i = begin; i < end; i += n) {
                        conv::turn_rows(src + (i - begin) * step + c + k, step, end - i, count, turned);
                        for (int j = 0; j < count; ++j) {
                            std::uint16_t* const to = dst + (k + j) * s.length + i;
                            if (end - i >= n) {
                                store_bfloat16(to, load(turned + j * n));
                                continue;
                            }
                            for (std::int64_t p = 0; p < end - i; ++p) to[p] = Float16<7>(turned[j * n + p]).bits();
                        }
                    }
                }
            }
        });
}

// dy of rows [first, first + rows), zeros beyond the strip's pixels and for outputs that do not exist.
inline void pack_pairs(const ConvWeightTaps<float>& conv, const ConvStrip& strip, std::int64_t first, std::int64_t rows,
                       std::uint16_t* packed) {  // [output tiles][rows][cols / 2][16][2]
    typedef FloatBits Pairs __attribute__((may_alias));
    constexpr int n = lanes<float>;
    const std::int64_t outputs = conv.dy.channels, cols = conv.strips.cols;
    for (std::int64_t k = 0; k < outputs; k += tile_outputs)
        for (std::int64_t r = 0; r < rows; ++r) {
            const float* src = conv.dy.data + strip.image * conv.dy.image + (strip.row + first + r) * conv.dy.row +
                               strip.col * conv.dy.pixel + k;
            for (std::int64_t i = 0; i < cols; i += 2, packed += 2 * tile_outputs, src += 2 * conv.dy.pixel)
                for (int j = 0; j < tile_outputs; j += n) {
                    const std::int64_t left = outputs - k - j;
                    const int count = static_cast<int>(left < 0 ? 0 : left < n ? left : n);
                    const auto bits = [&](std::int64_t pixel) {
                        const float* const p = src + pixel * conv.dy.pixel + j;
                        const Vec<float> v = i + pixel >= strip.cols || count == 0 ? Vec<float>{}
                                             : count == n                          ? load(p)
                                                                                   : load_partial(p, count);
                        return __builtin_convertvector(to_bfloat16(v), FloatBits);
                    };
                    *reinterpret_cast<Pairs*>(packed + 2 * j) = bits(0) | bits(1) << 16;
                }
        }
}

// Where the products of a tap come from: x at its tile of channels and tap, dy at its tile of outputs.
struct WeightBlock {
    const std::uint16_t *x, *dy;
    std::int64_t x_row, x_tile, dy_row, dy_tile, length;
    std::int64_t rows, cols;
};

// sums of tile (channels i, outputs j) += products. A single tile of either is its own partner, whose sums nobody
// wants.
inline void add_products(const WeightBlock& b,
                         float* const* sums) {  // [2 channel tiles][2 output tiles] of [16 channels][16 outputs]
    Tiles tiles;
    tiles.get<0>(sums[0]), tiles.get<1>(sums[1]), tiles.get<2>(sums[2]), tiles.get<3>(sums[3]);
    for (std::int64_t r = 0; r < b.rows; ++r) {
        const std::uint16_t *x = b.x + r * b.x_row, *dy = b.dy + r * b.dy_row;
        for (std::int64_t i = 0; i < b.cols; i += tile_channels, x += tile_channels, dy += tile_elements) {
            tiles.take<4>(x, b.length), tiles.take<6>(dy), tiles.multiply<0, 4, 6>();
            tiles.take<7>(dy + b.dy_tile), tiles.multiply<1, 4, 7>();
            tiles.take<5>(x + b.x_tile, b.length), tiles.multiply<2, 5, 6>(), tiles.multiply<3, 5, 7>();
        }
    }
    tiles.put<0>(sums[0]), tiles.put<1>(sums[1]), tiles.put<2>(sums[2]), tiles.put<3>(sums[3]);
}

inline void weight_strip(const ConvWeightTaps<float>& conv, const ConvStrip& strip,
                         float* packed,     // [channel blocks][in_rows, phases][16][length] of bfloat16
                         float* packed_dy,  // [output tiles][rows][cols / 2][16][2] of bfloat16
                         float* partial,    // [output tiles][channel blocks][taps][16 channels][16 outputs]
                         float* bias) {     // [outputs]
    const ConvStrips& s = conv.strips;
    auto *const x = reinterpret_cast<std::uint16_t*>(packed), *const dy = reinterpret_cast<std::uint16_t*>(packed_dy);
    const std::int64_t step = conv_rows_at_once(s, tuning::tile_weight_pixels);
    constexpr std::int64_t size = turned_channels * tile_outputs;
    alignas(64) float unwanted[size] = {};
    const std::int64_t planes = (conv.x.channels + turned_channels - 1) / turned_channels,
                       groups = (conv.dy.channels + tile_outputs - 1) / tile_outputs;
    Tiles::begin();
    for (std::int64_t first = 0, done = 0; first < strip.rows; first += step) {
        const std::int64_t rows = strip.rows - first < step ? strip.rows - first : step;
        if (bias)
            conv::add_bias<float>(conv.dy.data + strip.image * conv.dy.image + (strip.row + first) * conv.dy.row +
                                      strip.col * conv.dy.pixel,
                                  conv.dy.row, conv.dy.pixel, conv.dy.channels, rows, strip.cols, bias);
        if (!partial) continue;
        const std::int64_t needed = (first + rows - 1) * s.stride_y + s.tall();
        pack_turned(conv, strip, done, needed, x);
        done = needed;
        pack_pairs(conv, strip, first, rows, dy);
        const std::int64_t dy_row = s.cols * tile_outputs, dy_tile = rows * dy_row;
        for (std::int64_t k = 0; k < groups; k += 2)
            for (std::int64_t c = 0; c < planes; c += 2)
                for (int t = 0; t < conv.tap_count; ++t) {
                    const std::int64_t right = conv.taps[t].x - s.first_x;
                    const std::int64_t at = c * s.plane() +
                                            (first * s.stride_y + conv.taps[t].y - s.first_y) * s.row_step() +
                                            right % s.stride_x * s.length * turned_channels + right / s.stride_x;
                    const auto sums = [&](std::int64_t i, std::int64_t j) {
                        return c + i < planes && k + j < groups
                                   ? partial + (((k + j) * planes + c + i) * conv.tap_count + t) * size
                                   : unwanted;
                    };
                    float* const tiles[] = {sums(0, 0), sums(0, 1), sums(1, 0), sums(1, 1)};
                    add_products({x + at, dy + k * dy_tile, s.stride_y * s.row_step(), c + 1 < planes ? s.plane() : 0,
                                  dy_row, k + 1 < groups ? dy_tile : 0, s.length, rows, s.cols},
                                 tiles);
                }
    }
    Tiles::end();
}

inline detail::ConvWeightKernel<float> weight_kernel() {
    return {turned_channels,
            true,
            true,
            conv::partial_elements<float, tile_outputs>,
            weight_strip,
            conv::combine_weights<float, tile_outputs>,
            tile_channels,
            tuning::tile_weight_pixels};
}

}  // namespace conv_tiles
