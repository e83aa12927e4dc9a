// Convolution of float by products of bfloat16, forward and data: a packed strip and the weights are rounded, sums stay
// float. Four tiles of sums at once, 2 of pixels by 2 of outputs where there are more than 16 outputs, otherwise 4 of
// pixels: for each plane of channels and tap 4 or 5 loads for 4 products.

namespace conv_tiles {

// `count` pixels in planes of 32 channels, with zeros for channels that do not exist.
inline void pack_pixels(const float* x,  // [pixels, channels]
                        std::int64_t step, std::int64_t count, std::int64_t channels,
                        std::uint16_t* dst,  // [planes][pixels, 32]
                        std::int64_t plane) {
    constexpr int n = lanes<float>;
    for (std::int64_t i = 0; i < count; ++i, x += step, dst += tile_channels) {
        std::uint16_t* out = dst;
        for (std::int64_t c = 0; c < channels; c += tile_channels, out += plane)
            for (int k = 0; k < tile_channels; k += n) {
                const std::int64_t left = channels - c - k;
                store_bfloat16(out + k, left >= n  ? load(x + c + k)
                                        : left > 0 ? load_partial(x + c + k, static_cast<int>(left))
                                                   : Vec<float>{});
            }
    }
}

inline void zero(std::uint16_t* dst,  // [count]
                 std::int64_t count) {
    __builtin_memset(dst, 0, static_cast<std::size_t>(count) * sizeof *dst);
}

// The whole strip, zeros where it lies outside the image.
inline void pack_strip(const ConvTaps<float>& conv, const ConvStrip& strip,
                       std::uint16_t* packed) {  // [planes][in_rows, phases, length, 32]
    const ConvStrips& s = conv.strips;
    const std::int64_t planes = (conv.x.channels + tile_channels - 1) / tile_channels, plane = s.plane();
    conv::for_strip_rows(
        conv, conv.x, strip, 0, (strip.rows - 1) * s.stride_y + s.tall(),
        [&](std::int64_t at, const float* src, std::int64_t step, std::int64_t begin, std::int64_t end) {
            std::uint16_t* dst = packed + at;
            for (std::int64_t p = 0; p < planes; ++p) {
                zero(dst + p * plane, begin * tile_channels);
                zero(dst + p * plane + end * tile_channels, (s.length - end) * tile_channels);
            }
            pack_pixels(src, step, end - begin, conv.x.channels, dst + begin * tile_channels, plane);
        });
}

// Outputs that are packed together, and of them the tiles of group `group`.
inline constexpr std::int64_t group_outputs = 2 * tile_outputs;
inline int group_tiles(std::int64_t outputs, std::int64_t group) {
    return outputs - group * group_outputs > tile_outputs ? 2 : 1;
}

// Weights of one group of outputs, zeros for outputs and channels that do not exist.
inline void pack_weights(const ConvTaps<float>& conv, std::int64_t group,
                         float* packed) {  // [groups][planes][taps][tiles] of weights (tile_shape.hpp)
    const std::int64_t planes = (conv.x.channels + tile_channels - 1) / tile_channels, first = group * group_outputs;
    const int tiles = group_tiles(conv.y.channels, group);
    auto* to = reinterpret_cast<std::uint16_t*>(packed) + first * planes * conv.tap_count * tile_channels;
    typedef FloatBits Pairs __attribute__((may_alias));
    alignas(64) float numbers[2][tile_outputs] = {};  // of a pair of channels
    for (std::int64_t plane = 0; plane < planes; ++plane)
        for (int t = 0; t < conv.tap_count; ++t)
            for (int tile = 0; tile < tiles; ++tile)
                for (int pair = 0; pair < tile_channels; pair += 2, to += 2 * tile_outputs) {
                    const std::int64_t k = first + tile * tile_outputs, left = conv.y.channels - k;
                    for (int i = 0; i < 2; ++i) {
                        const std::int64_t c = plane * tile_channels + pair + i;
                        const float* const w = conv.w + k * conv.w_output + c * conv.w_input + conv.taps[t].weight;
                        for (int j = 0; j < tile_outputs; ++j)
                            numbers[i][j] = c < conv.x.channels && j < left ? w[j * conv.w_output] : 0;
                    }
                    for (int j = 0; j < tile_outputs; j += lanes<float>)
                        *reinterpret_cast<Pairs*>(to + 2 * j) =
                            __builtin_convertvector(to_bfloat16(load(numbers[0] + j)), FloatBits) |
                            __builtin_convertvector(to_bfloat16(load(numbers[1] + j)), FloatBits) << 16;
                }
}

// Tiles of pixels, and the group of outputs, whose sums are made at once.
struct Block {
    const std::uint16_t* x[4];  // [planes][rows][pixels, 32], at the tiles' first pixels
    std::int64_t plane;
    const std::int64_t* offsets;  // of the taps
    int planes, taps;
    const std::uint16_t* w;  // [planes][taps][tiles]
    const float* bias;       // [tiles][16]
};

// sums: [4 tiles][16 pixels][16 outputs]; tile 2 i + j is pixels i, outputs j.
inline void run_two(const Block& b, float* sums) {
    Tiles tiles;
    tiles.start<0>(b.bias), tiles.start<1>(b.bias + tile_outputs);
    tiles.start<2>(b.bias), tiles.start<3>(b.bias + tile_outputs);
    const std::uint16_t* w = b.w;
    for (std::int64_t plane = 0, at = 0; plane < b.planes; ++plane, at += b.plane)
        for (int t = 0; t < b.taps; ++t, w += 2 * tile_elements) {
            tiles.take<4>(b.x[0] + at + b.offsets[t]), tiles.take<6>(w), tiles.multiply<0, 4, 6>();
            tiles.take<7>(w + tile_elements), tiles.multiply<1, 4, 7>();
            tiles.take<5>(b.x[1] + at + b.offsets[t]), tiles.multiply<2, 5, 6>(), tiles.multiply<3, 5, 7>();
        }
    constexpr int size = tile_pixels * tile_outputs;
    tiles.put<0>(sums), tiles.put<1>(sums + size), tiles.put<2>(sums + 2 * size), tiles.put<3>(sums + 3 * size);
}
// The same; tile i is pixels i.
inline void run_four(const Block& b, float* sums) {
    Tiles tiles;
    tiles.start<0>(b.bias), tiles.start<1>(b.bias), tiles.start<2>(b.bias), tiles.start<3>(b.bias);
    const std::uint16_t* w = b.w;
    for (std::int64_t plane = 0, at = 0; plane < b.planes; ++plane, at += b.plane)
        for (int t = 0; t < b.taps; ++t, w += tile_elements) {
            const std::int64_t from = at + b.offsets[t];
            tiles.take<7>(w), tiles.take<4>(b.x[0] + from), tiles.multiply<0, 4, 7>();
            tiles.take<5>(b.x[1] + from), tiles.multiply<1, 5, 7>();
            tiles.take<6>(b.x[2] + from), tiles.multiply<2, 6, 7>();
            tiles.take<4>(b.x[3] + from), tiles.multiply<3, 4, 7>();
        }
    constexpr int size = tile_pixels * tile_outputs;
    tiles.put<0>(sums), tiles.put<1>(sums + size), tiles.put<2>(sums + 2 * size), tiles.put<3>(sums + 3 * size);
}

inline void run_strip(const ConvTaps<float>& conv, const ConvStrip& strip,
                      const float* w,   // [groups][planes][taps][tiles] of weights
                      float* memory) {  // [planes][in_rows, phases, length, 32] of bfloat16
    auto* const packed = reinterpret_cast<std::uint16_t*>(memory);
    pack_strip(conv, strip, packed);
    const ConvStrips& s = conv.strips;
    const Epilogue<float>& epilogue = conv.epilogue;
    const std::int64_t outputs = conv.y.channels, across = (strip.cols + tile_pixels - 1) / tile_pixels,
                       all = strip.rows * across;
    const std::int64_t first = strip.image * conv.y.image + strip.row * conv.y.row + strip.col * conv.y.pixel;
    Block block{};
    block.plane = s.plane(), block.offsets = conv.offsets, block.taps = conv.tap_count;
    block.planes = static_cast<int>((conv.x.channels + tile_channels - 1) / tile_channels);
    constexpr int size = tile_pixels * tile_outputs;
    alignas(64) float sums[2][4 * size], bias[group_outputs];
    block.bias = bias;
    Tiles::begin();
    for (std::int64_t k = 0, turn = 0; k < outputs; k += group_outputs) {
        const int wide = group_tiles(outputs, k / group_outputs), tall = 4 / wide;
        block.w = reinterpret_cast<const std::uint16_t*>(w) + k * block.planes * conv.tap_count * tile_channels;
        for (std::int64_t i = 0; i < group_outputs; ++i) bias[i] = conv.bias && k + i < outputs ? conv.bias[k + i] : 0;
        for (std::int64_t tile = 0; tile < all; tile += tall, turn ^= 1) {
            std::int64_t y[4];
            int count[4];
            for (int i = 0; i < tall; ++i) {
                const std::int64_t at = tile + i < all ? tile + i : all - 1, row = at / across,
                                   col = at % across * tile_pixels, left = strip.cols - col;
                block.x[i] = packed + row * s.stride_y * s.row_step() + col * tile_channels;
                y[i] = first + row * conv.y.row + col * conv.y.pixel + k;
                count[i] = tile + i < all ? static_cast<int>(left < tile_pixels ? left : tile_pixels) : 0;
            }
            // Alternating, so that the next products need not wait until these sums are read.
            wide == 2 ? run_two(block, sums[turn]) : run_four(block, sums[turn]);
            for (int i = 0; i < 4; ++i) {
                const std::int64_t column = i % wide * tile_outputs, to = y[i / wide] + column,
                                   left = outputs - k - column;
                conv::finish_tile<float, tile_outputs / lanes<float>>(
                    {conv.y.data + to, conv.y.pixel, count[i / wide],
                     static_cast<int>(left < tile_outputs ? left : tile_outputs),
                     epilogue.residual ? epilogue.residual + to : nullptr, epilogue.gate ? epilogue.gate + to : nullptr,
                     epilogue.activation, static_cast<float>(epilogue.slope)},
                    sums[turn] + i * size);
            }
        }
    }
    Tiles::end();
}

inline detail::ConvStripKernel<float> kernel() {
    return {tile_channels, tuning::tile_cols, tuning::conv_rows, tile_channels,         tile_outputs,
            group_outputs, pack_weights,      run_strip,         sizeof(std::uint16_t), tile_pixels};
}

}  // namespace conv_tiles
