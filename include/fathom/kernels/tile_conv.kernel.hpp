// Convolution on tiles. Four rows of 16 pixels of 16 outputs are summed up at once: for each plane and column of the
// kernel, its three weight tiles stay in registers while six input rows pass, each of which serves up to three output
// rows. That is 9 loads for 12 products; two by two tiles, the shape of a matrix product, need 12.

namespace tile_conv_kernel {

inline constexpr int at_once = 4, parts = tile_rows * tile_pixels / at_once;  // of a block, in finish

// Sums of one block whose numbers are still to be finished. That happens in parts between the next block's products,
// which leave the vector units idle.
struct Block {
    alignas(64) float sums[tile_rows * tile_pixels * tile_outputs];   // [4 rows][16 pixels][16 outputs]
    alignas(64) std::uint16_t unwanted[tile_pixels * tile_channels];  // rows that nobody wants end here
    std::uint16_t* out[tile_rows];                                    // at the block's first pixel
    int next = parts;

    // The next `count` parts, for a whole block.
    [[gnu::always_inline]] void finish(float slope, int count) {
        for (; count > 0 && next < parts; --count, ++next) {
            const float* from = sums + next * at_once * tile_outputs;
            std::uint16_t* to =
                out[next / (tile_pixels / at_once)] + next % (tile_pixels / at_once) * (at_once * tile_channels);
            FATHOM_UNROLL
            for (int i = 0; i < at_once; ++i) {
                FATHOM_UNROLL
                for (int n = 0; n < tile_outputs; n += lanes<float>)
                    store_bfloat16(to + i * tile_channels + n, leaky_relu(load(from + i * tile_outputs + n), slope));
            }
        }
    }

    // The first `columns` pixels of each row, at once.
    void finish_some(float slope, int columns) {
        for (int r = 0; r < tile_rows; ++r)
            for (int i = 0; i < columns; ++i)
                for (int n = 0; n < tile_outputs; n += lanes<float>)
                    store_bfloat16(out[r] + i * tile_channels + n,
                                   leaky_relu(load(sums + (r * tile_pixels + i) * tile_outputs + n), slope));
        next = parts;
    }

    // TileConv's sums: few, so at once.
    void add_up(float* const* rows, std::int64_t column, int columns) {
        for (int r = 0; r < tile_rows; ++r)
            for (int i = 0; i < columns && rows[r]; ++i) {
                const float* pair = sums + (r * tile_pixels + i) * tile_outputs;
                rows[r][column + i] = pair[0] + pair[1];
            }
    }
};

// Products of one plane and column of a 3x3 kernel. Between the input rows, `between()`.
template <class Between>
[[gnu::always_inline]] inline void add_column(Tiles& tiles, const std::uint16_t* const* rows, std::int64_t at,
                                              const std::uint16_t* w, Between between) {
    tiles.take<5>(w);
    tiles.take<6>(w + tile_elements);
    tiles.take<7>(w + 2 * tile_elements);
    tiles.take<4>(rows[0] + at), tiles.multiply<0, 4, 5>();
    between.run();
    tiles.take<4>(rows[1] + at), tiles.multiply<1, 4, 5>(), tiles.multiply<0, 4, 6>();
    between.run();
    tiles.take<4>(rows[2] + at), tiles.multiply<2, 4, 5>(), tiles.multiply<1, 4, 6>(), tiles.multiply<0, 4, 7>();
    between.run();
    tiles.take<4>(rows[3] + at), tiles.multiply<3, 4, 5>(), tiles.multiply<2, 4, 6>(), tiles.multiply<1, 4, 7>();
    between.run();
    tiles.take<4>(rows[4] + at), tiles.multiply<3, 4, 6>(), tiles.multiply<2, 4, 7>();
    between.run();
    tiles.take<4>(rows[5] + at), tiles.multiply<3, 4, 7>();
    between.run();
}

// Of one plane of a 1x1 kernel.
template <class Between>
[[gnu::always_inline]] inline void add_pixels(Tiles& tiles, const std::uint16_t* const* rows, std::int64_t at,
                                              const std::uint16_t* w, Between between) {
    tiles.take<4>(w);
    tiles.take<5>(rows[0] + at), tiles.multiply<0, 5, 4>();
    between.run();
    tiles.take<6>(rows[1] + at), tiles.multiply<1, 6, 4>();
    between.run();
    tiles.take<7>(rows[2] + at), tiles.multiply<2, 7, 4>();
    between.run();
    tiles.take<5>(rows[3] + at), tiles.multiply<3, 5, 4>();
    between.run();
}

struct Finish {
    Block* block;
    float slope;
    int count;
    [[gnu::always_inline]] void run() const { block->finish(slope, count); }
};

template <int taps>
void run_shape(const TileConv& conv) {
    constexpr int in_rows = tile_rows + taps - 1;
    const int turns = conv.planes * (taps == 3 ? 18 : 4);  // of between.run()
    Tiles tiles;
    Block blocks[2];
    int current = 0;
    for (std::int64_t column = 0; column < conv.columns; column += tile_pixels)
        for (int n = 0; n < conv.outputs; n += tile_outputs, current ^= 1) {
            const Finish between{&blocks[current ^ 1], conv.slope, taps == 3 ? 1 : (parts + turns - 1) / turns};
            const float* bias = conv.bias + n;
            tiles.start<0>(bias), tiles.start<1>(bias), tiles.start<2>(bias), tiles.start<3>(bias);
            const std::uint16_t* w = conv.weights + std::int64_t{n} * conv.planes * taps * taps * tile_channels;
            const std::uint16_t* const* rows = conv.rows;
            for (int plane = 0; plane < conv.planes; ++plane, rows += in_rows) {
                if constexpr (taps == 1) {
                    add_pixels(tiles, rows, column * tile_channels, w, between);
                    w += tile_elements;
                } else {
                    for (int x = -1; x <= 1; ++x, w += 3 * tile_elements)
                        add_column(tiles, rows, (column + x) * tile_channels, w, between);
                }
            }
            Block& block = blocks[current];
            constexpr int row = tile_pixels * tile_outputs;
            tiles.put<0>(block.sums), tiles.put<1>(block.sums + row);
            tiles.put<2>(block.sums + 2 * row), tiles.put<3>(block.sums + 3 * row);
            const int columns =
                static_cast<int>(conv.columns - column < tile_pixels ? conv.columns - column : tile_pixels);
            if (conv.sums) {
                block.add_up(conv.sums, column, columns);
                continue;
            }
            for (int r = 0; r < tile_rows; ++r) {
                std::uint16_t* out = conv.out[n / tile_outputs * tile_rows + r];
                block.out[r] = out ? out + column * tile_channels : block.unwanted;
            }
            block.next = 0;
            if (columns < tile_pixels) block.finish_some(conv.slope, columns);
        }
    blocks[current ^ 1].finish(conv.slope, parts);
}

inline void run(const TileConv& conv) { conv.taps == 1 ? run_shape<1>(conv) : run_shape<3>(conv); }

}  // namespace tile_conv_kernel
