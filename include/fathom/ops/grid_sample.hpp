// grid_sample: images at places between their pixels, and affine_grid, which makes such places.
#pragma once

#include "fathom/backend/cpu/grid_sample.hpp"
#include "fathom/ops/images.hpp"
#include "fathom/ops/matmul.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments.
struct GridSampleOptions {
    Interpolation mode = Interpolation::bilinear;  // or nearest, bicubic
    GridPadding padding_mode = GridPadding::zeros;
    bool align_corners = false;  // -1 and 1 are the centres of the outermost pixels, not their borders
};

namespace detail {

void check_grid_sample(const AnyTensor& x, const AnyTensor& grid, const GridSampleOptions& options, Where site);

// y is linear in x, and its derivatives by the grid are y again with the weights differentiated once more: so values
// and gradients of every order are the same two maps, x to y and, transposed, dy to dx.
template <FloatElement T>
struct GridSample final : Function {
    // numbers: the arguments without their arrays.
    static Tensor<T> forward(const AnyTensor& input, const AnyTensor& grid, const abi::GridSampleArgs& numbers,
                             const char* name, Where site) {
        const AnyTensor x = with_pixel_stride(input, cpu::kernel<T, Elementwise::copy>, name, site);
        const Shape &s = x.shape(), &places = grid.shape();
        const auto y = new_images<T>({s[0], s[1], places[1], places[2]}, x, name, site);
        abi::GridSampleArgs args = numbers;
        args.x = image_array(x), args.grid = array_of(grid), args.y = image_array(y);
        run(x, name, site, operation::grid_sample, &cpu::grid_sample<T>, args);
        return finish<GridSample>(y, name, site, {x, grid}, [&](GridSample& f) {
            f.numbers = numbers, f.grid = Saved(grid), f.shape = s;
            if (autograd::requires_grad(grid)) f.x = Saved(x);
        });
    }
    void backward(Gradients& g) override {
        const Target dx = g.target_if_needed(0), dgrid = g.target_if_needed(1);
        gradients_into(dx, dgrid, g.output(), dgrid.wanted() ? x.get(*this) : AnyTensor(), grid.get(*this), numbers,
                       *this);
    }
    void backward_recorded(Gradients& g) override;
    void release_saved() override { x.release(), grid.release(); }

    // dx and dgrid where they are wanted.
    static void gradients_into(const Target& dx, const Target& dgrid, const AnyTensor& gradient, const AnyTensor& x,
                               const AnyTensor& grid, const abi::GridSampleArgs& numbers, const Function& f) {
        const AnyTensor dy = with_pixel_stride(gradient, f.ops->copy, f.name, f.site);
        abi::GridSampleArgs args = numbers;
        args.x = image_array(x), args.grid = array_of(grid), args.dy = image_array(dy);
        args.dx = image_array(dx), args.dgrid = array_of(dgrid);
        run(dy, f.name, f.site, operation::grid_sample_backward, &cpu::grid_sample_backward<T>, args);
    }
    // The sum over the channels of dy times the derivatives of y by both coordinates, recorded.
    static AnyTensor grid_gradient(const Tensor<T>& dy, const AnyTensor& x, const AnyTensor& grid,
                                   const abi::GridSampleArgs& numbers, const Function& f) {
        std::vector<Tensor<T>> both;
        for (const int axis : {1, 0}) {
            abi::GridSampleArgs derived = numbers;
            ++derived.derivative[axis];
            const Tensor<T> slope = forward(x, grid, derived, f.name, f.site);
            both.push_back(sum(mul(Operand<T>(dy, f.site), Operand<T>(slope, f.site)), {1}, false, f.site));
        }
        return stack(both, 3, f.site);
    }

    abi::GridSampleArgs numbers;
    Saved x, grid;
    Shape shape;  // of x
};

// dx from dy.
template <FloatElement T>
struct GridSampleTransposed final : Function {
    static Tensor<T> forward(const AnyTensor& dy, const AnyTensor& grid, const abi::GridSampleArgs& numbers,
                             const Shape& shape, const Function& of) {
        const auto dx = new_images<T>(shape, dy, of.name, of.site);
        GridSample<T>::gradients_into({dx}, {}, dy, {}, grid, numbers, of);
        return finish<GridSampleTransposed>(dx, of.name, of.site, {dy, grid}, [&](GridSampleTransposed& f) {
            f.numbers = numbers, f.dy = Saved(dy), f.grid = Saved(grid);
        });
    }
    void backward(Gradients& g) override {
        const AnyTensor places = grid.get_recorded(*this);
        if (g.needs(0)) g.add(0, GridSample<T>::forward(g.output(), places, numbers, name, site));
        if (g.needs(1))
            g.add(1, GridSample<T>::grid_gradient(dy.get_recorded<T>(*this), g.output(), places, numbers, *this));
    }
    void release_saved() override { dy.release(), grid.release(); }

    abi::GridSampleArgs numbers;
    Saved dy, grid;
};

template <FloatElement T>
void GridSample<T>::backward_recorded(Gradients& g) {
    const AnyTensor places = grid.get_recorded(*this);
    if (g.needs(0)) g.add(0, GridSampleTransposed<T>::forward(g.output(), places, numbers, shape, *this));
    if (g.needs(1)) g.add(1, grid_gradient(g.output<T>(), x.get_recorded(*this), places, numbers, *this));
}

// The places of the pixels of an image, [height width, 3]: horizontal and vertical from -1 to 1, and 1.
Tensor<double> pixel_places(std::int64_t height, std::int64_t width, bool align_corners, Where site);
void check_affine_grid(const AnyTensor& theta, const Shape& size, Where site);

}  // namespace detail

// x [N, C, H, W], grid [N, H', W', 2] -> [N, C, H', W'] with channels-last strides: x at the places (horizontal,
// vertical) of the grid, which go from -1 at the left and top border to 1 at the right and bottom one. What lies beyond
// is padding_mode's. A place that is not a number is padding, or with border and reflection the first pixel. Gradients
// by the grid are those of the polynomial that the place lies in, and 0 where the padding holds it fast.
template <FloatElement T>
Tensor<T> grid_sample(const Tensor<T>& x, const Tensor<T>& grid, const GridSampleOptions& o = {},
                      Where site = Where::here()) {
    detail::check_grid_sample(x, grid, o, site);
    return detail::GridSample<T>::forward(
        x, grid, {.mode = o.mode, .padding = o.padding_mode, .align_corners = o.align_corners}, "grid_sample", site);
}

// theta [N, 2, 3] -> [N, H, W, 2], a grid for images of `size` {N, C, H, W}: the place of each pixel, (x, y), becomes
// theta (x, y, 1).
template <FloatElement T>
Tensor<T> affine_grid(const Tensor<T>& theta, const Shape& size, bool align_corners = false,
                      Where site = Where::here()) {
    detail::check_affine_grid(theta, size, site);
    const Tensor<T> places =
        to<T>(detail::pixel_places(size[2], size[3], align_corners, site), site).to(theta.device(), site);
    const Tensor<T> moved = matmul(expand(unsqueeze(places, 0, site), {size[0], size[2] * size[3], 3}, site),
                                   transpose(theta, 1, 2, site), site);
    return reshape(moved, {size[0], size[2], size[3], 2}, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/grid_sample.inl.hpp"
#endif
