// First layer and Sobel magnitude on rows in bfloat16.

namespace bfloat16_rows {

inline void stem(const StemRows& s) {
    constexpr int n = lanes<float>;
    for (int r = 0; r < tile_rows; ++r) {
        if (!s.out[r]) continue;
        for (int k = 0; k < tile_outputs; k += n) {
            Vec<float> w[9];
            FATHOM_UNROLL
            for (int t = 0; t < 9; ++t) w[t] = load(s.weights + t * tile_outputs + k);
            const Vec<float> bias = load(s.bias + k);
            for (std::int64_t i = 0; i < s.columns; ++i) {
                Vec<float> sum = bias;
                FATHOM_UNROLL
                for (int t = 0; t < 9; ++t) sum = fma(splat(s.rows[r + t / 3][i + t % 3]), w[t], sum);
                sum = leaky_relu(sum, s.slope);
                store_bfloat16(s.out[r] + i * tile_channels + k, sum);
                store_bfloat16(s.copy[r] + i * tile_channels + k, sum);
            }
        }
    }
}

// One vector of channels of one output row. Three columns of three rows are in registers, of which each step loads one.
[[gnu::noinline]] inline void sobel_row(const std::uint16_t* const* rows,  // [3], at the first output's column
                                        const float* wx,                   // [3, 3][channels]
                                        const float* wy,                   // [3, 3][channels]
                                        int channels, std::int64_t columns, std::uint16_t* out) {
    Vec<float> x[9], y[9], pixel[3][3];  // pixel[column % 3][row]
    FATHOM_UNROLL
    for (int t = 0; t < 9; ++t) x[t] = load(wx + t * channels), y[t] = load(wy + t * channels);
    FATHOM_UNROLL
    for (int r = 0; r < 3; ++r) {
        pixel[0][r] = load_bfloat16(rows[r] - tile_channels);
        pixel[1][r] = load_bfloat16(rows[r]);
    }
    for (std::int64_t i = 0; i < columns; i += 3) {
        FATHOM_UNROLL
        for (int c = 0; c < 3; ++c) {  // reads up to two columns too many, within the overhang
            FATHOM_UNROLL
            for (int r = 0; r < 3; ++r) pixel[(c + 2) % 3][r] = load_bfloat16(rows[r] + (i + c + 1) * tile_channels);
            Vec<float> gx{}, gy{};
            FATHOM_UNROLL
            for (int t = 0; t < 9; ++t) {
                const Vec<float> value = pixel[(c + t % 3) % 3][t / 3];
                gx = fma(value, x[t], gx), gy = fma(value, y[t], gy);
            }
            if (i + c < columns) store_bfloat16(out + (i + c) * tile_channels, abs(gx) + abs(gy));
        }
    }
}

inline void sobel(const SobelRows& s) {
    for (int r = 0; r < tile_rows; ++r)
        for (int k = 0; k < s.channels && s.out[r]; k += lanes<float>) {
            const std::uint16_t* rows[] = {s.rows[r] + k, s.rows[r + 1] + k, s.rows[r + 2] + k};
            sobel_row(rows, s.weights_x + k, s.weights_y + k, s.channels, s.columns, s.out[r] + k);
        }
}

}  // namespace bfloat16_rows
