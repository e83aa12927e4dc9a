// Depthwise convolution (one input channel for each output): vectors along the channels, straight from memory.

namespace conv {

using tuning::depthwise_taps;

// Adds one kernel row's taps to one row, for one vector of channels, those taps where the quotient is whole and lies
// inside:
//   y[o] = start[o] + sum x[(o * stride + shift) / divide] * w
template <class T>
void depthwise_row(const T* x,  // [width, channels]
                   std::int64_t x_step, std::int64_t width,
                   T* y,  // [out_width, channels]
                   std::int64_t y_step, std::int64_t out_width,
                   const T* w,                  // [taps, lanes]
                   const std::int64_t* shifts,  // [taps]
                   int taps, std::int64_t stride, std::int64_t divide, int count,
                   const T* start) {  // [out_width, channels] as y, what the sums are added to; or null
    for (std::int64_t o = 0; o < out_width; ++o) {
        Vec<T> sum = start ? load_partial(start + o * y_step, count) : Vec<T>{};
        for (int t = 0; t < taps; ++t) {
            const std::int64_t at = o * stride + shifts[t];
            if (at < 0 || at % divide != 0 || at / divide >= width) continue;
            const T* p = x + at / divide * x_step;
            sum = fma(count == lanes<T> ? load(p) : load_partial(p, count), load(w + t * lanes<T>), sum);
        }
        store_partial(y + o * y_step, sum, count);
    }
}

// Adds the bias of one vector of channels and ends one row at element `at` of y.
template <class T>
void depthwise_finish(T* y,  // [rows, width, channels]
                      std::int64_t at, std::int64_t y_step, std::int64_t width,
                      const T* bias,  // [channels]
                      int count, const Epilogue<T>& epilogue) {
    for (std::int64_t o = 0; o < width; ++o, at += y_step)
        store_partial(y + at,
                      finish<T>(load_partial(y + at, count) + (bias ? load_partial(bias, count) : Vec<T>{}),
                                epilogue.gate ? epilogue.gate + at : nullptr, count, epilogue.activation,
                                static_cast<T>(epilogue.slope)),
                      count);
}

// Output rows [first, last) of all images' rows.
template <class T>
void depthwise_forward(const ConvForward<T>& pass, std::int64_t first, std::int64_t last) {
    const ConvShape& s = pass.shape;
    const T *x = pass.x, *w = pass.w, *bias = pass.bias;  // [rows, width, channels], [channels, taps], [channels]
    T* const y = pass.y;                                  // [rows, out_width, channels]
    const Epilogue<T>& epilogue = pass.epilogue;
    const std::int64_t taps = s.kernel_h * s.kernel_w, height = s.out_height(), width = s.out_width();
    for (std::int64_t c = 0; c < s.groups; c += lanes<T>) {
        const int count = static_cast<int>(s.groups - c < lanes<T> ? s.groups - c : lanes<T>);
        for (std::int64_t j0 = 0; j0 < s.kernel_w; j0 += depthwise_taps) {
            const int cols = static_cast<int>(s.kernel_w - j0 < depthwise_taps ? s.kernel_w - j0 : depthwise_taps);
            std::int64_t shifts[depthwise_taps];  // [taps]
            for (int j = 0; j < cols; ++j) shifts[j] = (j0 + j) * s.dilation_w - s.padding_w;
            for (std::int64_t i = 0; i < s.kernel_h; ++i) {
                T weights[depthwise_taps * lanes<T>];  // [taps, lanes]
                for (int j = 0; j < cols; ++j)
                    for (int l = 0; l < lanes<T>; ++l)
                        weights[j * lanes<T> + l] = l < count ? w[(c + l) * taps + i * s.kernel_w + j0 + j] : T(0);
                for (std::int64_t r = first; r < last; ++r) {
                    const std::int64_t iy = r % height * s.stride_h + i * s.dilation_h - s.padding_h;
                    const bool inside = iy >= 0 && iy < s.height;
                    const std::int64_t to = r * width * s.y_step() + c;
                    const T* start = i > 0 || j0 > 0 ? y + to : epilogue.residual ? epilogue.residual + to : nullptr;
                    depthwise_row<T>(x + ((r / height * s.height + (inside ? iy : 0)) * s.width) * s.x_step() + c,
                                     s.x_step(), s.width, y + to, s.y_step(), width, weights, shifts, inside ? cols : 0,
                                     s.stride_w, 1, count, start);
                }
            }
        }
        for (std::int64_t r = first; r < last; ++r)
            depthwise_finish<T>(y, r * width * s.y_step() + c, s.y_step(), width, bias ? bias + c : nullptr, count,
                                epilogue);
    }
}

// Input rows [first, last) of all images' rows.
template <class T>
void depthwise_data(const ConvData<T>& pass, std::int64_t first, std::int64_t last) {
    const ConvShape& s = pass.shape;
    const T *dy = pass.dy, *w = pass.w;  // [rows, out_width, channels], [channels, taps]
    T* const dx = pass.dx;               // [rows, width, channels]
    const Epilogue<T>& epilogue = pass.epilogue;
    const std::int64_t taps = s.kernel_h * s.kernel_w, height = s.out_height(), width = s.out_width();
    for (std::int64_t c = 0; c < s.groups; c += lanes<T>) {
        const int count = static_cast<int>(s.groups - c < lanes<T> ? s.groups - c : lanes<T>);
        for (std::int64_t j0 = 0; j0 < s.kernel_w; j0 += depthwise_taps) {
            const int cols = static_cast<int>(s.kernel_w - j0 < depthwise_taps ? s.kernel_w - j0 : depthwise_taps);
            std::int64_t shifts[depthwise_taps];  // [taps]
            for (int j = 0; j < cols; ++j) shifts[j] = s.padding_w - (j0 + j) * s.dilation_w;
            for (std::int64_t i = 0; i < s.kernel_h; ++i) {
                T weights[depthwise_taps * lanes<T>];  // [taps, lanes]
                for (int j = 0; j < cols; ++j)
                    for (int l = 0; l < lanes<T>; ++l)
                        weights[j * lanes<T> + l] = l < count ? w[(c + l) * taps + i * s.kernel_w + j0 + j] : T(0);
                for (std::int64_t r = first; r < last; ++r) {
                    const std::int64_t at = r % s.height + s.padding_h - i * s.dilation_h;
                    const bool inside = at >= 0 && at % s.stride_h == 0 && at / s.stride_h < height;
                    const std::int64_t oy = inside ? at / s.stride_h : 0;
                    const std::int64_t to = r * s.width * s.x_step() + c;
                    const T* start = i > 0 || j0 > 0 ? dx + to : epilogue.residual ? epilogue.residual + to : nullptr;
                    depthwise_row<T>(dy + (r / s.height * height + oy) * width * s.y_step() + c, s.y_step(), width,
                                     dx + to, s.x_step(), s.width, weights, shifts, inside ? cols : 0, 1, s.stride_w,
                                     count, start);
                }
            }
        }
        for (std::int64_t r = first; r < last && epilogue.activation != Activation::none; ++r)
            depthwise_finish<T>(dx, r * s.width * s.x_step() + c, s.x_step(), s.width, nullptr, count, epilogue);
    }
}

template <class T>
std::int64_t depthwise_partial_elements(const ConvWeightTaps<T>& conv) {
    return conv.dy.channels * conv.tap_count;
}

template <class T>
void depthwise_weight_strip(const ConvWeightTaps<T>& conv, const ConvStrip& strip, T*, T*,
                            T* partial,  // [taps, channels]
                            T* bias) {   // [channels]
    const std::int64_t channels = conv.x.channels;
    const T* image = conv.x.data + strip.image * conv.x.image;       // [rows, pixels, channels]
    const T* gradient = conv.dy.data + strip.image * conv.dy.image;  // [rows, pixels, channels]
    if (bias)
        add_bias<T>(gradient + strip.row * conv.dy.row + strip.col * conv.dy.pixel, conv.dy.row, conv.dy.pixel,
                    channels, strip.rows, strip.cols, bias);
    if (!partial) return;
    for (int t = 0; t < conv.tap_count; ++t)
        for (std::int64_t r = strip.row; r < strip.row + strip.rows; ++r) {
            const std::int64_t iy = r * conv.strips.stride_y + conv.taps[t].y;
            if (iy < 0 || iy >= conv.x.height) continue;
            const T* x = image + iy * conv.x.row;
            const T* dy = gradient + r * conv.dy.row;
            for (std::int64_t c = 0; c < channels; c += lanes<T>) {
                const int count = static_cast<int>(channels - c < lanes<T> ? channels - c : lanes<T>);
                Vec<T> sum{};
                for (std::int64_t o = strip.col; o < strip.col + strip.cols; ++o) {
                    const std::int64_t ix = o * conv.strips.stride_x + conv.taps[t].x;
                    if (ix < 0 || ix >= conv.x.width) continue;
                    sum = fma(load_partial(x + ix * conv.x.pixel + c, count),
                              load_partial(dy + o * conv.dy.pixel + c, count), sum);
                }
                T* out = partial + t * channels + c;
                store_partial(out, load_partial(out, count) + sum, count);
            }
        }
}

// dw of channels [first, last) from the sums of all chunks, added in the order of the chunks.
template <class T>
void depthwise_combine(const ConvWeightTaps<T>& conv,
                       const T* partials,  // [chunks][taps, channels]
                       std::int64_t partial_step, std::int64_t chunks, std::int64_t first, std::int64_t last,
                       bool accumulate) {
    for (std::int64_t c = first; c < last; ++c)
        for (int t = 0; t < conv.tap_count; ++t) {
            T& out = conv.dw[c * conv.tap_count + t];
            T sum = accumulate ? out : T(0);
            for (std::int64_t g = 0; g < chunks; ++g) sum += partials[g * partial_step + t * conv.x.channels + c];
            out = sum;
        }
}

// The block, which nothing packs, decides only how rows become strips.
template <class T>
detail::ConvWeightKernel<T> depthwise_weight_kernel(const ConvShape& s) {
    return {s.groups <= tuning::conv_few_channels ? 1 : tuning::conv_block,
            false,
            false,
            depthwise_partial_elements<T>,
            depthwise_weight_strip<T>,
            depthwise_combine<T>};
}

}  // namespace conv
