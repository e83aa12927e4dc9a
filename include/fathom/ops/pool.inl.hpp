// Definitions of pool.hpp.
#include <limits>

namespace fathom::inline v0::detail {

FATHOM_INLINE abi::WindowArgs window_numbers(Window op, const PoolOptions& o) {
    abi::WindowArgs args{};
    args.op = op;
    args.kernel[0] = o.kernel_size.h, args.kernel[1] = o.kernel_size.w;
    args.stride[0] = o.stride.h, args.stride[1] = o.stride.w;
    args.padding[0] = o.padding.h, args.padding[1] = o.padding.w;
    return args;
}

// The size of the result, everything checked.
FATHOM_INLINE Pair pooled_size(const AnyTensor& x, const PoolOptions& o, const char* name, Where site) {
    if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    const Shape kernel{o.kernel_size.h, o.kernel_size.w}, stride{o.stride.h, o.stride.w},
        padding{o.padding.h, o.padding.w};
    Shape size{0, 0};
    for (int i = 0; i < 2; ++i) {
        if (kernel[i] < 1 || stride[i] < 1)
            fail(name, site,
                 {"kernel_size and stride must be at least 1; got kernel_size ", kernel, ", stride ", stride});
        if (padding[i] < 0 || padding[i] > kernel[i] / 2)
            fail(name, site,
                 {"padding must be at least 0 and at most half of kernel_size; got padding ", padding, ", kernel_size ",
                  kernel});
        const std::int64_t inputs = x.shape()[2 + i], room = inputs + 2 * padding[i] - kernel[i];
        if (inputs == 0 || room < 0)
            fail(name, site, {"the window ", kernel[0], "x", kernel[1], " does not fit the padded input ", x.shape()});
        size[i] = room / stride[i] + 1;
    }
    return {size[0], size[1]};
}

// The gradient of max_pool2d, and of taking elements by the same index.
class MaxPoolNode final : public autograd::Node {
public:
    MaxPoolNode(const MaxPoolEntries& cpu, const abi::WindowArgs& numbers, const AnyTensor& index, const Shape& shape)
        : cpu_(cpu), numbers_(numbers), index_(index), shape_(shape) {}

    void backward(autograd::Gradients& g) override {
        run_backward(with_pixel_stride(g.output(), ops->copy, name, site), index_.get(*this), g.target(0));
    }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor dy = with_pixel_stride(g.output(), ops->copy, name, site), index = index_.get(*this);
        const AnyTensor dx = new_tensor(shape_, channels_last_strides(shape_), output.dtype, output.device, name, site);
        run_backward(dy, index, {dx, false});
        if (autograd::recording(dy))
            autograd::record(dx, Ref<autograd::Node>(new MaxPoolGradientNode(cpu_, numbers_, index)), name, site, ops,
                             {&dy});
        g.add(0, dx);
    }
    void release_saved() override { index_.release(); }

private:
    // The gradient is linear in dy: its own gradient takes the elements that the index names.
    class MaxPoolGradientNode final : public autograd::Node {
    public:
        MaxPoolGradientNode(const MaxPoolEntries& cpu, const abi::WindowArgs& numbers, const AnyTensor& index)
            : cpu_(cpu), numbers_(numbers), index_(index) {}
        void backward(autograd::Gradients& g) override {
            const AnyTensor index = index_.get(*this), ddx = with_pixel_stride(g.output(), ops->copy, name, site);
            const AnyTensor ddy =
                new_tensor(index.shape(), channels_last_strides(index.shape()), ddx.dtype(), ddx.device(), name, site);
            abi::WindowArgs args = numbers_;
            args.op = Window::take;
            args.x = image_array(ddx), args.index = image_array(index), args.y = image_array(ddy);
            run(ddx, name, site, 0, cpu_.take, &abi::Table::window, args);
            if (autograd::recording(ddx))
                autograd::record(ddy, Ref<autograd::Node>(new MaxPoolNode(cpu_, numbers_, index, ddx.shape())), name,
                                 site, ops, {&ddx});
            g.add(0, ddy);
        }
        void release_saved() override { index_.release(); }

    private:
        const MaxPoolEntries& cpu_;
        abi::WindowArgs numbers_;
        autograd::Saved index_;
    };

    void run_backward(const AnyTensor& dy, const AnyTensor& index, const autograd::Target& dx) const {
        abi::WindowArgs args = numbers_;
        args.index = image_array(index), args.dy = image_array(dy), args.dx = image_array(dx.view);
        run(dy, name, site, dx.flags(), cpu_.backward, &abi::Table::window_backward, args);
    }

    const MaxPoolEntries& cpu_;
    abi::WindowArgs numbers_;
    autograd::Saved index_;
    Shape shape_;
};

FATHOM_INLINE AnyTensor max_pool2d(const MaxPoolEntries& cpu, const AnyTensor& input, const PoolOptions& options,
                                   Where site) {
    const char* name = "max_pool2d";
    const Pair size = pooled_size(input, options, name, site);
    const Shape &in = input.shape(), shape{in[0], in[1], size.h, size.w};
    const bool wide = input.dtype() == DType::float64, recorded = autograd::recording(input);
    if (!wide && in[2] > std::numeric_limits<std::int32_t>::max() / in[3])
        fail(name, site, {"input has shape ", in, ", expected fewer than 2^31 pixels"});
    const AnyTensor x = with_pixel_stride(input, cpu.ops->copy, name, site);
    const AnyTensor y = new_tensor(shape, channels_last_strides(shape), x.dtype(), x.device(), name, site);
    abi::WindowArgs args = window_numbers(Window::max_pool, options);
    const abi::WindowArgs numbers = args;
    const AnyTensor index = recorded ? new_tensor(shape, channels_last_strides(shape),
                                                  wide ? DType::int64 : DType::int32, x.device(), name, site)
                                     : AnyTensor();
    args.x = image_array(x), args.y = image_array(y);
    if (recorded) args.index = image_array(index);
    run(x, name, site, 0, cpu.forward, &abi::Table::window, args);
    if (recorded)
        autograd::record(y, Ref<autograd::Node>(new MaxPoolNode(cpu, numbers, index, in)), name, site, cpu.ops, {&x});
    autograd::observe(y, name, site);
    return y;
}

FATHOM_INLINE AnyTensor avg_pool2d(const LinearMap<abi::WindowArgs>& map, const AnyTensor& x,
                                   const PoolOptions& options, Where site) {
    const Pair size = pooled_size(x, options, "avg_pool2d", site);
    return apply_linear(map, window_numbers(Window::avg_pool, options), x, size, "avg_pool2d", site);
}

FATHOM_INLINE AnyTensor adaptive_avg_pool2d(const LinearMap<abi::WindowArgs>& map, const AnyTensor& x, Pair output_size,
                                            Where site) {
    const char* name = "adaptive_avg_pool2d";
    check_new_size(x, output_size, "output_size", name, site);
    return apply_linear(map, window_numbers(Window::adaptive_avg_pool, {1}), x, output_size, name, site);
}

}  // namespace fathom::inline v0::detail
