// Convolution of few channels, each a plane of its own in a packed strip, so that a single channel does not cost a
// block. In the weight pass each (channel, tap) is one number of a list that shares registers with a vector of outputs.

namespace conv {

using tuning::conv_listed;

template <class T>
void few_channels_strip(const ConvTaps<T>& conv, const ConvStrip& strip,
                        const T* w,   // [groups][channels, taps, vectors * lanes]
                        T* packed) {  // [channels][in_rows, phases, length]
    for_packed_rows<T>(conv, strip, packed, [&](std::int64_t row, std::int64_t rows, const T*) {
        run_rows<T, 1>(conv, strip, row, rows, w, packed, nullptr);
    });
}

// Adds over the pixels, number j of the list being x at offsets[j]:
//   sums[j, lane] += number j * dy[pixel, lane]
template <class T>
[[gnu::noinline]] void listed_tile(const T* x,                   // [channels][rows, pixels]
                                   const std::int64_t* offsets,  // [numbers]
                                   std::int64_t x_row,
                                   const T* dy,  // [rows, pixels, lanes]
                                   std::int64_t dy_row, std::int64_t rows, std::int64_t cols,
                                   T* sums) {  // [numbers, lanes]
    constexpr int n = lanes<T>;
    Vec<T> sum[conv_listed];
    FATHOM_UNROLL
    for (int j = 0; j < conv_listed; ++j) sum[j] = load(sums + j * n);
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* xr[conv_listed];
        FATHOM_UNROLL
        for (int j = 0; j < conv_listed; ++j) xr[j] = x + offsets[j] + r * x_row;
        const T* dyi = dy + r * dy_row;
        for (std::int64_t i = 0; i < cols; ++i) {
            const Vec<T> gradient = load(dyi + i * n);
            FATHOM_UNROLL
            for (int j = 0; j < conv_listed; ++j) sum[j] = fma(splat(xr[j][i]), gradient, sum[j]);
        }
    }
    FATHOM_UNROLL
    for (int j = 0; j < conv_listed; ++j) store(sums + j * n, sum[j]);
}

// Few input channels: each (channel, tap) is one number of a list.
template <class T>
void few_channels_pass(const ConvWeightTaps<T>& conv, const Source<T>& x, const Source<T>& dy, std::int64_t rows,
                       std::int64_t cols, T* sums) {  // [channels * taps, lanes]
    constexpr int n = lanes<T>;
    const std::int64_t count = conv.x.channels * conv.tap_count;
    for (std::int64_t j0 = 0; j0 < count; j0 += conv_listed) {
        std::int64_t offsets[conv_listed];  // [numbers]
        for (std::int64_t j = 0; j < conv_listed; ++j) {
            const std::int64_t at = j0 + j < count ? j0 + j : count - 1;
            offsets[j] = at / conv.tap_count * x.plane + conv.offsets[at % conv.tap_count];
        }
        // The last group may list a number twice: only the first count.
        T surplus[conv_listed * n];  // [numbers, lanes]
        const std::int64_t use = count - j0 < conv_listed ? count - j0 : conv_listed;
        for (std::int64_t j = 0; j < conv_listed * n; ++j) surplus[j] = j < use * n ? sums[j0 * n + j] : T(0);
        listed_tile<T>(x.data, offsets, x.row, dy.data, dy.row, rows, cols, surplus);
        for (std::int64_t j = 0; j < use * n; ++j) sums[j0 * n + j] = surplus[j];
    }
}

template <class T>
void few_channels_weight_strip(const ConvWeightTaps<T>& conv, const ConvStrip& strip,
                               T* packed,     // [channels][in_rows, phases, length]
                               T* packed_dy,  // [output vectors][rows, 2 + cols + 2, lanes]
                               T* partial,    // [output vectors][channels, taps, lanes]
                               T* bias) {     // [outputs]
    for_weight_rows<T, false>(
        conv, strip, packed, partial != nullptr, bias,
        [&](const Source<T>& x, const T*, std::int64_t first, std::int64_t rows, const Ahead& ahead) {
            Source<T> gradient = packed_gradient<T>(conv, strip, first, rows, packed_dy);
            const std::int64_t vectors = (conv.dy.channels + lanes<T> - 1) / lanes<T>;
            for (std::int64_t k = 0; k < vectors; ++k, gradient.data += gradient.plane) {
                ahead.bring(k, vectors);
                few_channels_pass<T>(conv, x, gradient, rows, strip.cols,
                                     partial + k * conv.x.channels * conv.tap_count * lanes<T>);
            }
        });
}

template <class T>
detail::ConvStripKernel<T> few_channels_kernel() {
    return {1,
            tuning::conv_plane_cols,
            tuning::conv_plane_rows,
            1,
            tuning::most_lanes,
            group_vectors * lanes<T>,
            pack_weights<T>,
            few_channels_strip<T>};
}

template <class T>
detail::ConvWeightKernel<T> few_channels_weight_kernel() {
    return {1, true, true, partial_elements<T>, few_channels_weight_strip<T>, combine_weights<T>};
}

}  // namespace conv
