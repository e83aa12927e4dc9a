// Definitions of image.hpp.
#include "fathom/autograd/composite.hpp"

namespace fathom::inline v0::detail {

class SobelNode final : public autograd::Node {
public:
    SobelNode(const SobelEntries& cpu, const AnyTensor& x, const AnyTensor& wx, const AnyTensor& wy)
        : cpu_(cpu), x_(x), wx_(wx), wy_(wy) {}

    void backward(autograd::Gradients& g) override {
        const AnyTensor x = x_.get(*this), dy = with_pixel_stride(g.output(), ops->copy, name, site);
        abi::SobelArgs args{};
        args.x = image_array(x), args.wx = array_of(wx_.get(*this)), args.wy = array_of(wy_.get(*this)),
        args.dy = image_array(dy);
        // Gradients that are overwritten and gradients that are added to go in separate calls: the flag is the call's.
        autograd::Target targets[3];
        for (int i = 0; i < 3; ++i)
            if (g.needs(i)) targets[i] = g.target(i);
        for (const bool add : {false, true}) {
            const auto wanted = [&](int i) { return targets[i].view.defined() && targets[i].add == add; };
            args.dx = wanted(0) ? image_array(targets[0].view) : abi::Array{};
            args.dwx = wanted(1) ? array_of(targets[1].view) : abi::Array{};
            args.dwy = wanted(2) ? array_of(targets[2].view) : abi::Array{};
            if (wanted(0) || wanted(1) || wanted(2))
                run(x, name, site, add ? abi::accumulate : 0u, cpu_.backward, &abi::Table::sobel_backward, args);
        }
    }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor x = x_.get_recorded(*this), wx = wx_.get_recorded(*this), wy = wy_.get_recorded(*this);
        autograd::backward_by_composite(g, cpu_.composite(x, wx, wy, site), {x, wx, wy}, site);
    }
    void release_saved() override { x_.release(), wx_.release(), wy_.release(); }

private:
    const SobelEntries& cpu_;
    autograd::Saved x_, wx_, wy_;
};

FATHOM_INLINE AnyTensor sobel_magnitude(const SobelEntries& cpu, const AnyTensor& input, const AnyTensor& wx,
                                        const AnyTensor& wy, Where site) {
    const char* name = "sobel_magnitude";
    if (input.rank() != 4) fail(name, site, {"input has shape ", input.shape(), ", expected [N,C,H,W]"});
    const Shape filters{input.shape()[1], 1, 3, 3};
    if (!(wx.shape() == filters) || !(wy.shape() == filters))
        fail(name, site, {"filters have shapes ", wx.shape(), " and ", wy.shape(), ", expected ", filters});
    check_device(input, wx, name, site);
    check_device(input, wy, name, site);
    const AnyTensor x = with_pixel_stride(input, cpu.ops->copy, name, site);
    const AnyTensor fx = row_major(wx, cpu.ops->copy, site), fy = row_major(wy, cpu.ops->copy, site);
    const AnyTensor y = new_tensor(x.shape(), strides_in_order_of(x.shape(), x.shape(), x.strides()), x.dtype(),
                                   x.device(), name, site);
    abi::SobelArgs args{};
    args.x = image_array(x), args.wx = array_of(fx), args.wy = array_of(fy), args.y = image_array(y);
    run(x, name, site, 0, cpu.forward, &abi::Table::sobel_forward, args);
    if (autograd::recording(x, fx, fy))
        autograd::record(y, Ref<autograd::Node>(new SobelNode(cpu, x, fx, fy)), name, site, cpu.ops, {&x, &fx, &fy});
    autograd::observe(y, name, site);
    return y;
}

FATHOM_INLINE Tensor<double> sobel_filter(std::int64_t channels, bool transposed, Where site) {
    const Shape shape{channels, 1, 3, 3};
    const AnyTensor w =
        new_tensor(shape, row_major_strides(shape), DType::float64, Device::cpu(), "sobel_magnitude", site);
    constexpr double filter[9] = {1, 0, -1, 2, 0, -2, 1, 0, -1};
    auto* p = static_cast<double*>(w.raw_unchecked());
    for (std::int64_t i = 0; i < 9 * channels; ++i) p[i] = filter[transposed ? i % 3 * 3 + i % 9 / 3 : i % 9];
    return Tensor<double>::adopt(w);
}

