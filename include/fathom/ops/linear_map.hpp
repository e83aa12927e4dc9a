// What average pooling and interpolation have in common: they are linear maps of images, so that the gradient of their
// gradient is the operation itself.
#pragma once

#include "fathom/ops/images.hpp"

namespace fathom::inline v0::detail {

// Throws unless x is [N, C, H, W] with at least one pixel, and the new size at least 1. `argument`: what the message
// calls it.
void check_new_size(const AnyTensor& x, Pair size, const char* argument, const char* name, Where site);

// `Map` gives the operation: Args (of the seam, with x, y, dy, dx and plain numbers), and static functions forward and
// backward of (on, name, site, args) that run it.
template <FloatElement T, class Map>
struct LinearMap final : Function {
    using Args = typename Map::Args;

    // x [N, C, H, W] -> [N, C, size.h, size.w], channels-last. numbers: the arguments without their arrays.
    static Tensor<T> forward(const Args& numbers, const AnyTensor& input, Pair size, const char* name, Where site) {
        const AnyTensor x = with_pixel_stride(input, cpu::kernel<T, Elementwise::copy>, name, site);
        const auto y = new_images<T>({x.shape()[0], x.shape()[1], size.h, size.w}, x, name, site);
        Args args = numbers;
        args.x = image_array(x), args.y = image_array(y);
        Map::forward(x, name, site, args);
        return finish<LinearMap>(y, name, site, {x}, [&](LinearMap& f) { f.numbers = numbers, f.shape = x.shape(); });
    }
    void backward(Gradients& g) override {
        run_backward(with_pixel_stride(g.output(), ops->copy, name, site), g.target(0));
    }
    void backward_recorded(Gradients& g) override {
        const AnyTensor dy = with_pixel_stride(g.output(), ops->copy, name, site);
        const auto dx = new_images<T>(shape, dy, name, site);
        run_backward(dy, {dx});
        g.add(0, finish<Transposed>(dx, name, site, {dy}, [&](Transposed& f) {
                  f.numbers = numbers, f.size = {output.shape[2], output.shape[3]};
              }));
    }

    struct Transposed final : Function {
        void backward(Gradients& g) override { g.add(0, forward(numbers, g.output(), size, name, site)); }
        Args numbers;
        Pair size = 1;
    };

    void run_backward(const AnyTensor& dy, const Target& dx) const {
        Args args = numbers;
        args.dy = image_array(dy), args.dx = image_array(dx);
        Map::backward(dy, name, site, args);
    }

    Args numbers;
    Shape shape;
};

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/ops/linear_map.inl.hpp"
#endif
