// Convolution with few outputs of many channels (the last layer of a fusion net has one): vectors run along the
// channels, so that their lanes are full, and are summed at the end.

namespace conv {

using tuning::conv_listed;

// Weights of output k.
template <class T>
void pack_weights_by_channel(const ConvTaps<T>& conv, std::int64_t k,
                             T* packed) {  // [outputs][channel blocks][taps, block]
    const std::int64_t planes = (conv.x.channels + conv_block - 1) / conv_block;
    T* dst = packed + k * planes * conv.tap_count * conv_block;
    for (std::int64_t c0 = 0; c0 < conv.x.channels; c0 += conv_block)
        for (int t = 0; t < conv.tap_count; ++t)
            for (std::int64_t c = c0; c < c0 + conv_block; ++c)
                *dst++ =
                    c < conv.x.channels ? conv.w[k * conv.w_output + c * conv.w_input + conv.taps[t].weight] : T(0);
}

// Output rows [row, row + rows) of the strip. Vectors along the channels are summed at the end.
template <class T>
void run_rows_few_outputs(const ConvTaps<T>& conv, const ConvStrip& strip, std::int64_t row, std::int64_t rows,
                          const T* w,        // [outputs][channel blocks][taps, block]
                          const T* packed,   // [channel blocks][in_rows, phases, length, block]
                          const T* ahead) {  // [pixels, channels]
    const ConvStrips& s = conv.strips;
    constexpr int pixels = tuning::conv_few_outputs_pixels;
    const T slope = static_cast<T>(conv.epilogue.slope);
    const T *residual = conv.epilogue.residual, *gate = conv.epilogue.gate;
    const Activation activation = conv.epilogue.activation;
    for (std::int64_t r = row; r < row + rows; ++r) {
        const std::int64_t out = strip.image * conv.y.image + (strip.row + r) * conv.y.row + strip.col * conv.y.pixel;
        for (std::int64_t col = 0; col < strip.cols; col += pixels) {
            if (ahead)
                for (std::int64_t c = 0; c < pixels * conv.x.pixel * s.stride_x; c += conv_block)
                    __builtin_prefetch(ahead + col * conv.x.pixel * s.stride_x + c, 0, 2);
            const T* wk = w;
            const int count = static_cast<int>(strip.cols - col < pixels ? strip.cols - col : pixels);
            for (std::int64_t k = 0; k < conv.y.channels; ++k) {
                Vec<T> sum[pixels] = {};
                const T* plane = packed + r * s.stride_y * s.row_step() + col * conv_block;
                for (std::int64_t c = 0; c < conv.x.channels; c += conv_block, plane += s.plane())
                    for (int t = 0; t < conv.tap_count; ++t)
                        for (int v = 0; v < conv_block; v += lanes<T>, wk += lanes<T>) {
                            const T* x = plane + conv.offsets[t] + v;
                            const Vec<T> weights = load(wk);
                            FATHOM_UNROLL
                            for (int p = 0; p < pixels; ++p) sum[p] = fma(load(x + p * conv_block), weights, sum[p]);
                        }
                T sums[pixels];
                FATHOM_UNROLL
                for (int p = 0; p < pixels; ++p) sums[p] = horizontal_sum<T>(sum[p]);
                for (int p = 0; p < count; ++p) {
                    const std::int64_t at = out + (col + p) * conv.y.pixel + k;
                    T value = sums[p] + (conv.bias ? conv.bias[k] : T(0)) + (residual ? residual[at] : T(0));
                    const bool below =
                        gate ? (activation == Activation::relu ? gate[at] <= 0 : !(gate[at] > 0)) : value < 0;
                    if (below && activation != Activation::none)
                        value = activation == Activation::relu ? T(0) : value * slope;
                    conv.y.data[at] = value;
                }
            }
        }
    }
}

template <class T>
void few_outputs_strip(const ConvTaps<T>& conv, const ConvStrip& strip,
                       const T* w,   // [outputs][channel blocks][taps, block]
                       T* packed) {  // [channel blocks][in_rows, phases, length, block]
    for_packed_rows<T>(conv, strip, packed, [&](std::int64_t row, std::int64_t rows, const T* ahead) {
        run_rows_few_outputs<T>(conv, strip, row, rows, w, packed, ahead);
    });
}

// The weight pass with the roles exchanged, adding over the pixels:
//   sums[j, lane] += x[tap j, channel lane] * dy[pixel]
template <class T>
[[gnu::noinline]] void few_outputs_tile(const T* x,                   // [rows, pixels, block]
                                        const std::int64_t* offsets,  // [taps]
                                        std::int64_t x_row,
                                        const T* dy,  // [rows, pixels]
                                        std::int64_t dy_row, std::int64_t dy_step, std::int64_t rows, std::int64_t cols,
                                        T* sums) {  // [taps, block]
    Vec<T> sum[conv_listed];
    FATHOM_UNROLL
    for (int j = 0; j < conv_listed; ++j) sum[j] = load(sums + j * conv_block);
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* xr[conv_listed];
        FATHOM_UNROLL
        for (int j = 0; j < conv_listed; ++j) xr[j] = x + offsets[j] + r * x_row;
        const T* dyi = dy + r * dy_row;
        for (std::int64_t i = 0; i < cols; ++i) {
            const Vec<T> gradient = splat(dyi[i * dy_step]);
            FATHOM_UNROLL
            for (int j = 0; j < conv_listed; ++j) sum[j] = fma(load(xr[j] + i * conv_block), gradient, sum[j]);
        }
    }
    FATHOM_UNROLL
    for (int j = 0; j < conv_listed; ++j) store(sums + j * conv_block, sum[j]);
}

