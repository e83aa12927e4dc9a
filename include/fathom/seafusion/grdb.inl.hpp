// Definitions of grdb.hpp.
#include "fathom/autograd/composite.hpp"

namespace fathom::inline v0::seafusion::detail {

using autograd::Gradients;
using autograd::Saved;
using autograd::Target;
using fathom::detail::array_of;
using fathom::detail::channels_of;
using fathom::detail::image_array;
using fathom::detail::new_images;

// The kernels of the block, on one set of entries. 3x3 convolutions have padding 1, 1x1 ones none.
class GrdbKernels {
public:
    GrdbKernels(const GrdbEntries& cpu, Where site) : cpu_(cpu), site_(site) {}

    void forward(const AnyTensor& x, const AnyTensor& w, const AnyTensor& bias, const AnyTensor& y, std::uint32_t flags,
                 Activation activation, double slope) const {
        abi::ConvArgs args = conv_args(w);
        args.activation = activation, args.slope = slope;
        args.x = image_array(x), args.w = array_of(w), args.bias = array_of(bias), args.y = image_array(y);
        fathom::detail::run(y, name, site_, flags, cpu_.conv->forward, &abi::Table::conv_forward, args);
    }
    void data(const AnyTensor& dx, std::uint32_t flags, const AnyTensor& w, const AnyTensor& dy) const {
        abi::ConvArgs args = conv_args(w);
        args.x = image_array(dx), args.w = array_of(w), args.y = image_array(dy);
        fathom::detail::run(dx, name, site_, flags, cpu_.conv->data, &abi::Table::conv_data, args);
    }
    // Gradients of the weight (input `i` of the node) and of its bias (input i + 1), those that are wanted.
    void weight(Gradients& g, int i, const AnyTensor& x, const AnyTensor& w, const AnyTensor& dy) const {
        const Target dw = g.needs(i) ? g.target(i) : Target{}, db = g.needs(i + 1) ? g.target(i + 1) : Target{};
        abi::ConvArgs args = conv_args(w);
        args.x = image_array(x), args.y = image_array(dy);
        for (const bool add : {false, true}) {
            args.w = array_of(dw.view.defined() ? dw.view : w);
            if (!dw.view.defined() || dw.add != add) args.w.data = nullptr;  // the kernel's size is still read
            args.bias = db.view.defined() && db.add == add ? array_of(db.view) : abi::Array{};
            if (args.w.data || args.bias.data)
                fathom::detail::run(x, name, site_, add ? abi::accumulate : 0u, cpu_.conv->weight,
                                    &abi::Table::conv_weight, args);
        }
    }
    void sobel(const AnyTensor& x, const GrdbWeights& w, const AnyTensor& y) const {
        abi::SobelArgs args{};
        args.x = image_array(x), args.wx = array_of(w.sobel_x), args.wy = array_of(w.sobel_y), args.y = image_array(y);
        fathom::detail::run(x, name, site_, 0, cpu_.sobel->forward, &abi::Table::sobel_forward, args);
    }
    // dz = dy where y > 0, else slope dy; dz may be dy.
    void leaky_relu_backward(const AnyTensor& dz, const AnyTensor& dy, const AnyTensor& y, double slope) const {
        fathom::detail::elementwise_into(
            {name, Elementwise::leaky_relu_grad, cpu_.conv->leaky_relu_grad, nullptr, slope}, dz, 0, {&dy, &y}, site_);
    }
    void sobel_backward(const AnyTensor& x, const GrdbWeights& w, const AnyTensor& dy, std::uint32_t flags,
                        const AnyTensor& dx, const AnyTensor& dwx, const AnyTensor& dwy) const {
        abi::SobelArgs args{};
        args.x = image_array(x), args.wx = array_of(w.sobel_x), args.wy = array_of(w.sobel_y),
        args.dy = image_array(dy);
        if (dx.defined()) args.dx = image_array(dx);
        args.dwx = array_of(dwx), args.dwy = array_of(dwy);
        if (args.dx.data || args.dwx.data || args.dwy.data)
            fathom::detail::run(x, name, site_, flags, cpu_.sobel->backward, &abi::Table::sobel_backward, args);
    }

    static constexpr const char* name = "grdb";

private:
    static abi::ConvArgs conv_args(const AnyTensor& w) {
        abi::ConvArgs args{};
        for (int i = 0; i < 2; ++i) args.stride[i] = args.dilation[i] = 1, args.padding[i] = w.shape()[2] / 2;
        args.groups = 1;
        return args;
    }

    const GrdbEntries& cpu_;
    Where site_;
};

class GrdbNode final : public autograd::Node {
public:
    GrdbNode(const GrdbEntries& cpu, const AnyTensor& dense, const AnyTensor& x, const GrdbWeights& w,
             const AnyTensor& y)
        : cpu_(cpu), dense_(dense), x_(x), y_(Saved::output(y)) {
        const AnyTensor* weights[] = {&w.conv1,     &w.bias1, &w.conv2,   &w.bias2,   &w.down,
                                      &w.bias_down, &w.up,    &w.bias_up, &w.sobel_x, &w.sobel_y};
        for (int i = 0; i < 10; ++i) weights_[i] = Saved(*weights[i]);
    }

