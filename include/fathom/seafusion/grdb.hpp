// The gradient residual dense block of SeAFusion as one operation: Tang, Yuan, Ma, Information Fusion 82 (2022),
// figure 3. x, y1 and y2 lie in one dense buffer; backward recomputes the Sobel magnitude. What needs no neighbours
// runs in bands of rows. The derivation of backward is in docs/grdb.md.
// clang-format off
//   y1  = lrelu.2(conv3x3(x))
//   y2  = lrelu.2(conv3x3([x, y1]))
//   out = lrelu.1(conv1x1([x, y1, y2]) + conv1x1(|wx * x| + |wy * x|))
// clang-format on
#pragma once

#include "fathom/ops/fused.hpp"

namespace fathom::inline v0::seafusion {

// C channels in, K out.
template <FloatElement T>
struct GrdbWeights {
    Tensor<T> conv1, bias1;      // [C, C, 3, 3], [C]
    Tensor<T> conv2, bias2;      // [C, 2C, 3, 3], [C]
    Tensor<T> down, bias_down;   // [K, 3C, 1, 1], [K]
    Tensor<T> up, bias_up;       // [K, C, 1, 1], [K]
    Tensor<T> sobel_x, sobel_y;  // [C, 1, 3, 3]
};

namespace detail {

using namespace fused;

template <FloatElement T>
struct Grdb final : autograd::Node {
    // `dense` [N, 3C, H, W] holds x in its first C channels; x is that slice with its history. The result is written
    // into `out` [N, K, H, W].
    static Tensor<T> forward(const AnyTensor& dense, const Tensor<T>& x, const GrdbWeights<T>& w, const Tensor<T>& out,
                             Precision precision, Where site) {
        const std::int64_t c = x.shape()[1];
        const AnyTensor y1 = channels_of(dense, c, c), y2 = channels_of(dense, 2 * c, c);
        conv_into({y1}, x, w.conv1, w.bias1, 0.2, precision, site);
        conv_into({y2}, channels_of(dense, 0, 2 * c), w.conv2, w.bias2, 0.2, precision, site);
        Bands(dense, 3 * c).for_each([&](const Band& band) {
            const AnyTensor part = band.of(out), magnitude = magnitude_of(x, w, band, name_of_block, site);
            conv_into({part}, magnitude, w.up, w.bias_up, 1, precision, site);
            conv_into({part, true}, band.of(dense), w.down, w.bias_down, 0.1, precision, site);
        });
        return finish<Grdb>(
            out, name_of_block, site,
            {x, w.conv1, w.bias1, w.conv2, w.bias2, w.down, w.bias_down, w.up, w.bias_up, w.sobel_x, w.sobel_y},
            [&](Grdb& f) {
                f.precision = precision;
                f.dense = Saved(dense), f.x = Saved(x), f.out = Saved::output(out);
                const AnyTensor* given[] = {&w.conv1.untyped(),  &w.bias1.untyped(),   &w.conv2.untyped(),
                                            &w.bias2.untyped(),  &w.down.untyped(),    &w.bias_down.untyped(),
                                            &w.up.untyped(),     &w.bias_up.untyped(), &w.sobel_x.untyped(),
                                            &w.sobel_y.untyped()};
                for (int i = 0; i < 10; ++i) f.weights[i] = Saved(*given[i]);
            });
    }

    void backward(Gradients& g) override {
        const AnyTensor buffer = dense.get(*this);  // [x, y1, y2]
        const GrdbWeights<T> w = unpack([&](const Saved& s) { return s.get<T>(*this); });
        const Shape& s = buffer.shape();
        const std::int64_t c = s[1] / 3;
        const AnyTensor in = channels_of(buffer, 0, c), y1 = channels_of(buffer, c, c),
                        y2 = channels_of(buffer, 2 * c, c), y = out.get(*this);

        const AnyTensor dbuffer = new_images(s, buffer, name, site);  // gradient of [x, y1, y2]
        const AnyTensor dy2 = channels_of(dbuffer, 2 * c, c), dy1 = channels_of(dbuffer, c, c),
                        dx = channels_of(dbuffer, 0, c);
        const AnyTensor dmagnitude = new_images({s[0], c, s[2], s[3]}, buffer, name, site);
        const Bands bands(buffer, s[1]);
        const auto sum = [&](int i) { return BandSum(g.target_if_needed(i), bands, name, site); };
        const BandSum dup = sum(up), dbias_up = sum(up + 1), ddown = sum(down), dbias_down = sum(down + 1);
        bands.for_each([&](const Band& band) {
            const AnyTensor dz = new_images(band.shape(output.shape[1], s[3]), buffer, name, site);
            leaky_relu_backward({dz}, band.of(g.output()), band.of(y), 0.1);
            if (g.needs(up) || g.needs(up + 1))
                weight_gradients(dup.of(band), dbias_up.of(band), magnitude_of(in, w, band, name, site), w.up, dz);
            weight_gradients(ddown.of(band), dbias_down.of(band), band.of(buffer), w.down, dz);
            data_gradient({band.of(dmagnitude)}, w.up, dz);
            data_gradient({band.of(dbuffer)}, w.down, dz);
            leaky_relu_backward({band.of(dy2)}, band.of(dy2), band.of(y2), 0.2);
        });
        for (const BandSum* total : {&dup, &dbias_up, &ddown, &dbias_down})
            total->finish(cpu::kernel<T, Elementwise::copy>, name, site);

        weight_gradients(g.target_if_needed(conv2), g.target_if_needed(conv2 + 1), channels_of(buffer, 0, 2 * c),
                         w.conv2, dy2);
        data_gradient({channels_of(dbuffer, 0, 2 * c), true}, w.conv2, dy2);
        leaky_relu_backward({dy1}, dy1, y1, 0.2);
        weight_gradients(g.target_if_needed(conv1), g.target_if_needed(conv1 + 1), in, w.conv1, dy1);
        if (g.needs(0)) data_gradient({dx, true}, w.conv1, dy1);

        sobel_backward_into<T>(g.needs(0) ? Target{dx, true} : Target{}, g.target_if_needed(sobel),
                               g.target_if_needed(sobel + 1), in, w.sobel_x, w.sobel_y, dmagnitude, name, site);
        if (g.needs(0)) g.add(0, dx);
    }

