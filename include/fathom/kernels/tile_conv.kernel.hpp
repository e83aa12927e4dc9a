// Convolution on tiles. Four rows of 16 pixels of 16 outputs are summed up at once: for each plane and column of the
// kernel, its three weight tiles stay in registers while six input rows pass (nine with stride 2), each of which serves
// up to three output rows. That is 9 loads for 12 products; two by two tiles, the shape of a matrix product, need 12.

namespace tile_conv_kernel {

inline constexpr int at_once = 4, parts = tile_rows * tile_pixels / at_once;  // of a block, in finish

// Sums of one block whose numbers are still to be finished. That happens in parts between the next block's products,
// which leave the vector units idle.
struct Block {
    alignas(64) float sums[tile_rows * tile_pixels * tile_outputs];   // [4 rows][16 pixels][16 outputs]
    alignas(64) std::uint16_t unwanted[tile_pixels * tile_channels];  // rows that nobody wants end here
    std::uint16_t* out[tile_rows];                                    // at the block's first pixel
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
            v = epilogue == TileEpilogue::gate ? sigmoid(v) * load_bfloat16(other + n) : leaky_relu(v, slope);
            store_bfloat16(to + n, v);
            if (epilogue == TileEpilogue::activate_with_rest)
                store_bfloat16(to + tile_outputs + n, v - load_bfloat16(to + n));
        }
    }

    // Pixels [first, last) of row r.
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

    // The first `columns` pixels of each row, at once.
    void finish_some(const TileConv& conv, int columns) {
        for (int r = 0; r < tile_rows; ++r) finish_pixels(conv, r, 0, columns);
        next = parts;
    }

    // Floats: few, so at once.
    void store_numbers(const TileConv& conv, float* const* rows, std::int64_t column, int columns) const {
        for (int r = 0; r < tile_rows; ++r)
            for (int i = 0; i < columns && rows[r]; ++i) {
                const float* from = sums + (r * tile_pixels + i) * tile_outputs;
                if (conv.epilogue == TileEpilogue::pair_sum) {
                    rows[r][column + i] = from[0] + from[1];
                    continue;
                }
                FATHOM_UNROLL
                for (int n = 0; n < tile_outputs; n += lanes<float>)
                    store(rows[r] + (column + i) * conv.float_step + n, load(from + n));
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

// Of one plane of a 1x1 kernel.
template <class Between>
[[gnu::always_inline]] inline void add_pixels(Tiles& tiles, const Column& c, Between between) {
    tiles.take<4>(c.weights);
    take_row<5>(tiles, c, 0), tiles.multiply<0, 5, 4>();
    between.run();
    take_row<6>(tiles, c, 1), tiles.multiply<1, 6, 4>();
    between.run();
    take_row<7>(tiles, c, 2), tiles.multiply<2, 7, 4>();
    between.run();
    take_row<5>(tiles, c, 3), tiles.multiply<3, 5, 4>();
    between.run();
}

struct Finish {
    const TileConv& conv;
    Block* block;
    int count;
    [[gnu::always_inline]] void run() const { block->finish(conv, count); }
};

// stride: of a 3x3 kernel.
template <int taps, int stride>
void run_shape(const TileConv& conv) {
    const int in_rows = tile_conv_rows(taps, stride), turns = conv.planes * (taps == 3 ? 18 : 4);  // of between.run()
    // From one column of the kernel to the next, and from one of its rows.
    const std::int64_t across = (conv.transposed ? 1 : 3) * tile_elements, down = (conv.transposed ? 3 : 1) * tile_elements;
    const std::int64_t step = conv.stride * conv.in_step;
    Tiles tiles;
    Block blocks[2];
    int current = 0;
    for (std::int64_t column = 0; column < conv.columns; column += tile_pixels)
        for (int n = 0; n < conv.outputs; n += tile_outputs, current ^= 1) {
            const Finish between{conv, &blocks[current ^ 1], taps == 3 ? 1 : (parts + turns - 1) / turns};
            const float* bias = conv.bias + n;
            tiles.start<0>(bias), tiles.start<1>(bias), tiles.start<2>(bias), tiles.start<3>(bias);
            Column c{conv.rows, column * step, step,
                     conv.weights + std::int64_t{n} * conv.planes * taps * taps * tile_channels, down};
            for (int plane = 0; plane < conv.planes; ++plane) {
                if constexpr (taps == 1) {
                    add_pixels(tiles, c, between);
                } else {
                    for (int x = -1; x <= 1; ++x)
                        add_column<stride>(
                            tiles, {c.rows, c.at + x * conv.in_step, c.step, c.weights + (x + 1) * across, down},
                            between);
                }
                c.rows += in_rows, c.weights += taps * taps * tile_elements;
            }
            Block& block = blocks[current];
            constexpr int row = tile_pixels * tile_outputs;
            tiles.put<0>(block.sums), tiles.put<1>(block.sums + row);
            tiles.put<2>(block.sums + 2 * row), tiles.put<3>(block.sums + 3 * row);
            const int columns =
                static_cast<int>(conv.columns - column < tile_pixels ? conv.columns - column : tile_pixels);
            if (conv.floats) {
                block.store_numbers(conv, conv.floats + n / tile_outputs * tile_rows, column, columns);
                continue;
            }
            for (int r = 0; r < tile_rows; ++r) {
                const int at = n / tile_outputs * tile_rows + r;
                const bool wanted = conv.out[at];
                block.step[r] = wanted ? conv.out_step : tile_channels;
                block.out[r] = wanted ? conv.out[at] + column * conv.out_step : block.unwanted;
                block.other[r] = wanted && conv.other ? conv.other[at] + column * conv.out_step : block.unwanted;
            }
            block.next = 0;
            if (columns < tile_pixels) block.finish_some(conv, columns);
        }
    blocks[current ^ 1].finish(conv, parts);
}

inline void run(const TileConv& conv) {
    if (conv.taps == 1)
        run_shape<1, 1>(conv);
    else
        conv.stride == 1 ? run_shape<3, 1>(conv) : run_shape<3, 2>(conv);
}

}  // namespace tile_conv_kernel
