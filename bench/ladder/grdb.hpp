// The rungs of the fusion net's gradient residual dense block (SeAFusion: Tang, Yuan, Ma, Information Fusion 82, 2022):
//   y1  = lrelu.2(conv3x3(x))
//   y2  = lrelu.2(conv3x3([x, y1]))
//   out = lrelu.1(conv1x1([x, y1, y2]) + conv1x1(|sobel_x * x| + |sobel_y * x|))
// All rungs call the same kernels of the library; what differs is what lies between them. One plane is a channel of the
// image: counting how many planes each step reads and writes gives the prediction. Channels: c in, k out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/conv.hpp"
#include "fathom/kernels/sobel.hpp"

namespace ladder_grdb {

struct Weights {
    std::vector<float> conv1, conv2, down, up;            // [c, c, 3, 3], [c, 2c, 3, 3], [k, 3c], [k, c]
    std::vector<float> bias1, bias2, bias_down, bias_up;  // [c], [c], [k], [k]
    std::vector<float> sobel_x, sobel_y;                  // [c, 3, 3]
};

struct Block {
    std::int64_t height, width, c, k;
    Weights w;
    std::vector<float> x, out;                     // [pixels, c], [pixels, k]
    std::vector<float> y1, y2, two, three, edges;  // [pixels, ...]: c, c, 2c, 3c, c
    std::vector<float> left, right;                // [pixels, k], the sums of both branches
    std::vector<float> dense;                      // [pixels, 3c], x in its first channels

    std::int64_t pixels() const { return height * width; }
};

// y = conv(x), channels x_step and y_step apart from pixel to pixel: 0, as many as there are.
inline void convolve(const Block& b, const float* x, std::int64_t in, std::int64_t x_step, const std::vector<float>& w,
                     const std::vector<float>& bias, float* y, std::int64_t out, std::int64_t y_step,
                     std::int64_t kernel, const fathom::kernels::Epilogue<float>& epilogue = {}) {
    fathom::ConvShape s;
    s.height = b.height, s.width = b.width, s.in_channels = in, s.out_channels = out;
    s.kernel_h = s.kernel_w = kernel, s.padding_h = s.padding_w = kernel / 2;
    s.x_pixel_stride = x_step, s.y_pixel_stride = y_step;
    fathom::kernels::conv_forward<float>(x, w.data(), bias.data(), y, s, epilogue);
}

inline fathom::kernels::Epilogue<float> leaky(double slope, const float* residual = nullptr) {
    return {fathom::Activation::leaky_relu, slope, residual, nullptr};
}

inline void find_edges(Block& b, const float* x, std::int64_t pixel) {
    const std::int64_t c = b.c;
    fathom::kernels::sobel<float>({1, c, b.height, b.width}, {x, b.pixels() * pixel, 1, b.width * pixel, pixel},
                                  b.w.sobel_x.data(), b.w.sobel_y.data(),
                                  {b.edges.data(), b.pixels() * c, 1, b.width * c, c}, 0, b.height, false);
}

// The steps of a net that is computed operation by operation, each a pass over memory.
template <class F>
void for_elements(std::size_t count, F f) {
    fathom::parallel_for(0, static_cast<std::int64_t>(count), 32768, [&](std::int64_t first, std::int64_t last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) f(i);
    });
}
// A maximum, since slope < 1: a branch on the sign could not be foreseen.
inline void leaky_relu(std::vector<float>& v, float slope) {
    for_elements(v.size(), [&](std::size_t i) { v[i] = std::max(v[i], slope * v[i]); });
}
inline void add(std::vector<float>& sum, const std::vector<float>& v) {
    for_elements(v.size(), [&](std::size_t i) { sum[i] += v[i]; });
}
// a [pixels, channels of a] and b side by side.
inline void concatenate(const std::vector<float>& a, std::int64_t a_channels, const std::vector<float>& b,
                        std::int64_t b_channels, std::vector<float>& both) {
    const std::int64_t pixels = static_cast<std::int64_t>(a.size()) / a_channels;
    fathom::parallel_for(0, pixels, 1024, [&](std::int64_t p, std::int64_t last) {
        for (; p < last; ++p) {
            float* to = both.data() + p * (a_channels + b_channels);
            std::copy_n(a.data() + p * a_channels, a_channels, to);
            std::copy_n(b.data() + p * b_channels, b_channels, to + a_channels);
        }
    });
}

// Rung 1: operation by operation, as the formula reads. Beside the convolutions' own planes, activations, the sum and
// concatenations read and write 4c + 5c + 3k and 4c + 5c + 2k more.
inline void operations(Block& b) {
    const Weights& w = b.w;
    convolve(b, b.x.data(), b.c, 0, w.conv1, w.bias1, b.y1.data(), b.c, 0, 3);
    leaky_relu(b.y1, 0.2f);
    concatenate(b.x, b.c, b.y1, b.c, b.two);
    convolve(b, b.two.data(), 2 * b.c, 0, w.conv2, w.bias2, b.y2.data(), b.c, 0, 3);
    leaky_relu(b.y2, 0.2f);
    concatenate(b.two, 2 * b.c, b.y2, b.c, b.three);
    convolve(b, b.three.data(), 3 * b.c, 0, w.down, w.bias_down, b.out.data(), b.k, 0, 1);
    find_edges(b, b.x.data(), b.c);
    convolve(b, b.edges.data(), b.c, 0, w.up, w.bias_up, b.right.data(), b.k, 0, 1);
    add(b.out, b.right);
    leaky_relu(b.out, 0.1f);
}

// Rung 2: activations, and the sum of both branches, where the convolution has its result in registers. Predicts their
// planes less: 2c + 3k read and 2c + 2k written, and the sum's k read stay.
inline void epilogues(Block& b) {
    const Weights& w = b.w;
    convolve(b, b.x.data(), b.c, 0, w.conv1, w.bias1, b.y1.data(), b.c, 0, 3, leaky(0.2));
    concatenate(b.x, b.c, b.y1, b.c, b.two);
    convolve(b, b.two.data(), 2 * b.c, 0, w.conv2, w.bias2, b.y2.data(), b.c, 0, 3, leaky(0.2));
    concatenate(b.two, 2 * b.c, b.y2, b.c, b.three);
    find_edges(b, b.x.data(), b.c);
    convolve(b, b.edges.data(), b.c, 0, w.up, w.bias_up, b.out.data(), b.k, 0, 1);
    convolve(b, b.three.data(), 3 * b.c, 0, w.down, w.bias_down, b.out.data(), b.k, 0, 1, leaky(0.1, b.out.data()));
}

// Rung 3: one buffer of 3c channels, in which x, y1 and y2 are slices, so that nothing is concatenated. Predicts
// another 5c read and written less. These are the calls of seafusion/grdb.hpp.
inline void dense_buffer(Block& b) {
    const Weights& w = b.w;
    float* const x = b.dense.data();
    const std::int64_t step = 3 * b.c;
    convolve(b, x, b.c, step, w.conv1, w.bias1, x + b.c, b.c, step, 3, leaky(0.2));
    convolve(b, x, 2 * b.c, step, w.conv2, w.bias2, x + 2 * b.c, b.c, step, 3, leaky(0.2));
    find_edges(b, x, step);
    convolve(b, b.edges.data(), b.c, 0, w.up, w.bias_up, b.out.data(), b.k, 0, 1);
    convolve(b, x, 3 * b.c, step, w.down, w.bias_down, b.out.data(), b.k, 0, 1, leaky(0.1, b.out.data()));
}

}  // namespace ladder_grdb
