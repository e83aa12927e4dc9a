// The gradient residual dense block of SeAFusion as one operation: Tang, Yuan, Ma, Information Fusion 82 (2022),
// figure 3.
//   y1 = lrelu.2(conv3x3(x)); y2 = lrelu.2(conv3x3([x, y1])); out = lrelu.1(conv1x1([x, y1, y2]) + conv1x1(|wx * x| +
//   |wy * x|))
// x, y1 and y2 lie in one dense buffer; backward recomputes the Sobel magnitude. The derivation of backward is in
// docs/grdb.md.
#pragma once

#include "fathom/ops/dense.hpp"
#include "fathom/ops/image.hpp"

namespace fathom::inline v0::seafusion {

// C channels in, K out.
struct GrdbWeights {
    AnyTensor conv1, bias1;      // [C, C, 3, 3], [C]
    AnyTensor conv2, bias2;      // [C, 2C, 3, 3], [C]
    AnyTensor down, bias_down;   // [K, 3C, 1, 1], [K]
    AnyTensor up, bias_up;       // [K, C, 1, 1], [K]
    AnyTensor sobel_x, sobel_y;  // [C, 1, 3, 3]
};

namespace detail {

struct GrdbEntries {
    const fathom::detail::ConvEntries* conv;
    const fathom::detail::SobelEntries* sobel;
    AnyTensor (*composite)(const AnyTensor& x, const GrdbWeights& weights, Where site);
};

// `dense` [N, 3C, H, W] holds x in its first C channels; x is that slice with its history. The result is written into
// `out` [N, K, H, W].
AnyTensor grdb(const GrdbEntries& cpu, const AnyTensor& dense, const AnyTensor& x, const GrdbWeights& weights,
               const AnyTensor& out, Where site);

template <FloatElement T>
AnyTensor grdb_composite(const AnyTensor& x, const GrdbWeights& w, Where site) {
    using fathom::detail::typed;
    const auto conv = [&](const Tensor<T>& in, const AnyTensor& weight, const AnyTensor& bias, int padding) {
        return conv2d(in, typed<T>(weight), typed<T>(bias), {.padding = padding}, site);
    };
    const Tensor<T> in = typed<T>(x);
    const Tensor<T> a = cat<T>({in, leaky_relu(conv(in, w.conv1, w.bias1, 1), 0.2, site)}, 1, site);
    const Tensor<T> b = cat<T>({a, leaky_relu(conv(a, w.conv2, w.bias2, 1), 0.2, site)}, 1, site);
    const Tensor<T> gradient = sobel_magnitude(in, typed<T>(w.sobel_x), typed<T>(w.sobel_y), site);
    return leaky_relu(conv(b, w.down, w.bias_down, 0) + conv(gradient, w.up, w.bias_up, 0), 0.1, site);
}
template <FloatElement T>
inline constexpr GrdbEntries grdb_entries = {&fathom::detail::conv_entries<T>, &fathom::detail::sobel_entries<T>,
                                             &grdb_composite<T>};

}  // namespace detail
}  // namespace fathom::inline v0::seafusion

#ifndef FATHOM_COMPILED
#include "fathom/seafusion/grdb.inl.hpp"
#endif