class PadNode final : public autograd::Node {
public:
    PadNode(const PadEntries& cpu, const Shape& amounts, Pad mode, const Shape& shape)
        : cpu_(cpu), amounts_(amounts), mode_(mode), shape_(shape) {}
    void backward(autograd::Gradients& g) override { run_backward(g.output(), g.target(0)); }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor dx = new_tensor(shape_, row_major_strides(shape_), output.dtype, output.device, name, site);
        run_backward(g.output(), {dx, false});
        if (autograd::recording(g.output()))
            autograd::record(dx, Ref<autograd::Node>(new PadBackwardNode(*this)), name, site, ops, {&g.output()});
        g.add(0, dx);
    }

private:
    // Padding is linear: the gradient of its gradient is the padding (with zeros where it was constant).
    class PadBackwardNode final : public autograd::Node {
    public:
        explicit PadBackwardNode(const PadNode& pad) : cpu_(pad.cpu_), amounts_(pad.amounts_), mode_(pad.mode_) {}
        void backward(autograd::Gradients& g) override {
            g.add(0, detail::pad(cpu_, g.output(), amounts_, mode_, 0, site));
        }

    private:
        const PadEntries& cpu_;
        Shape amounts_;
        Pad mode_;
    };

    void run_backward(const AnyTensor& dy, const autograd::Target& dx) const {
        abi::PadArgs args{};
        args.mode = mode_;
        args.dy = array_of(dy), args.dx = array_of(dx.view);
        args.before[0] = amounts_[2], args.before[1] = amounts_[0];
        run(dy, name, site, dx.flags(), cpu_.backward, &abi::Table::pad_backward, args);
    }

    const PadEntries& cpu_;
    Shape amounts_;
    Pad mode_;
    Shape shape_;
};

FATHOM_INLINE AnyTensor pad(const PadEntries& cpu, const AnyTensor& x, const Shape& amounts, Pad mode, double value,
                            Where site) {
    if (x.rank() != 4 || amounts.rank() != 4)
        fail("pad", site,
             {"input ", x.shape(), " and amounts ", amounts, ", expected [N,C,H,W] and {left,right,top,bottom}"});
    for (int i = 0; i < 4; ++i) {
        const std::int64_t size = x.shape()[i < 2 ? 3 : 2];
        if (amounts[i] < 0 || (mode == Pad::reflect && amounts[i] >= size) || (mode == Pad::replicate && size == 0))
            fail("pad", site,
                 {"amounts ", amounts, " (left, right, top, bottom) do not fit an input of shape ", x.shape()});
    }
    Shape shape = x.shape();
    shape[2] += amounts[2] + amounts[3];
    shape[3] += amounts[0] + amounts[1];
    const AnyTensor y =
        new_tensor(shape, strides_in_order_of(shape, x.shape(), x.strides()), x.dtype(), x.device(), "pad", site);
    abi::PadArgs args{};
    args.mode = mode;
    args.x = array_of(x), args.y = array_of(y);
    args.before[0] = amounts[2], args.before[1] = amounts[0];
    args.value = value;
    run(x, "pad", site, 0, cpu.forward, &abi::Table::pad, args);
    if (autograd::recording(x))
        autograd::record(y, Ref<autograd::Node>(new PadNode(cpu, amounts, mode, x.shape())), "pad", site, cpu.ops,
                         {&x});
    autograd::observe(y, "pad", site);
    return y;
}

class ColorNode final : public autograd::Node {
public:
    ColorNode(CpuEntry<abi::ColorArgs> cpu, bool inverse, int transposed)
        : cpu_(cpu), inverse_(inverse), transposed_(transposed) {}
    void backward(autograd::Gradients& g) override {
        g.add(0, convert_color(cpu_, ops, g.output(), inverse_, transposed_ == 1 ? 2 : 1, name, site));
    }

private:
    CpuEntry<abi::ColorArgs> cpu_;
    bool inverse_;
    int transposed_;
};

FATHOM_INLINE AnyTensor convert_color(CpuEntry<abi::ColorArgs> cpu, const autograd::TypeOps* ops, const AnyTensor& x,
                                      bool inverse, int transposed, const char* name, Where site) {
    if (x.rank() != 4 || x.shape()[1] != 3) fail(name, site, {"input has shape ", x.shape(), ", expected [N,3,H,W]"});
    const AnyTensor y = new_tensor(x.shape(), output_strides(x.shape(), {&x}), x.dtype(), x.device(), name, site);
    abi::ColorArgs args{};
    args.x = array_of(x), args.y = array_of(y);
    args.inverse = inverse, args.transposed = transposed;
    run(x, name, site, 0, cpu, &abi::Table::color, args);
    if (autograd::recording(x))
        autograd::record(y, Ref<autograd::Node>(new ColorNode(cpu, inverse, transposed)), name, site, ops, {&x});
    autograd::observe(y, name, site);
    return y;
}

}  // namespace fathom::inline v0::detail