template <class T>
void few_outputs_pass(const ConvWeightTaps<T>& conv,
                      const T* x,   // [channel blocks][rows, pixels, block]
                      const T* dy,  // [rows, pixels, outputs]
                      std::int64_t rows, std::int64_t cols, const Ahead& ahead,
                      T* partial) {  // [outputs][channel blocks][taps, block]
    const ConvStrips& s = conv.strips;
    const std::int64_t planes = (conv.x.channels + conv_block - 1) / conv_block;
    for (std::int64_t k = 0; k < conv.dy.channels; ++k)
        for (std::int64_t p = 0; p < planes; ++p, partial += conv.tap_count * conv_block) {
            ahead.bring(k * planes + p, conv.dy.channels * planes);
            for (int t = 0; t < conv.tap_count; t += conv_listed) {
                std::int64_t offsets[conv_listed];  // [taps]
                for (int j = 0; j < conv_listed; ++j)
                    offsets[j] = conv.offsets[t + j < conv.tap_count ? t + j : conv.tap_count - 1] + p * s.plane();
                const int use = conv.tap_count - t < conv_listed ? conv.tap_count - t : conv_listed;
                for (int v = 0; v < conv_block; v += lanes<T>) {
                    T sums[conv_listed * conv_block];  // [taps, block]
                    T* out = partial + t * conv_block + v;
                    for (int j = 0; j < conv_listed; ++j)
                        store(sums + j * conv_block, j < use ? load(out + j * conv_block) : Vec<T>{});
                    few_outputs_tile<T>(x + v, offsets, s.stride_y * s.row_step(), dy + k, conv.dy.row, conv.dy.pixel,
                                        rows, cols, sums);
                    for (int j = 0; j < use; ++j) store(out + j * conv_block, load(sums + j * conv_block));
                }
            }
        }
}

template <class T>
void few_outputs_weight_strip(const ConvWeightTaps<T>& conv, const ConvStrip& strip,
                              T* packed,  // [channel blocks][in_rows, phases, length, block]
                              T*,
                              T* partial,  // [outputs][channel blocks][taps, block]
                              T* bias) {   // [outputs]
    for_weight_rows<T, false>(
        conv, strip, packed, partial != nullptr, bias,
        [&](const Source<T>& x, const T* dy, std::int64_t, std::int64_t rows, const Ahead& ahead) {
            few_outputs_pass<T>(conv, x.data, dy, rows, strip.cols, ahead, partial);
        });
}

// Elements of the sums, with room for the surplus of the last tile.
template <class T>
std::int64_t few_outputs_partial_elements(const ConvWeightTaps<T>& conv) {
    const std::int64_t planes = (conv.x.channels + conv_block - 1) / conv_block;
    return (conv.dy.channels * planes * conv.tap_count + conv_listed) * conv_block;
}

// dw of outputs [first, last) from the sums of all chunks, added in the order of the chunks.
template <class T>
void few_outputs_combine(const ConvWeightTaps<T>& conv,
                         const T* partials,  // [chunks][outputs][channel blocks][taps, block]
                         std::int64_t partial_step, std::int64_t chunks, std::int64_t first, std::int64_t last,
                         bool accumulate) {
    const std::int64_t planes = (conv.x.channels + conv_block - 1) / conv_block;
    for (std::int64_t k = first; k < last; ++k)
        for (std::int64_t c = 0; c < conv.x.channels; ++c)
            for (int t = 0; t < conv.tap_count; ++t) {
                const T* part =
                    partials + ((k * planes + c / conv_block) * conv.tap_count + t) * conv_block + c % conv_block;
                T sum = 0;
                for (std::int64_t g = 0; g < chunks; ++g) sum += part[g * partial_step];
                T& out = conv.dw[(k * conv.x.channels + c) * conv.tap_count + t];
                out = accumulate ? out + sum : sum;
            }
}

template <class T>
detail::ConvStripKernel<T> few_outputs_kernel() {
    return {conv_block, tuning::conv_cols,          tuning::conv_rows,   conv_block, 1,
            1,          pack_weights_by_channel<T>, few_outputs_strip<T>};
}

template <class T>
detail::ConvWeightKernel<T> few_outputs_weight_kernel() {
    return {
        conv_block, true, false, few_outputs_partial_elements<T>, few_outputs_weight_strip<T>, few_outputs_combine<T>};
}

}  // namespace conv