    void backward_recorded(Gradients& g) override {
        const auto in = x.get_recorded<T>(*this);
        const GrdbWeights<T> w = unpack([&](const Saved& s) { return s.get_recorded<T>(*this); });
        autograd::backward_by_composite(
            g, composite(in, w, precision, site),
            {in, w.conv1, w.bias1, w.conv2, w.bias2, w.down, w.bias_down, w.up, w.bias_up, w.sobel_x, w.sobel_y}, site);
    }

    void release_saved() override {
        dense.release(), x.release(), out.release();
        for (Saved& s : weights) s.release();
    }

    static Tensor<T> composite(const Tensor<T>& in, const GrdbWeights<T>& w, Precision precision, Where site) {
        const auto conv = [&](const Tensor<T>& from, const Tensor<T>& weight, const Tensor<T>& bias, int padding) {
            return conv2d(from, weight, bias, {.padding = padding, .precision = precision}, site);
        };
        const Tensor<T> a = cat<T>({in, leaky_relu(conv(in, w.conv1, w.bias1, 1), 0.2, site)}, 1, site);
        const Tensor<T> b = cat<T>({a, leaky_relu(conv(a, w.conv2, w.bias2, 1), 0.2, site)}, 1, site);
        const Tensor<T> gradient = sobel_magnitude(in, w.sobel_x, w.sobel_y, site);
        return leaky_relu(conv(b, w.down, w.bias_down, 0) + conv(gradient, w.up, w.bias_up, 0), 0.1, site);
    }

    static constexpr const char* name_of_block = "grdb";
    enum Input { conv1 = 1, conv2 = 3, down = 5, up = 7, sobel = 9 };  // positions of the weights among the inputs

    Saved dense, x, out, weights[10];
    Precision precision{};

private:
    // Stride 1, the size kept.
    static Convolution same_convolution(const AnyTensor& from, const AnyTensor& w, Precision precision) {
        const Shape &s = from.shape(), &k = w.shape();
        Convolution conv{{.n = s[0],
                          .height = s[2],
                          .width = s[3],
                          .in_channels = k[1],
                          .out_channels = k[0],
                          .kernel_h = k[2],
                          .kernel_w = k[3],
                          .padding_h = k[2] / 2,
                          .padding_w = k[3] / 2}};
        conv.precision = precision;
        return conv;
    }
    // With leaky ReLU behind it, unless the slope is 1.
    static void conv_into(const Target& y, const AnyTensor& from, const AnyTensor& w, const AnyTensor& bias,
                          double slope, Precision precision, Where site) {
        Convolution conv = same_convolution(from, w, precision);
        conv.activation = slope == 1 ? Activation::none : Activation::leaky_relu, conv.slope = slope;
        conv_forward_into<T>(y, conv, from, w, bias, name_of_block, site);
    }
    void data_gradient(const Target& dx, const AnyTensor& w, const AnyTensor& dy) const {
        conv_data_into<T>(dx, same_convolution(dy, w, precision), w, dy, name, site);
    }
    // Gradients of a weight and its bias, those that are wanted.
    void weight_gradients(const Target& dw, const Target& dbias, const AnyTensor& from, const AnyTensor& w,
                          const AnyTensor& dy) const {
        conv_weight_into<T>(dw, dbias, same_convolution(from, w, precision), from, dy, name, site);
    }
    // The Sobel magnitude of a band's rows.
    static AnyTensor magnitude_of(const AnyTensor& x, const GrdbWeights<T>& w, const Band& band, const char* name,
                                  Where site) {
        const Shape& s = x.shape();
        const AnyTensor y = new_images(band.shape(s[1], s[3]), x, name, site);
        sobel_into<T>({y}, band.images_of(x), w.sobel_x, w.sobel_y, band.top, name, site);
        return y;
    }
    // dz = dy where y > 0, else slope dy; dz may be dy.
    void leaky_relu_backward(const Target& dz, const AnyTensor& dy, const AnyTensor& y, double slope) const {
        run_elementwise(cpu::kernel<T, Elementwise::leaky_relu_grad>, dz, {&dy, &y}, name, site, slope);
    }

    template <class Get>
    GrdbWeights<T> unpack(Get get) const {
        return {get(weights[0]), get(weights[1]), get(weights[2]), get(weights[3]), get(weights[4]),
                get(weights[5]), get(weights[6]), get(weights[7]), get(weights[8]), get(weights[9])};
    }
};

}  // namespace detail
}  // namespace fathom::inline v0::seafusion
