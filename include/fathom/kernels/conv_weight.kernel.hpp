// Gradients of convolution with respect to weights and bias: sums over all output pixels of dy[pixel][output] *
// x[pixel moved by a tap][channel], a block of them at a time in registers while a strip's pixels stream past. Both x
// and dy of the strip are packed, so that borders are zeros and every step is constant. docs: conv_plan.hpp.

namespace conv {

// Input channels (or taps, where those are what is blocked) that share registers with one vector of outputs.
#if FATHOM_VECTOR_BYTES == 64 || defined(__aarch64__)
inline constexpr int row_channels = 8, plain_channels = 16;
#else
inline constexpr int row_channels = 4, plain_channels = 8;
#endif
inline constexpr int listed = 9;  // taps of a 3x3 kernel

// dy of the rows [first, first + rows) of the strip as [output vectors][rows][2 + cols + 2][lanes], zeros in the
// margins and in lanes without an output.
template <class T>
void pack_gradient(const ConvWeight<T>& conv, const ConvStrip& strip, std::int64_t first, std::int64_t rows,
                   T* packed) {
    const std::int64_t outputs = conv.dy.channels, row = (conv.strips.cols + 4) * lanes<T>;
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* src = conv.dy.data + strip.image * conv.dy.image + (strip.row + first + r) * conv.dy.row +
                       strip.col * conv.dy.pixel;
        for (std::int64_t k = 0; k < outputs; k += lanes<T>) {
            const int left = static_cast<int>(outputs - k < lanes<T> ? outputs - k : lanes<T>);
            T* dst = packed + (k / lanes<T> * rows + r) * row;
            zero(dst, 2 * lanes<T>);
            dst += 2 * lanes<T>;
            for (std::int64_t i = 0; i < strip.cols; ++i, dst += lanes<T>) {
                const T* p = src + i * conv.dy.pixel + k;
                store(dst, left == lanes<T> ? load(p) : load_partial(p, left));
            }
            zero(dst, 2 * lanes<T>);
        }
    }
}

// Where a pass reads x and dy: the packed strip, or the images themselves. Steps in elements, from pixel to pixel, row
// to row, and to the next channel block or output vector.
template <class T>
struct Source {
    const T* data;
    std::int64_t pixel, row, plane;
};

// sums[g][c][lane] += over `rows` x `cols`: x[row][i][c] * gradient g. `neighbours`: gradient g is dy[row][i - g], for
// taps that are neighbours in a row; dy is packed, and its rows have zero margins of 2 pixels. Otherwise gradient g is
// dy's vector g at pixel i.
template <class T, int gradients, int channels, bool neighbours>
[[gnu::noinline]] void weight_tile(const Source<T>& x, const Source<T>& dy, std::int64_t rows, std::int64_t cols,
                                   T* sums, std::int64_t sums_step) {
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

// sums[j][lane] += over the pixels: x[listed element j] * dy[pixel], for `listed` numbers of x at offsets[j].
template <class T>
[[gnu::noinline]] void listed_tile(const T* x, const std::int64_t* offsets, std::int64_t x_row, const T* dy,
                                   std::int64_t dy_row, std::int64_t rows, std::int64_t cols, T* sums) {
    constexpr int n = lanes<T>;
    Vec<T> sum[listed];
    FATHOM_UNROLL
    for (int j = 0; j < listed; ++j) sum[j] = load(sums + j * n);
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* xr[listed];
        FATHOM_UNROLL
        for (int j = 0; j < listed; ++j) xr[j] = x + offsets[j] + r * x_row;
        const T* dyi = dy + r * dy_row;
        for (std::int64_t i = 0; i < cols; ++i) {
            const Vec<T> gradient = load(dyi + i * n);
            FATHOM_UNROLL
            for (int j = 0; j < listed; ++j) sum[j] = fma(splat(xr[j][i]), gradient, sum[j]);
        }
    }
    FATHOM_UNROLL
    for (int j = 0; j < listed; ++j) store(sums + j * n, sum[j]);
}

