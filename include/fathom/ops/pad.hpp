// pad: the last dimensions made larger or smaller.
#pragma once

#include "fathom/backend/cpu/pad.hpp"
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0 {

namespace detail {

// Throws unless x can be padded so.
void check_padding(const AnyTensor& x, const Shape& amounts, Pad mode, Where site);
// The shape of x with its last two dimensions padded; amounts {left, right, top, bottom}.
Shape padded_shape(const AnyTensor& x, const Shape& amounts);

// Padding of the last two dimensions.
template <Element T>
struct PadPlanes;

template <Element T>
Tensor<T> pad_planes(const AnyTensor& x, const Shape& amounts, Pad mode, double value, Where site) {
    const Shape shape = padded_shape(x, amounts);
    const auto y = new_tensor<T>(shape, strides_in_order_of(shape, x.shape(), x.strides()), x.device(), "pad", site);
    run(x, "pad", site, operation::pad, &cpu::pad<T>,
        {.mode = mode, .x = array_of(x), .y = array_of(y), .before = {amounts[2], amounts[0]}, .value = value});
    if constexpr (FloatElement<T>)
        return finish<PadPlanes<T>>(y, "pad", site, {x},
                                    [&](PadPlanes<T>& f) { f.amounts = amounts, f.mode = mode, f.shape = x.shape(); });
    observe(y, "pad", site, {x});
    return y;
}

template <Element T>
struct PadPlanes final : Function {
    void backward(Gradients& g) override { run_backward(g.output(), g.target(0)); }
    void backward_recorded(Gradients& g) override {
        const auto dx = new_tensor<T>(shape, row_major_strides(shape), output.device, name, site);
        run_backward(g.output(), {dx});
        g.add(0, finish<Transposed>(dx, name, site, {g.output()},
                                    [&](Transposed& f) { f.amounts = amounts, f.mode = mode; }));
    }

    // Padding is linear: the gradient of its gradient is the padding (with zeros where it was constant).
    struct Transposed final : Function {
        void backward(Gradients& g) override { g.add(0, pad_planes<T>(g.output(), amounts, mode, 0, site)); }
        Shape amounts;
        Pad mode;
    };

    void run_backward(const AnyTensor& dy, const Target& dx) const {
        run(dy, name, site, operation::pad_backward, &cpu::pad_backward<T>,
            {.mode = mode, .dy = array_of(dy), .dx = array_of(dx), .before = {amounts[2], amounts[0]}});
    }

    Shape amounts;
    Pad mode;
    Shape shape;
};

// `x` with one dimension before the last two padded.
template <Element T>
Tensor<T> pad_dimension(const Tensor<T>& x, int dim, const Shape& amounts, Pad mode, double value, Where site) {
    if (amounts[0] == 0 && amounts[1] == 0) return x;
    Shape order;  // dim comes to stand before the last
    for (int d = 0; d < x.rank() - 1; ++d)
        if (d != dim) order.push_back(d);
    order.push_back(dim), order.push_back(x.rank() - 1);
    Shape back = order;
    for (int d = 0; d < order.rank(); ++d) back[static_cast<int>(order[d])] = d;
    return permute(pad_planes<T>(permute(x, order, site), {0, 0, amounts[0], amounts[1]}, mode, value, site), back,
                   site);
}

}  // namespace detail

// The last dimensions of x made larger; by negative amounts, smaller. amounts: two for each dimension, before and
// after, the last dimension first: {left, right, top, bottom} of images. reflect needs less than the size, circular at
// most the size.
template <Element T>
Tensor<T> pad(const Tensor<T>& x, const Shape& amounts, Pad mode = Pad::constant, double value = 0,
              Where site = Where::here()) {
    detail::check_padding(x, amounts, mode, site);
    if constexpr (StoredElement<T>) {
        return to<T>(pad(to<float>(x, site), amounts, mode, value, site), site);
    } else {
        if constexpr (!FloatElement<T>)
            if (static_cast<double>(kernels::convert<T>(value)) != value)
                fail("pad", site, {"value ", value, " is no ", dtype_of<T>});
        if (x.rank() == 1) return squeeze(pad(unsqueeze(x, 0, site), amounts, mode, value, site), 0, site);
        Shape all = amounts;
        while (all.rank() < 4) all.push_back(0);
        Tensor<T> y = detail::pad_planes<T>(x, {all[0], all[1], all[2], all[3]}, mode, value, site);
        for (int i = 4; i < all.rank(); i += 2)
            y = detail::pad_dimension(y, x.rank() - 1 - i / 2, {all[i], all[i + 1]}, mode, value, site);
        return y;
    }
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/pad.inl.hpp"
#endif
