// Convolution on tiles. Four rows of 16 pixels of 16 outputs are summed up at once: for each plane and column of the
// kernel, its three weight tiles stay in registers while six input rows pass (nine with stride 2), each of which serves
// up to three output rows. That is 9 loads for 12 products; two by two tiles, the shape of a matrix product, need 12.
// 1x1 kernels are a matrix product: two rows by 32 outputs.

namespace tile_conv_kernel {

inline constexpr int at_once = 4, parts = tile_rows * tile_pixels / at_once;  // of a block, in finish

// The sigmoid 1 / (1 + 2^-x') for x' = x log2(e), to some 2^-17 of it: more than bfloat16 holds, in half of the time of
// math.kernel.hpp's. NaN passes both bounds, as their second operand.
[[gnu::always_inline]] inline Vec<float> gate(Vec<float> x) {
    const Vec<float> t = max(splat(-126.0f), min(splat(126.0f), x * splat(-0x1.715476p+0f)));
    const Mask<float> k = __builtin_convertvector(t + copysign(splat(0.5f), t), Mask<float>);
    const Vec<float> f = t - __builtin_convertvector(k, Vec<float>);  // |f| <= 1/2
    Vec<float> p = splat(0x1.3a95f4p-7f);  // 2^f, by a polynomial of the least error relative to it
    p = fma(p, f, splat(0x1.ca123ap-5f));
    p = fma(p, f, splat(0x1.ec017ap-3f));
    p = fma(p, f, splat(0x1.62e0e2p-1f));
    p = fma(p, f, splat(1.0f));
    const Vec<float> d = splat(1.0f) + reinterpret_cast<Vec<float>>(reinterpret_cast<Mask<float>>(p) + (k << 23));
#ifdef FATHOM_TILES
    Vec<float> r;
    asm("vrcp14ps %1, %0" : "=v"(r) : "v"(d));
    return fma(r, fma(negate(d), r, splat(1.0f)), r);  // a step of Newton's: a division takes 24 clocks
#else
    return splat(1.0f) / d;
#endif
}

// Sums of one block whose numbers are still to be finished. That happens in parts between the next block's products,
// which leave the vector units idle.
struct Block {
    alignas(64) float sums[tile_rows * tile_pixels * tile_outputs];   // [4 tiles][16 pixels][16 outputs]
    alignas(64) std::uint16_t unwanted[tile_pixels * tile_channels];  // tiles that nobody wants end here
    std::uint16_t* out[tile_rows];                                    // at the tiles' first pixels
    const std::uint16_t* other[tile_rows];
    std::int64_t step[tile_rows];  // of both
    int next = parts;

    template <TileEpilogue epilogue>
    [[gnu::always_inline]] static void finish_pixel(const float* from, std::uint16_t* to, const std::uint16_t* other,
                                                    float slope) {
        FATHOM_UNROLL
        for (int n = 0; n < tile_outputs; n += lanes<float>) {
            Vec<float> v = load(from + n);
            if (epilogue == TileEpilogue::add) v += load_bfloat16(other + n);
            v = epilogue == TileEpilogue::gate ? gate(v) * load_bfloat16(other + n) : leaky_relu(v, slope);
            store_bfloat16(to + n, v);
            if (epilogue == TileEpilogue::activate_with_rest)
                store_bfloat16(to + tile_outputs + n, v - load_bfloat16(to + n));
        }
    }

    // Pixels [first, last) of tile r.
    template <TileEpilogue epilogue>
    [[gnu::always_inline]] void finish_pixels(float slope, int r, int first, int last) {
        const float* from = sums + (r * tile_pixels + first) * tile_outputs;
        const std::int64_t s = step[r];
        std::uint16_t* to = out[r] + first * s;
        const std::uint16_t* more = other[r] + first * s;
        for (int i = 0; i < last - first; ++i)
            finish_pixel<epilogue>(from + i * tile_outputs, to + i * s, more + i * s, slope);
    }

    // The rarer ones out of line: one copy for all shapes.
    [[gnu::noinline]] void finish_otherwise(const TileConv& conv, int r, int first, int last) {
        switch (conv.epilogue) {
            case TileEpilogue::activate_with_rest:
                return finish_pixels<TileEpilogue::activate_with_rest>(conv.slope, r, first, last);
            case TileEpilogue::add:
                return finish_pixels<TileEpilogue::add>(conv.slope, r, first, last);
            case TileEpilogue::gate:
                return finish_pixels<TileEpilogue::gate>(conv.slope, r, first, last);
            case TileEpilogue::activate:
            case TileEpilogue::numbers:
            case TileEpilogue::pair_sum:
                return;
        }
    }
    [[gnu::always_inline]] void finish_pixels(const TileConv& conv, int r, int first, int last) {
        if (conv.epilogue == TileEpilogue::activate)
            finish_pixels<TileEpilogue::activate>(conv.slope, r, first, last);
        else
            finish_otherwise(conv, r, first, last);
    }