// The roles exchanged, for few outputs: sums[j][lane] += x[tap j][channel lane] * dy[pixel].
template <class T>
[[gnu::noinline]] void few_outputs_tile(const T* x, const std::int64_t* offsets, std::int64_t x_row, const T* dy,
                                        std::int64_t dy_row, std::int64_t dy_step, std::int64_t rows, std::int64_t cols,
                                        T* sums) {
    Vec<T> sum[listed];
    FATHOM_UNROLL
    for (int j = 0; j < listed; ++j) sum[j] = load(sums + j * conv_block);
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* xr[listed];
        FATHOM_UNROLL
        for (int j = 0; j < listed; ++j) xr[j] = x + offsets[j] + r * x_row;
        const T* dyi = dy + r * dy_row;
        for (std::int64_t i = 0; i < cols; ++i) {
            const Vec<T> gradient = splat(dyi[i * dy_step]);
            FATHOM_UNROLL
            for (int j = 0; j < listed; ++j) sum[j] = fma(load(xr[j] + i * conv_block), gradient, sum[j]);
        }
    }
    FATHOM_UNROLL
    for (int j = 0; j < listed; ++j) store(sums + j * conv_block, sum[j]);
}

// Partial sums: [output vectors][channel blocks][taps][block][lanes], with few outputs [outputs][channel
// blocks][taps][block]; taps are followed by room for a tile's surplus. Elements of one tap list and one (output
// vector, channel block):
template <class T>
std::int64_t partial_elements(const ConvWeight<T>& conv) {
    const std::int64_t planes = (conv.x.channels + conv.strips.block - 1) / conv.strips.block;
    if (conv.few_outputs) return conv.dy.channels * planes * conv.tap_count * conv_block + listed * conv_block;
    const std::int64_t vectors = (conv.dy.channels + lanes<T> - 1) / lanes<T>;
    return vectors * planes * conv.tap_count * conv.strips.block * lanes<T> + listed * lanes<T>;
}

// Memory that the next pass reads, to be brought into the cache a share at a time while this one computes.
struct Ahead {
    const char* from[2];
    std::int64_t bytes[2];

    // Inlined always: g++ 12 takes a function that only prefetches for one without effect and drops the call.
    [[gnu::always_inline]] void bring(std::int64_t share, std::int64_t shares) const {
        for (int i = 0; i < 2; ++i) {
            if (!from[i]) continue;
            const std::int64_t begin = bytes[i] * share / shares & ~std::int64_t{63},
                               end = bytes[i] * (share + 1) / shares;
            for (std::int64_t at = begin; at < end; at += 64) __builtin_prefetch(from[i] + at, 0, 2);
        }
    }
};

// Few input channels: each (channel, tap) is one number of a list.
template <class T>
void few_channels_pass(const ConvWeight<T>& conv, const Source<T>& x, const Source<T>& dy, std::int64_t rows,
                       std::int64_t cols, T* sums) {
    constexpr int n = lanes<T>;
    const std::int64_t count = conv.x.channels * conv.tap_count;
    for (std::int64_t j0 = 0; j0 < count; j0 += listed) {
        std::int64_t offsets[listed];
        for (std::int64_t j = 0; j < listed; ++j) {
            const std::int64_t at = j0 + j < count ? j0 + j : count - 1;
            offsets[j] = at / conv.tap_count * x.plane + conv.offsets[at % conv.tap_count];
        }
        T surplus[listed * n];  // the last group may list a number twice: only the first count
        const std::int64_t use = count - j0 < listed ? count - j0 : listed;
        for (std::int64_t j = 0; j < listed * n; ++j) surplus[j] = j < use * n ? sums[j0 * n + j] : T(0);
        listed_tile<T>(x.data, offsets, x.row, dy.data, dy.row, rows, cols, surplus);
        for (std::int64_t j = 0; j < use * n; ++j) sums[j0 * n + j] = surplus[j];
    }
}

