// The weight pass of direct convolution: a vector of outputs times several channels of one tap, or of three
// neighbouring taps, in registers. Next: conv_few_channels.kernel.hpp, conv_few_outputs.kernel.hpp.

namespace conv {

// Input channels that share registers with one vector of outputs: beside three taps, and alone.
inline constexpr int row_channels = tuning::conv_row_channels(vector_registers);
inline constexpr int plain_channels = tuning::conv_plain_channels(vector_registers);

// Adds over `rows` x `cols` pixels:
//   sums[g, c] += x[row, i, c] * gradient g
// where gradient g is, with `neighbours` (taps that are neighbours in a row) and without:
//   dy[row, i - g]
//   vector g of dy[row, i]
// With them dy is packed, and its rows have zero margins of 2 pixels.
template <class T, int gradients, int channels, bool neighbours>
[[gnu::noinline]] void weight_tile(const Source<T>& x, const Source<T>& dy, std::int64_t rows, std::int64_t cols,
                                   T* sums,  // [gradients][channels, lanes]
                                   std::int64_t sums_step) {
    constexpr int n = lanes<T>;
    const std::int64_t x_pixel = x.pixel, dy_pixel = neighbours ? n : dy.pixel, dy_step = neighbours ? -n : dy.plane;
    Vec<T> sum[gradients][channels];
    FATHOM_UNROLL
    for (int g = 0; g < gradients; ++g) {
        FATHOM_UNROLL
        for (int c = 0; c < channels; ++c) sum[g][c] = Vec<T>{};
    }
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* xi = x.data + r * x.row;
        const T* dyi = dy.data + r * dy.row;
        const std::int64_t count = neighbours ? cols + gradients - 1 : cols;
        for (std::int64_t i = 0; i < count; ++i, xi += x_pixel, dyi += dy_pixel) {
            Vec<T> gradient[gradients];
            FATHOM_UNROLL
            for (int g = 0; g < gradients; ++g) gradient[g] = load(dyi + g * dy_step);
            FATHOM_UNROLL
            for (int c = 0; c < channels; ++c) {
                const Vec<T> value = splat(xi[c]);
                FATHOM_UNROLL
                for (int g = 0; g < gradients; ++g) sum[g][c] = fma(value, gradient[g], sum[g][c]);
            }
        }
    }
    FATHOM_UNROLL
    for (int g = 0; g < gradients; ++g) {
        FATHOM_UNROLL
        for (int c = 0; c < channels; ++c) {
            T* out = sums + g * sums_step + c * n;
            store(out, load(out) + sum[g][c]);
        }
    }
}

template <class T>
void weight_pass(const ConvWeightTaps<T>& conv, Source<T> x, Source<T> dy, std::int64_t rows, std::int64_t cols,
                 const Ahead& ahead,
                 T* partial) {  // [output vectors][channel blocks][taps, block, lanes]
    constexpr int n = lanes<T>;
    const std::int64_t planes = (conv.x.channels + conv_block - 1) / conv_block;
    const std::int64_t vectors = (conv.dy.channels + n - 1) / n, per_vector = planes * conv.tap_count * conv_block * n;
    const int together = conv.taps_in_threes ? 3 : 1;
    // Vectors of outputs that share the registers: two where taps do not.
    std::int64_t at_once = 1, share = 0;
    const std::int64_t tiles = planes * (conv_block / row_channels) * conv.tap_count / together;
    const std::int64_t shares = together == 3 ? vectors * tiles : (vectors + 1) / 2 * tiles;
    for (std::int64_t k = 0; k < vectors; k += at_once) {
        at_once = together == 1 && k + 1 < vectors ? 2 : 1;
        Source<T> gradient = dy;
        gradient.data += k * dy.plane;
        T* sums = partial + k * per_vector;
        const int step = together == 3 || at_once == 2 ? row_channels : plain_channels;
        for (std::int64_t p = 0; p < planes; ++p, sums += conv.tap_count * conv_block * n) {
            const std::int64_t left = conv.x.channels - p * conv_block;
            const std::int64_t channels = left < conv_block ? left : conv_block;
            for (int t = 0; t < conv.tap_count; t += together) {
                Source<T> at = x;
                at.data += p * x.plane + conv.offsets[t];
                T* out = sums + t * conv_block * n;
                for (std::int64_t c = 0; c < channels; c += step, at.data += step, out += step * n) {
                    ahead.bring(share++, shares);
                    if (together == 3)
                        weight_tile<T, 3, row_channels, true>(at, gradient, rows, cols, out, conv_block * n);
                    else if (at_once == 2)
                        weight_tile<T, 2, row_channels, false>(at, gradient, rows, cols, out, per_vector);
                    else
                        weight_tile<T, 1, plain_channels, false>(at, gradient, rows, cols, out, 0);
                }
            }
        }
    }
}

template <class T, bool in_place>
void weight_strip(const ConvWeightTaps<T>& conv, const ConvStrip& strip,
                  T* packed,     // [channel blocks][in_rows, phases, length, block]
                  T* packed_dy,  // [output vectors][rows, 2 + cols + 2, lanes]
                  T* partial,    // [output vectors][channel blocks][taps, block, lanes]
                  T* bias) {     // [outputs]
    for_weight_rows<T, in_place>(
        conv, strip, packed, partial != nullptr, bias,
        [&](const Source<T>& x, const T* dy, std::int64_t first, std::int64_t rows, const Ahead& ahead) {
            // Zero margins for taps in threes and zero lanes for outputs that do not exist: both need a packed dy.
            Source<T> gradient{dy, conv.dy.pixel, conv.dy.row, lanes<T>};
            if (conv.taps_in_threes || conv.dy.channels % lanes<T> != 0)
                gradient = packed_gradient<T>(conv, strip, first, rows, packed_dy);
            weight_pass<T>(conv, x, gradient, rows, strip.cols, ahead, partial);
        });
}

template <class T>
detail::ConvWeightKernel<T> direct_weight_kernel() {
    return {conv_block, true, true, partial_elements<T>, weight_strip<T, false>, combine_weights<T>};
}

// The same on x as it lies: one tap without padding, whole blocks of channels.
template <class T>
detail::ConvWeightKernel<T> unpacked_weight_kernel() {
    return {conv_block, true, true, partial_elements<T>, weight_strip<T, true>, combine_weights<T>};
}

}  // namespace conv