    void backward(Gradients& g) override {
        const GrdbKernels run(cpu_, site);
        const AnyTensor dense = dense_.get(*this);
        const GrdbWeights w = unpack([&](const Saved& s) { return s.get(*this); });
        const Shape& s = dense.shape();
        const std::int64_t c = s[1] / 3;
        const AnyTensor x = channels_of(dense, 0, c), y1 = channels_of(dense, c, c), y2 = channels_of(dense, 2 * c, c);

        const AnyTensor dz = new_images(s[0], output.shape[1], s[2], s[3], dense, name, site);
        run.leaky_relu_backward(dz, g.output(), y_.get(*this), 0.1);
        const AnyTensor magnitude = new_images(s[0], c, s[2], s[3], dense, name, site);
        if (g.needs(up) || g.needs(up + 1)) {
            run.sobel(x, w, magnitude);
            run.weight(g, up, magnitude, w.up, dz);
        }
        run.weight(g, down, dense, w.down, dz);
        const AnyTensor dmagnitude = magnitude;  // no longer needed
        run.data(dmagnitude, 0, w.up, dz);
        const AnyTensor ddense = new_images(s[0], 3 * c, s[2], s[3], dense, name, site);  // gradient of [x, y1, y2]
        run.data(ddense, 0, w.down, dz);

        const AnyTensor dy2 = channels_of(ddense, 2 * c, c), dy1 = channels_of(ddense, c, c),
                        dx = channels_of(ddense, 0, c);
        run.leaky_relu_backward(dy2, dy2, y2, 0.2);
        run.weight(g, conv2, channels_of(dense, 0, 2 * c), w.conv2, dy2);
        run.data(channels_of(ddense, 0, 2 * c), abi::accumulate, w.conv2, dy2);
        run.leaky_relu_backward(dy1, dy1, y1, 0.2);
        run.weight(g, conv1, x, w.conv1, dy1);
        if (g.needs(0)) run.data(dx, abi::accumulate, w.conv1, dy1);

        const Target dwx = g.needs(sobel) ? g.target(sobel) : Target{},
                     dwy = g.needs(sobel + 1) ? g.target(sobel + 1) : Target{};
        const auto wanted = [](const Target& t, bool add) {
            return t.view.defined() && t.add == add ? t.view : AnyTensor{};
        };
        run.sobel_backward(x, w, dmagnitude, 0, {}, wanted(dwx, false), wanted(dwy, false));
        run.sobel_backward(x, w, dmagnitude, abi::accumulate, g.needs(0) ? dx : AnyTensor{}, wanted(dwx, true),
                           wanted(dwy, true));
        if (g.needs(0)) g.add(0, dx);
    }

    void backward_recorded(Gradients& g) override {
        const AnyTensor x = x_.get_recorded(*this);
        const GrdbWeights w = unpack([&](const Saved& s) { return s.get_recorded(*this); });
        autograd::backward_by_composite(
            g, cpu_.composite(x, w, site),
            {x, w.conv1, w.bias1, w.conv2, w.bias2, w.down, w.bias_down, w.up, w.bias_up, w.sobel_x, w.sobel_y}, site);
    }

    void release_saved() override {
        dense_.release(), x_.release(), y_.release();
        for (Saved& s : weights_) s.release();
    }

private:
    enum Input { conv1 = 1, conv2 = 3, down = 5, up = 7, sobel = 9 };  // positions of the weights among the inputs

    template <class Get>
    GrdbWeights unpack(Get get) const {
        return {get(weights_[0]), get(weights_[1]), get(weights_[2]), get(weights_[3]), get(weights_[4]),
                get(weights_[5]), get(weights_[6]), get(weights_[7]), get(weights_[8]), get(weights_[9])};
    }

    const GrdbEntries& cpu_;
    Saved dense_, x_, y_;
    Saved weights_[10];
};

FATHOM_INLINE AnyTensor grdb(const GrdbEntries& cpu, const AnyTensor& dense, const AnyTensor& x, const GrdbWeights& w,
                             const AnyTensor& out, Where site) {
    const GrdbKernels run(cpu, site);
    const Shape& s = dense.shape();
    const std::int64_t c = s[1] / 3;
    run.forward(x, w.conv1, w.bias1, channels_of(dense, c, c), 0, Activation::leaky_relu, 0.2);
    run.forward(channels_of(dense, 0, 2 * c), w.conv2, w.bias2, channels_of(dense, 2 * c, c), 0, Activation::leaky_relu,
                0.2);
    {
        const AnyTensor magnitude = new_images(s[0], c, s[2], s[3], dense, GrdbKernels::name, site);
        run.sobel(x, w, magnitude);
        run.forward(magnitude, w.up, w.bias_up, out, 0, Activation::none, 0);
    }
    run.forward(dense, w.down, w.bias_down, out, abi::accumulate, Activation::leaky_relu, 0.1);
    if (autograd::recording(x, w.conv1, w.bias1, w.conv2, w.bias2, w.down, w.bias_down, w.up, w.bias_up, w.sobel_x,
                            w.sobel_y))
        autograd::record(out, Ref<autograd::Node>(new GrdbNode(cpu, dense, x, w, out)), GrdbKernels::name, site,
                         cpu.conv->ops,
                         {&x, &w.conv1, &w.bias1, &w.conv2, &w.bias2, &w.down, &w.bias_down, &w.up, &w.bias_up,
                          &w.sobel_x, &w.sobel_y});
    autograd::observe(out, GrdbKernels::name, site);
    return out;
}

}  // namespace fathom::inline v0::seafusion::detail