template <class T>
void weight_pass(const ConvWeight<T>& conv, Source<T> x, Source<T> dy, std::int64_t rows, std::int64_t cols,
                 const Ahead& ahead, T* partial) {
    constexpr int n = lanes<T>;
    const std::int64_t block = conv.strips.block, planes = (conv.x.channels + block - 1) / block;
    const std::int64_t vectors = (conv.dy.channels + n - 1) / n, per_vector = planes * conv.tap_count * block * n;
    const int together = conv.taps_in_threes ? 3 : 1;
    // Vectors of outputs that share the registers: two where taps do not.
    std::int64_t at_once = 1, share = 0;
    const std::int64_t tiles = planes * (conv_block / row_channels) * conv.tap_count / together;
    const std::int64_t shares = together == 3 ? vectors * tiles : (vectors + 1) / 2 * tiles;
    for (std::int64_t k = 0; k < vectors; k += at_once) {
        at_once = block != 1 && together == 1 && k + 1 < vectors ? 2 : 1;
        Source<T> gradient = dy;
        gradient.data += k * dy.plane;
        T* sums = partial + k * per_vector;
        if (block == 1) {
            ahead.bring(k, vectors);
            few_channels_pass<T>(conv, x, gradient, rows, cols, sums);
            continue;
        }
        const int step = together == 3 || at_once == 2 ? row_channels : plain_channels;
        for (std::int64_t p = 0; p < planes; ++p, sums += conv.tap_count * conv_block * n) {
            const std::int64_t left = conv.x.channels - p * conv_block;
            const std::int64_t channels = left < conv_block ? left : conv_block;
            for (int t = 0; t < conv.tap_count; t += together) {
                Source<T> at = x;
                at.data += p * x.plane + (conv.direct_x ? 0 : conv.offsets[t]);
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

template <class T>
void few_outputs_pass(const ConvWeight<T>& conv, const T* x, const T* dy, std::int64_t rows, std::int64_t cols,
                      const Ahead& ahead, T* partial) {
    const ConvStrips& s = conv.strips;
    const std::int64_t planes = (conv.x.channels + conv_block - 1) / conv_block;
    for (std::int64_t k = 0; k < conv.dy.channels; ++k)
        for (std::int64_t p = 0; p < planes; ++p, partial += conv.tap_count * conv_block) {
            ahead.bring(k * planes + p, conv.dy.channels * planes);
            for (int t = 0; t < conv.tap_count; t += listed) {
                std::int64_t offsets[listed];
                for (int j = 0; j < listed; ++j)
                    offsets[j] = conv.offsets[t + j < conv.tap_count ? t + j : conv.tap_count - 1] + p * s.plane();
                const int use = conv.tap_count - t < listed ? conv.tap_count - t : listed;
                for (int v = 0; v < conv_block; v += lanes<T>) {
                    T sums[listed * conv_block];
                    T* out = partial + t * conv_block + v;
                    for (int j = 0; j < listed; ++j)
                        store(sums + j * conv_block, j < use ? load(out + j * conv_block) : Vec<T>{});
                    few_outputs_tile<T>(x + v, offsets, s.stride_y * s.row_step(), dy + k, conv.dy.row, conv.dy.pixel,
                                        rows, cols, sums);
                    for (int j = 0; j < use; ++j) store(out + j * conv_block, load(sums + j * conv_block));
                }
            }
        }
}

// bias[k] += sum of dy[row][col][k].
template <class T>
void add_bias(const T* dy, std::int64_t row, std::int64_t pixel, std::int64_t outputs, std::int64_t rows,
              std::int64_t cols, T* bias) {
    for (std::int64_t r = 0; r < rows; ++r, dy += row) {
        for (std::int64_t k = 0; k < outputs; k += lanes<T>) {
            const int left = static_cast<int>(outputs - k < lanes<T> ? outputs - k : lanes<T>);
            Vec<T> even{}, odd{};
            for (std::int64_t i = 0; i < cols; ++i) {
                const T* p = dy + i * pixel + k;
                const Vec<T> v = left == lanes<T> ? load(p) : load_partial(p, left);
                if (i % 2)
                    odd += v;
                else
                    even += v;
            }
            store_partial(bias + k, load_partial(bias + k, left) + (even + odd), left);
        }
    }
}

// Adds one strip's share to `partial` and `bias` (either may be null); packed and packed_dy are working memory.
template <class T>
void weight_strip(const ConvWeight<T>& conv, const ConvStrip& strip, T* packed, T* packed_dy, T* partial, T* bias) {
    const ConvStrips& s = conv.strips;
    const std::int64_t step = conv_rows_at_once(s), tall = s.tall();
    std::int64_t done = 0;
    for (std::int64_t r = 0; r < strip.rows; r += step) {
        const std::int64_t rows = strip.rows - r < step ? strip.rows - r : step;
        const T* dy =
            conv.dy.data + strip.image * conv.dy.image + (strip.row + r) * conv.dy.row + strip.col * conv.dy.pixel;
        if (bias) add_bias<T>(dy, conv.dy.row, conv.dy.pixel, conv.dy.channels, rows, strip.cols, bias);
        if (!partial) continue;
        const std::int64_t needed = (r + rows - 1) * s.stride_y + tall;
        Source<T> x{packed + r * s.stride_y * s.row_step(), s.block, s.stride_y * s.row_step(), s.plane()};
        if (conv.direct_x)
            x = {conv.x.data + strip.image * conv.x.image + (strip.row + r) * s.stride_y * conv.x.row +
                     strip.col * s.stride_x * conv.x.pixel,
                 s.stride_x * conv.x.pixel, s.stride_y * conv.x.row, conv_block};
        else
            pack_strip<T>(conv.x, s, conv.taps, conv.tap_count, strip, done, needed, packed);
        done = needed;
        Ahead ahead{};
        const std::int64_t next = strip.row * s.stride_y + s.first_y + done, left = strip.col * s.stride_x + s.first_x;
        if (next >= 0 && next < conv.x.height) {
            ahead.from[0] = reinterpret_cast<const char*>(conv.x.data + strip.image * conv.x.image + next * conv.x.row +
                                                          (left < 0 ? 0 : left) * conv.x.pixel);
            ahead.bytes[0] = strip.cols * s.stride_x * conv.x.pixel * static_cast<std::int64_t>(sizeof(T));
        }
        if (strip.row + r + rows < conv.dy.height) {
            ahead.from[1] = reinterpret_cast<const char*>(dy + rows * conv.dy.row);
            ahead.bytes[1] = strip.cols * conv.dy.pixel * static_cast<std::int64_t>(sizeof(T));
        }
        if (conv.few_outputs) {
            few_outputs_pass<T>(conv, x.data, dy, rows, strip.cols, ahead, partial);
            continue;
        }
        // Zero margins for taps in threes and zero lanes for outputs that do not exist: both need a packed dy.
        Source<T> gradient{dy, conv.dy.pixel, conv.dy.row, lanes<T>};
        if (conv.taps_in_threes || s.block == 1 || conv.dy.channels % lanes<T> != 0) {
            pack_gradient<T>(conv, strip, r, rows, packed_dy);
            const std::int64_t row = (s.cols + 4) * lanes<T>;
            gradient = {packed_dy + 2 * lanes<T>, lanes<T>, row, rows * row};
        }
        weight_pass<T>(conv, x, gradient, rows, strip.cols, ahead, partial);
    }
}

// dw of outputs [first, last) from the partial sums of all chunks, added in the order of the chunks. first is a
// multiple of the vector's lanes.
template <class T>
void combine_weights(const ConvWeight<T>& conv, const T* partials, std::int64_t partial_step, std::int64_t chunks,
                     std::int64_t first, std::int64_t last, bool accumulate) {
    constexpr int n = lanes<T>;
    const std::int64_t block = conv.strips.block, planes = (conv.x.channels + block - 1) / block;
    const std::int64_t row = conv.x.channels * conv.tap_count;  // weights of one output
    // Few outputs: [outputs][planes][taps][block], one at a time; otherwise [groups of n
    // outputs][planes][taps][block][n].
    const int together = conv.few_outputs ? 1 : n;
    for (std::int64_t k = first; k < last; k += together) {
        const std::int64_t outputs = last - k < together ? last - k : together;
        for (std::int64_t c = 0; c < conv.x.channels; ++c)
            for (int t = 0; t < conv.tap_count; ++t) {
                const T* part =
                    partials +
                    (((k / together * planes + c / block) * conv.tap_count + t) * block + c % block) * together;
                T sums[n] = {};
                if (together == 1) {
                    for (std::int64_t g = 0; g < chunks; ++g) sums[0] += part[g * partial_step];
                } else {
                    Vec<T> sum{};
                    for (std::int64_t g = 0; g < chunks; ++g) sum += load(part + g * partial_step);
                    store(sums, sum);
                }
                T* out = conv.dw + k * row + c * conv.tap_count + t;
                for (std::int64_t i = 0; i < outputs; ++i) out[i * row] = accumulate ? out[i * row] + sums[i] : sums[i];
            }
    }
}

}  // namespace conv
