// What the weight pass's algorithms share: the gradients of convolution with respect to weights and bias are sums over
// all output pixels of dy[pixel][output] * x[pixel moved by a tap][channel], a block of them at a time in registers
// while a strip's pixels stream past. Read conv_plan.hpp before, conv_direct_weight.kernel.hpp next.

namespace conv {

// dy of the rows [first, first + rows) of the strip, zeros in the margins and in lanes without an output.
template <class T>
void pack_gradient(const ConvWeightTaps<T>& conv, const ConvStrip& strip, std::int64_t first, std::int64_t rows,
                   T* packed) {  // [output vectors][rows, 2 + cols + 2, lanes]
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
    const T* data;  // [blocks][rows, pixels, block]
    std::int64_t pixel, row, plane;
};

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

// bias[k] += sum of dy[row][col][k].
template <class T>
void add_bias(const T* dy,  // [rows, cols, outputs]
              std::int64_t row, std::int64_t pixel, std::int64_t outputs, std::int64_t rows, std::int64_t cols,
              T* bias) {  // [outputs]
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

// Calls f(x, dy, first, rows, ahead) for the rows of a strip, a few at a time: enough pixels to pay for loading and
// storing the sums, few enough to stay in the L1 cache. x is the packed input, or with `in_place` the image. Adds
// up `bias` on the way; without `weights` that is all.
template <class T, bool in_place, class F>
void for_weight_rows(const ConvWeightTaps<T>& conv, const ConvStrip& strip,
                     T* packed,  // [channel blocks][in_rows, phases, length, block]
                     bool weights,
                     T* bias,  // [outputs] or null
                     F f) {
    const ConvStrips& s = conv.strips;
    const std::int64_t step = conv_rows_at_once(s), tall = s.tall();
    std::int64_t done = 0;
    for (std::int64_t r = 0; r < strip.rows; r += step) {
        const std::int64_t rows = strip.rows - r < step ? strip.rows - r : step;
        const T* dy =
            conv.dy.data + strip.image * conv.dy.image + (strip.row + r) * conv.dy.row + strip.col * conv.dy.pixel;
        if (bias) add_bias<T>(dy, conv.dy.row, conv.dy.pixel, conv.dy.channels, rows, strip.cols, bias);
        if (!weights) continue;
        const std::int64_t needed = (r + rows - 1) * s.stride_y + tall;
        Source<T> x{packed + r * s.stride_y * s.row_step(), s.block, s.stride_y * s.row_step(), s.plane()};
        if (in_place)
            x = {conv.x.data + strip.image * conv.x.image + (strip.row + r) * s.stride_y * conv.x.row +
                     strip.col * s.stride_x * conv.x.pixel,
                 s.stride_x * conv.x.pixel, s.stride_y * conv.x.row, conv_block};
        else
            pack_strip<T>(conv, conv.x, strip, done, needed, packed);
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
        f(x, dy, r, rows, ahead);
    }
}

// dy of the rows [first, first + rows), packed.
template <class T>
Source<T> packed_gradient(const ConvWeightTaps<T>& conv, const ConvStrip& strip, std::int64_t first, std::int64_t rows,
                          T* packed) {  // [output vectors][rows, 2 + cols + 2, lanes]
    pack_gradient<T>(conv, strip, first, rows, packed);
    const std::int64_t row = (conv.strips.cols + 4) * lanes<T>;
    return {packed + 2 * lanes<T>, lanes<T>, row, rows * row};
}

// Elements of the sums of all outputs, `width` of which lie together: [outputs / width][channel blocks][taps, block,
// width].
template <class T, int width = lanes<T>>
std::int64_t partial_elements(const ConvWeightTaps<T>& conv) {
    const std::int64_t planes = (conv.x.channels + conv.strips.block - 1) / conv.strips.block;
    const std::int64_t groups = (conv.dy.channels + width - 1) / width;
    return groups * planes * conv.tap_count * conv.strips.block * width + tuning::conv_listed * width;
}

// dw of outputs [first, last) from those sums of all chunks, added in the order of the chunks. first is a multiple of
// the width.
template <class T, int width = lanes<T>>
void combine_weights(const ConvWeightTaps<T>& conv,
                     const T* partials,  // [chunks][outputs / width][channel blocks][taps, block, width]
                     std::int64_t partial_step, std::int64_t chunks, std::int64_t first, std::int64_t last,
                     bool accumulate) {
    constexpr int n = lanes<T>;
    const std::int64_t block = conv.strips.block, planes = (conv.x.channels + block - 1) / block;
    const std::int64_t row = conv.x.channels * conv.tap_count;  // weights of one output
    for (std::int64_t k = first; k < last; k += n) {
        const std::int64_t outputs = last - k < n ? last - k : n;
        for (std::int64_t c = 0; c < conv.x.channels; ++c)
            for (int t = 0; t < conv.tap_count; ++t) {
                const T* part = partials +
                                (((k / width * planes + c / block) * conv.tap_count + t) * block + c % block) * width +
                                k % width;
                Vec<T> sum{};
                for (std::int64_t g = 0; g < chunks; ++g) sum += load(part + g * partial_step);
                T sums[n];
                store(sums, sum);
                T* out = conv.dw + k * row + c * conv.tap_count + t;
                for (std::int64_t i = 0; i < outputs; ++i) out[i * row] = accumulate ? out[i * row] + sums[i] : sums[i];
            }
    }
}

}  // namespace conv
