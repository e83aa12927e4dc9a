// Packing for convolution: the input of a strip (conv_plan.hpp), and weights in the order in which the micro-kernel
// reads them.

namespace conv {

using tuning::conv_block;

// Output vectors in one micro-kernel call.
inline constexpr int group_vectors = 2;

template <class T>
int lane_count() {
    return lanes<T>;
}

// The first `count` elements of as many rows as there are lanes, turned into vectors; zeros for rows and elements that
// do not exist. Out of line: unrolled, it would be most of what packs weights.
template <class T>
[[gnu::noinline]] void turn_rows(const T* x,  // [rows][count]
                                 std::int64_t step, std::int64_t rows, int count,
                                 T* turned) {  // [lanes, lanes]
    constexpr int n = lanes<T>;
    // Through memory first: what a part of a row takes, unrolled for each, would be four times the code of the rest.
    for (int i = 0; i < n; ++i) store(turned + i * n, i < rows ? load_some(x + i * step, count) : Vec<T>{});
    Vec<T> v[n];
    FATHOM_UNROLL
    for (int i = 0; i < n; ++i) v[i] = load(turned + i * n);
    transpose::turn<T>(v);
    FATHOM_UNROLL
    for (int i = 0; i < n; ++i) store(turned + i * n, v[i]);
}

// Copies `count` pixels of `channels` channels, `step` elements apart, into blocks `block` wide; the block of channel
// c0 begins at dst + c0 / block * plane. Missing channels of the last block become zeros.
template <class T>
void pack_pixels(const T* x,  // [pixels, channels]
                 std::int64_t step, std::int64_t count, std::int64_t channels,
                 T* dst,  // [channel blocks][pixels, block]
                 std::int64_t plane) {
    for (std::int64_t i = 0; i < count; ++i, x += step, dst += conv_block) {
        T* out = dst;
        std::int64_t c = 0;
        for (; c + conv_block <= channels; c += conv_block, out += plane)
            for (int v = 0; v < conv_block; v += lanes<T>) store(out + v, load(x + c + v));
        if (c == channels) continue;
        for (int v = 0; v < conv_block; v += lanes<T>, c += lanes<T>) {
            const std::int64_t left = channels - c;
            store(out + v, left >= lanes<T>
                               ? load(x + c)
                               : load_partial(x + (left > 0 ? c : 0), left > 0 ? static_cast<int>(left) : 0));
        }
    }
}

template <class T>
void zero(T* dst,  // [count]
          std::int64_t count) {
    std::int64_t i = 0;
    for (; i + lanes<T> <= count; i += lanes<T>) store(dst + i, Vec<T>{});
    for (; i < count; ++i) dst[i] = 0;
}

// Calls f(at, src, step, begin, end) for rows [first, last) of the input that the strip's output pixels need: pixels
// [begin, end) of those at `at` in a packed strip are src, `step` apart; the others lie outside the image. Rows and
// phases that no tap reads are left out.
template <class T, class F>
void for_strip_rows(const ConvPlan& conv, const ConvImage<const T>& x, const ConvStrip& strip, std::int64_t first,
                    std::int64_t last, F f) {
    const ConvStrips& s = conv.strips;
    const std::int64_t top = strip.row * s.stride_y + s.first_y, left = strip.col * s.stride_x + s.first_x;
    for (std::int64_t r = first; r < last; ++r) {
        for (std::int64_t phase = 0; phase < s.phases; ++phase) {
            bool read = false;
            for (int t = 0; t < conv.tap_count; ++t) {
                const std::int64_t dy = conv.taps[t].y - s.first_y, dx = conv.taps[t].x - s.first_x;
                read = read || (dx % s.stride_x == phase && r >= dy && (r - dy) % s.stride_y == 0);
            }
            if (!read) continue;
            // Column of index i: left + phase + i * stride. Indices [begin, end) lie inside the image.
            const std::int64_t origin = left + phase, iy = top + r;
            std::int64_t begin = origin < 0 ? (-origin + s.stride_x - 1) / s.stride_x : 0;
            std::int64_t end = origin < x.width ? (x.width - origin + s.stride_x - 1) / s.stride_x : 0;
            if (end > s.length) end = s.length;
            if (begin > end) begin = end;
            if (iy < 0 || iy >= x.height) begin = end = 0;
            const std::int64_t from = begin == end ? 0 : iy * x.row + (origin + begin * s.stride_x) * x.pixel;
            f((r * s.phases + phase) * s.length * s.block, x.data + strip.image * x.image + from, s.stride_x * x.pixel,
              begin, end);
        }
    }
}

// Those rows, zeros where they lie outside the image.
template <class T>
void pack_strip(const ConvPlan& conv, const ConvImage<const T>& x, const ConvStrip& strip, std::int64_t first,
                std::int64_t last,
                T* packed) {  // [channel blocks][in_rows, phases, length, block]
    const ConvStrips& s = conv.strips;
    const std::int64_t planes = (x.channels + s.block - 1) / s.block, plane = s.plane();
    for_strip_rows(conv, x, strip, first, last,
                   [&](std::int64_t at, const T* src, std::int64_t step, std::int64_t begin, std::int64_t end) {
                       T* dst = packed + at;
                       for (std::int64_t p = 0; p < planes; ++p) {
                           zero(dst + p * plane, begin * s.block);
                           zero(dst + p * plane + end * s.block, (s.length - end) * s.block);
                       }
                       if (s.block > 1)
                           return pack_pixels(src, step, end - begin, x.channels, dst + begin * s.block, plane);
                       for (std::int64_t c = 0; c < x.channels; ++c)
                           for (std::int64_t i = begin; i < end; ++i) dst[c * plane + i] = src[(i - begin) * step + c];
                   });
}

// Calls f(first, rows, ahead) for the rows of a strip, a few at a time, with their input packed; `ahead` is the input
// that the next call will need, or null. One row at a time when the weights of all outputs stay in the L2 cache (then
// memory works while the registers do), otherwise all rows, so that weights pass through the cache once.
template <class T, class F>
void for_packed_rows(const ConvTaps<T>& conv, const ConvStrip& strip,
                     T* packed,  // [channel blocks][in_rows, phases, length, block]
                     F f) {
    const ConvStrips& s = conv.strips;
    const std::int64_t bytes =
        conv.x.channels * conv.y.channels * conv.tap_count * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t step = bytes <= tuning::conv_cached_weights ? 1 : strip.rows, tall = s.tall();
    std::int64_t done = 0;
    for (std::int64_t r = 0; r < strip.rows; r += step) {
        const std::int64_t last = r + step < strip.rows ? r + step : strip.rows;
        const std::int64_t needed = (last - 1) * s.stride_y + tall;
        pack_strip<T>(conv, conv.x, strip, done, needed, packed);
        done = needed;
        const std::int64_t next = strip.row * s.stride_y + s.first_y + done;
        const T* ahead = nullptr;
        if (next >= 0 && next < conv.x.height) {
            const std::int64_t left = strip.col * s.stride_x + s.first_x;
            ahead = conv.x.data + strip.image * conv.x.image + next * conv.x.row + (left < 0 ? 0 : left) * conv.x.pixel;
        }
        f(r, last - r, ahead);
    }
}

// The channels and taps of a vector of outputs, whose weights lie in the order of the taps: rows of weights are turned
// into vectors. place(c, t): where the vector of a channel and a tap goes.
template <class T, class Place>
[[gnu::always_inline]] inline void pack_rows(const T* w,  // [outputs][channels, taps]
                                             std::int64_t output_step, std::int64_t outputs, std::int64_t channels,
                                             int taps, Place place) {
    constexpr int n = lanes<T>;
    std::int64_t c = 0;
    int t = 0;
    for (std::int64_t left = channels * taps; left > 0; left -= n, w += n) {
        const int count = static_cast<int>(left < n ? left : n);
        alignas(64) T turned[n * n];  // [channels, taps] of lanes
        turn_rows(w, output_step, outputs, count, turned);
        for (int i = 0; i < count; ++i) {
            store(place(c, t), load(turned + i * n));
            if (++t == taps) t = 0, ++c;
        }
    }
}

// Weights of one group of outputs, zeros for outputs that do not exist. A group of one vector shares inputs among three
// taps where it can.
template <class T>
void pack_weights(const ConvTaps<T>& conv, std::int64_t group,
                  T* packed) {  // [groups][channel blocks][taps / shared, channels, shared, vectors * lanes]
    const std::int64_t width = lanes<T> * group_vectors, first = group * width, block = conv.strips.block;
    const std::int64_t all = (conv.y.channels + lanes<T> - 1) / lanes<T> * lanes<T>;
    const std::int64_t step = all - first < width ? all - first : width;
    const int shared = step == lanes<T> && block == conv_block && conv.taps_in_threes ? 3 : 1;
    bool in_order = conv.w_input == conv.tap_count;
    for (int t = 0; t < conv.tap_count; ++t) in_order = in_order && conv.taps[t].weight == t;
    T* dst = packed + first * conv.x.channels * conv.tap_count;
    for (std::int64_t c0 = 0; c0 < conv.x.channels; c0 += block) {
        const std::int64_t count = conv.x.channels - c0 < block ? conv.x.channels - c0 : block;
        const T* const w = conv.w + first * conv.w_output + c0 * conv.w_input;
        for (std::int64_t k0 = 0; in_order && k0 < step; k0 += lanes<T>)
            pack_rows(w + k0 * conv.w_output, conv.w_output, conv.y.channels - first - k0, count, conv.tap_count,
                      [&](std::int64_t c, int t) {
                          return dst + ((t / shared * count + c) * shared + t % shared) * step + k0;
                      });
        // A few outputs at a time: their weights are read along the rows and written side by side.
        for (std::int64_t k0 = 0; !in_order && k0 < step; k0 += tuning::conv_pack_outputs) {
            const T* src = w + k0 * conv.w_output;
            const std::int64_t here = step - k0 < tuning::conv_pack_outputs ? step - k0 : tuning::conv_pack_outputs,
                               left = conv.y.channels - first - k0,
                               exist = left < 0      ? 0
                                       : left < here ? left
                                                     : here;
            for (std::int64_t c = 0; c < count; ++c)
                for (int t = 0; t < conv.tap_count; ++t) {
                    const T* from = src + c * conv.w_input + conv.taps[t].weight;
                    T* to = dst + ((t / shared * count + c) * shared + t % shared) * step + k0;
                    for (std::int64_t k = 0; k < exist; ++k) to[k] = from[k * conv.w_output];
                    for (std::int64_t k = exist; k < here; ++k) to[k] = T(0);
                }
        }
        dst += conv.tap_count * count * step;
    }
}

}  // namespace conv
