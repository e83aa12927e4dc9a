// What average pooling and interpolation have in common: they are linear, so that the gradient of their gradient is the
// operation itself.
#pragma once

#include "fathom/ops/conv.hpp"

namespace fathom::inline v0::detail {

// An operation on images whose arguments are x, y, dy, dx and plain numbers.
template <class Args>
struct LinearMap {
    CpuEntry<Args> forward, backward;
    TableEntry<Args> device_forward, device_backward;
    const autograd::TypeOps* ops;
};

// Throws unless x is [N, C, H, W] with at least one pixel, and the new size at least 1. `argument`: what the message
// calls it.
void check_new_size(const AnyTensor& x, Pair size, const char* argument, const char* name, Where site);

// x [N, C, H, W] -> [N, C, size.h, size.w], channels-last. numbers: the arguments without their arrays.
template <class Args>
AnyTensor apply_linear(const LinearMap<Args>& map, const Args& numbers, const AnyTensor& x, Pair size, const char* name,
                       Where site);

template <class Args>
class LinearMapNode final : public autograd::Node {
public:
    LinearMapNode(const LinearMap<Args>& map, const Args& numbers, const Shape& shape)
        : map_(map), numbers_(numbers), shape_(shape) {}

    void backward(autograd::Gradients& g) override {
        run_backward(with_pixel_stride(g.output(), ops->copy, name, site), g.target(0));
    }
    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor dy = with_pixel_stride(g.output(), ops->copy, name, site);
        const AnyTensor dx = new_tensor(shape_, channels_last_strides(shape_), output.dtype, output.device, name, site);
        run_backward(dy, {dx, false});
        if (autograd::recording(dy))
            autograd::record(dx, Ref<autograd::Node>(new TransposedNode(*this)), name, site, ops, {&dy});
        g.add(0, dx);
    }

private:
    class TransposedNode final : public autograd::Node {
    public:
        explicit TransposedNode(const LinearMapNode& forward)
            : map_(forward.map_), numbers_(forward.numbers_), size_(forward.output.shape[2], forward.output.shape[3]) {}
        void backward(autograd::Gradients& g) override {
            g.add(0, apply_linear(map_, numbers_, g.output(), size_, name, site));
        }

    private:
        const LinearMap<Args>& map_;
        Args numbers_;
        Pair size_;
    };

    void run_backward(const AnyTensor& dy, const autograd::Target& dx) const {
        Args args = numbers_;
        args.dy = image_array(dy), args.dx = image_array(dx.view);
        run(dy, name, site, dx.flags(), map_.backward, map_.device_backward, args);
    }

    const LinearMap<Args>& map_;
    Args numbers_;
    Shape shape_;
};

template <class Args>
AnyTensor apply_linear(const LinearMap<Args>& map, const Args& numbers, const AnyTensor& input, Pair size,
                       const char* name, Where site) {
    const AnyTensor x = with_pixel_stride(input, map.ops->copy, name, site);
    const Shape shape{x.shape()[0], x.shape()[1], size.h, size.w};
    const AnyTensor y = new_tensor(shape, channels_last_strides(shape), x.dtype(), x.device(), name, site);
    Args args = numbers;
    args.x = image_array(x), args.y = image_array(y);
    run(x, name, site, 0, map.forward, map.device_forward, args);
    if (autograd::recording(x))
        autograd::record(y, Ref<autograd::Node>(new LinearMapNode<Args>(map, numbers, x.shape())), name, site, map.ops,
                         {&x});
    autograd::observe(y, name, site);
    return y;
}

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/ops/linear_map.inl.hpp"
#endif
