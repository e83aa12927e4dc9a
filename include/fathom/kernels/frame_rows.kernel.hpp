// First layer, Sobel magnitude and last layer on rows.

namespace frame_rows {

[[gnu::always_inline]] inline Vec<float> load_row(const float* p) { return load(p); }
[[gnu::always_inline]] inline Vec<float> load_row(const std::uint16_t* p) { return load_bfloat16(p); }
[[gnu::always_inline]] inline void store_row(float* p, Vec<float> v) { store(p, v); }
[[gnu::always_inline]] inline void store_row(std::uint16_t* p, Vec<float> v) { store_bfloat16(p, v); }

template <class Element>
void stem(const StemRows<Element>& s) {
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
                store_row(s.out[r] + i * tile_channels + k, sum);
                Element* const copy = s.copy[r] + i * tile_channels + k;
                store_row(copy, sum);
                if constexpr (sizeof(Element) == 2) store_row(copy + tile_outputs, sum - load_row(copy));
            }
        }
    }
}

// One vector of channels of one output row. Three columns of three rows are in registers, of which each step loads one.
template <class Element>
[[gnu::noinline]] void sobel_row(const Element* const* rows,  // [3], at the first output's column
                                 const float* wx,             // [3, 3][channels]
                                 const float* wy,             // [3, 3][channels]
                                 int channels, std::int64_t columns, Element* out) {
    Vec<float> x[9], y[9], pixel[3][3];  // pixel[column % 3][row]
    FATHOM_UNROLL
    for (int t = 0; t < 9; ++t) x[t] = load(wx + t * channels), y[t] = load(wy + t * channels);
    FATHOM_UNROLL
    for (int r = 0; r < 3; ++r) {
        pixel[0][r] = load_row(rows[r] - tile_channels);
        pixel[1][r] = load_row(rows[r]);
    }
    for (std::int64_t i = 0; i < columns; i += 3) {
        FATHOM_UNROLL
        for (int c = 0; c < 3; ++c) {  // reads up to two columns too many, within the overhang
            FATHOM_UNROLL
            for (int r = 0; r < 3; ++r) pixel[(c + 2) % 3][r] = load_row(rows[r] + (i + c + 1) * tile_channels);
            Vec<float> gx{}, gy{};
            FATHOM_UNROLL
            for (int t = 0; t < 9; ++t) {
                const Vec<float> value = pixel[(c + t % 3) % 3][t / 3];
                gx = fma(value, x[t], gx), gy = fma(value, y[t], gy);
            }
            if (i + c < columns) store_row(out + (i + c) * tile_channels, abs(gx) + abs(gy));
        }
    }
}

template <class Element>
void sobel(const SobelRows<Element>& s) {
    for (int r = 0; r < tile_rows; ++r)
        for (int k = 0; k < s.channels && s.out[r]; k += lanes<float>) {
            const Element* rows[] = {s.rows[r] + k, s.rows[r + 1] + k, s.rows[r + 2] + k};
            sobel_row(rows, s.weights_x + k, s.weights_y + k, s.channels, s.columns, s.out[r] + k);
        }
}

inline void last(const LastRows& s) {
    constexpr int n = lanes<float>, vectors = 16 / n;
    for (int r = 0; r < tile_rows; ++r)
        for (std::int64_t i = 0; s.out[r] && i < s.columns; ++i) {
            Vec<float> sum[vectors]{};
            FATHOM_UNROLL
            for (int t = 0; t < 9; ++t) {
                FATHOM_UNROLL
                for (int v = 0; v < vectors; ++v)
                    sum[v] = fma(load(s.rows[r + t / 3] + (i + t % 3 - 1) * tile_channels + v * n),
                                 load(s.weights + t * 16 + v * n), sum[v]);
            }
            for (int v = 1; v < vectors; ++v) sum[0] += sum[v];
            s.out[r][i] = s.bias + horizontal_sum<float>(sum[0]);
        }
}

}  // namespace frame_rows