    // The next `count` parts, for a whole block.
    [[gnu::always_inline]] void finish(const TileConv& conv, int count) {
        for (; count > 0 && next < parts; --count, ++next) {
            const int first = next % (tile_pixels / at_once) * at_once;
            finish_pixels(conv, next / (tile_pixels / at_once), first, first + at_once);
        }
    }

    // The first `columns` pixels of each tile, at once.
    void finish_some(const TileConv& conv, int columns) {
        for (int r = 0; r < tile_rows; ++r) finish_pixels(conv, r, 0, columns);
        next = parts;
    }

    // Floats of tile i: few, so at once.
    void store_numbers(const TileConv& conv, int i, float* to, std::int64_t column, int columns) const {
        const float* from = sums + i * tile_pixels * tile_outputs;
        for (int k = 0; k < columns; ++k, from += tile_outputs) {
            if (conv.epilogue == TileEpilogue::pair_sum) {
                to[column + k] = from[0] + from[1];
                continue;
            }
            FATHOM_UNROLL
            for (int n = 0; n < tile_outputs; n += lanes<float>)
                store(to + (column + k) * conv.float_step + n, load(from + n));
        }
    }
};

// Where a kernel's column lies in the input and its weights.
struct Column {
    const std::uint16_t* const* rows;
    std::int64_t at, step;  // of the first pixel, from pixel to pixel
    const std::uint16_t* weights;
    std::int64_t weight_step;  // from one row of the kernel to the next
};

template <int operand>
[[gnu::always_inline]] inline void take_row(Tiles& tiles, const Column& c, int row) {
    tiles.take<operand>(c.rows[row] + c.at, c.step);
}

// Products of one plane and column of a 3x3 kernel. Between the input rows, `between()`.
template <int stride, class Between>
[[gnu::always_inline]] inline void add_column(Tiles& tiles, const Column& c, Between between) {
    tiles.take<5>(c.weights);
    tiles.take<6>(c.weights + c.weight_step);
    tiles.take<7>(c.weights + 2 * c.weight_step);
    take_row<4>(tiles, c, 0), tiles.multiply<0, 4, 5>();
    between.run();
    if constexpr (stride == 1) {
        take_row<4>(tiles, c, 1), tiles.multiply<1, 4, 5>(), tiles.multiply<0, 4, 6>();
        between.run();
        take_row<4>(tiles, c, 2), tiles.multiply<2, 4, 5>(), tiles.multiply<1, 4, 6>(), tiles.multiply<0, 4, 7>();
        between.run();
        take_row<4>(tiles, c, 3), tiles.multiply<3, 4, 5>(), tiles.multiply<2, 4, 6>(), tiles.multiply<1, 4, 7>();
        between.run();
        take_row<4>(tiles, c, 4), tiles.multiply<3, 4, 6>(), tiles.multiply<2, 4, 7>();
        between.run();
        take_row<4>(tiles, c, 5), tiles.multiply<3, 4, 7>();
        between.run();
    } else {
        take_row<4>(tiles, c, 1), tiles.multiply<0, 4, 6>();
        take_row<4>(tiles, c, 2), tiles.multiply<0, 4, 7>(), tiles.multiply<1, 4, 5>();
        between.run();
        take_row<4>(tiles, c, 3), tiles.multiply<1, 4, 6>();
        between.run();
        take_row<4>(tiles, c, 4), tiles.multiply<1, 4, 7>(), tiles.multiply<2, 4, 5>();
        between.run();
        take_row<4>(tiles, c, 5), tiles.multiply<2, 4, 6>();
        take_row<4>(tiles, c, 6), tiles.multiply<2, 4, 7>(), tiles.multiply<3, 4, 5>();
        between.run();
        take_row<4>(tiles, c, 7), tiles.multiply<3, 4, 6>();
        take_row<4>(tiles, c, 8), tiles.multiply<3, 4, 7>();
        between.run();
    }
}

// Of one plane of a 1x1 kernel: two rows by 32 outputs, whose second half has its weights a step further on.
template <class Between>
[[gnu::always_inline]] inline void add_pixels(Tiles& tiles, const Column& c, Between between) {
    tiles.take<4>(c.weights), tiles.take<5>(c.weights + c.weight_step);
    take_row<6>(tiles, c, 0), tiles.multiply<0, 6, 4>(), tiles.multiply<1, 6, 5>();
    between.run();
    take_row<7>(tiles, c, 1), tiles.multiply<2, 7, 4>(), tiles.multiply<3, 7, 5>();
    between.run();
}

struct Finish {
    const TileConv& conv;
    Block* block;
    int count;
    [[gnu::always_inline]] void run() const { block->finish(conv, count); }
};

// Takes the sums of tiles 0 to 3 into a block; tile i is row row + i / outputs, outputs 16 (i % outputs) on from half.
[[gnu::always_inline]] inline void take_sums(Tiles& tiles, const TileConv& conv, Block& block, std::int64_t column,
                                             int half, int row, int outputs) {
    constexpr int size = tile_pixels * tile_outputs;
    tiles.put<0>(block.sums), tiles.put<1>(block.sums + size);
    tiles.put<2>(block.sums + 2 * size), tiles.put<3>(block.sums + 3 * size);
    const int columns = static_cast<int>(conv.columns - column < tile_pixels ? conv.columns - column : tile_pixels);
    FATHOM_UNROLL
    for (int i = 0; i < tile_rows; ++i) {
        const int at = (half + i % outputs) * tile_rows + row + i / outputs;
        const bool exists = at < conv.outputs / tile_outputs * tile_rows;
        if (conv.floats) {
            if (exists && conv.floats[at]) block.store_numbers(conv, i, conv.floats[at], column, columns);
            continue;
        }
        const bool wanted = exists && conv.out[at];
        block.step[i] = wanted ? conv.out_step : tile_channels;
        block.out[i] = wanted ? conv.out[at] + column * conv.out_step : block.unwanted;
        block.other[i] = wanted && conv.other ? conv.other[at] + column * conv.out_step : block.unwanted;
    }
    block.next = conv.floats ? parts : 0;
    if (!conv.floats && columns < tile_pixels) block.finish_some(conv, columns);
}

template <int stride>
void run_3x3(const TileConv& conv) {
    constexpr int in_rows = tile_conv_rows(3, stride);
    // From one column of the kernel to the next, and from one of its rows.
    const std::int64_t across = (conv.transposed ? 1 : 3) * tile_elements,
                       down = (conv.transposed ? 3 : 1) * tile_elements, step = stride * conv.in_step;
    Tiles tiles;
    Block blocks[2];
    int current = 0;
    for (std::int64_t column = 0; column < conv.columns; column += tile_pixels)
        for (int n = 0; n < conv.outputs; n += tile_outputs, current ^= 1) {
            const Finish between{conv, &blocks[current ^ 1], 1};
            const float* bias = conv.bias + n;
            tiles.start<0>(bias), tiles.start<1>(bias), tiles.start<2>(bias), tiles.start<3>(bias);
            const std::uint16_t* w = conv.weights + std::int64_t{n} * conv.planes * 9 * tile_channels;
            const std::uint16_t* const* rows = conv.rows;
            for (int plane = 0; plane < conv.planes; ++plane, rows += in_rows, w += 9 * tile_elements)
                for (int x = -1; x <= 1; ++x)
                    add_column<stride>(
                        tiles, {rows, column * step + x * conv.in_step, step, w + (x + 1) * across, down}, between);
            take_sums(tiles, conv, blocks[current], column, n / tile_outputs, 0, 1);
        }
    blocks[current ^ 1].finish(conv, parts);
}

// Outputs by pairs of tiles; where their number is odd, the last one's weights are its own partner's, whose sums
// nobody wants.
inline void run_1x1(const TileConv& conv) {
    const std::int64_t step = conv.stride * conv.in_step, weights = std::int64_t{conv.planes} * tile_elements;
    const int turns = conv.planes * 2;  // of between.run()
    Tiles tiles;
    Block blocks[2];
    int current = 0;
    for (std::int64_t column = 0; column < conv.columns; column += tile_pixels)
        for (int n = 0; n < conv.outputs; n += 2 * tile_outputs)
            for (int row = 0; row < tile_rows; row += 2, current ^= 1) {
                const Finish between{conv, &blocks[current ^ 1], (parts + turns - 1) / turns};
                const bool pair = n + tile_outputs < conv.outputs;
                const float *bias = conv.bias + n, *second = bias + (pair ? tile_outputs : 0);
                tiles.start<0>(bias), tiles.start<1>(second), tiles.start<2>(bias), tiles.start<3>(second);
                Column c{conv.rows + row, column * step, step,
                         conv.weights + std::int64_t{n} * conv.planes * tile_channels, pair ? weights : 0};
                for (int plane = 0; plane < conv.planes; ++plane, c.rows += tile_rows, c.weights += tile_elements)
                    add_pixels(tiles, c, between);
                take_sums(tiles, conv, blocks[current], column, n / tile_outputs, row, 2);
            }
    blocks[current ^ 1].finish(conv, parts);
}

inline void run(const TileConv& conv) {
    if (conv.taps == 1)
        run_1x1(conv);
    else
        conv.stride == 1 ? run_3x3<1>(conv) : run_3x3<2>(conv);
}

}  // namespace tile_conv_kernel
