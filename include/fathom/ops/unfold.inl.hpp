// Definitions of unfold.hpp. Each tap of the kernel is one strided copy between the images and the columns.
#include <algorithm>
#include <limits>

namespace fathom::inline v0::detail {

// What unfold and fold have in common: the images' shape and that of the columns, taken apart.
struct Unfolding {
    Shape images;   // [N, C, H, W]
    Shape windows;  // [N, C, kh, kw, H', W']
    Shape kernel, dilation, padding, stride;

    Shape columns() const {
        return {windows[0], times(windows[1], times(windows[2], windows[3])), times(windows[4], windows[5])};
    }

    // Every tap's elements inside the image: f(those of the images, those of the windows), views of [N, C, h, w].
    template <class F>
    void for_each_tap(const AnyTensor& x, const AnyTensor& all, F f) const {
        for (std::int64_t p = 0; p < kernel[0]; ++p)
            for (std::int64_t q = 0; q < kernel[1]; ++q) {
                const std::int64_t tap[2] = {p, q};
                Shape shape{windows[0], windows[1], 0, 0}, x_strides = x.strides(), strides = all.strides();
                std::int64_t from = x.impl().offset, to = all.impl().offset + p * strides[2] + q * strides[3];
                strides.erase(2), strides.erase(2);
                for (int i = 0; i < 2; ++i) {
                    // Window o has its tap at pixel o stride + shift.
                    const std::int64_t shift = tap[i] * dilation[i] - padding[i], size = images[2 + i];
                    const std::int64_t first = shift < 0 ? (stride[i] - 1 - shift) / stride[i] : 0,
                                       last = shift < size
                                                  ? std::min((size - 1 - shift) / stride[i] + 1, windows[4 + i])
                                                  : 0;
                    shape[2 + i] = std::max<std::int64_t>(0, last - first);
                    from += (first * stride[i] + shift) * x_strides[2 + i], to += first * strides[2 + i];
                    x_strides[2 + i] *= stride[i];
                }
                if (shape[2] > 0 && shape[3] > 0)
                    f(new_view(x, shape, x_strides, from), new_view(all, shape, strides, to));
            }
    }
};

FATHOM_INLINE Unfolding unfolding(const Shape& images, const UnfoldOptions& o, const char* name, Where site) {
    Unfolding u{images,
                {images[0], images[1], o.kernel_size.h, o.kernel_size.w, 0, 0},
                {o.kernel_size.h, o.kernel_size.w},
                {o.dilation.h, o.dilation.w},
                {o.padding.h, o.padding.w},
                {o.stride.h, o.stride.w}};
    for (int i = 0; i < 2; ++i) {
        if (u.kernel[i] < 1 || u.dilation[i] < 1 || u.stride[i] < 1 || u.padding[i] < 0)
            fail(name, site,
                 {"kernel_size, dilation and stride must be at least 1 and padding at least 0; got kernel_size ",
                  u.kernel, ", dilation ", u.dilation, ", padding ", u.padding, ", stride ", u.stride});
        for (const std::int64_t n : {u.kernel[i], u.dilation[i], u.padding[i], u.stride[i]})
            if (n > std::numeric_limits<std::int32_t>::max())
                fail(name, site, {n, " as a kernel's size, dilation, padding or stride, expected at most 2^31 - 1"});
        const std::int64_t room = images[2 + i] + 2 * u.padding[i] - u.dilation[i] * (u.kernel[i] - 1) - 1;
        if (room < 0)
            fail(name, site,
                 {"the window ", u.kernel[0], "x", u.kernel[1], " with dilation ", u.dilation,
                  " does not fit the padded image ", images});
        u.windows[4 + i] = room / u.stride[i] + 1;
    }
    return u;
}

// The columns as [N, C, kh, kw, H', W']: a view, or a dense copy.
FATHOM_INLINE AnyTensor windows_of(const AnyTensor& columns, const Unfolding& u, const ElementwiseKernel& copy,
                                   Where site) {
    return reshape(detached(columns), u.windows, copy, site);
}

FATHOM_INLINE void unfold_into(const AnyTensor& columns, const AnyTensor& x, const Unfolding& u,
                               const autograd::TypeOps& ops, const char* name, Where site) {
    const AnyTensor all = windows_of(columns, u, ops.copy, site);
    if (u.padding[0] > 0 || u.padding[1] > 0) run_elementwise(ops.fill, {columns}, {}, name, site);
    u.for_each_tap(x, all, [&](const AnyTensor& from, const AnyTensor& to) {
        run_elementwise(ops.copy, {to}, {&from}, name, site);
    });
}

FATHOM_INLINE void fold_into(const Target& x, const AnyTensor& columns, const Unfolding& u,
                             const autograd::TypeOps& ops, const char* name, Where site) {
    const AnyTensor all = windows_of(columns, u, ops.copy, site);
    if (!x.add) run_elementwise(ops.fill, x, {}, name, site);
    u.for_each_tap(x.view, all, [&](const AnyTensor& to, const AnyTensor& from) {
        run_elementwise(ops.copy, {to, true}, {&from}, name, site);
    });
}

struct Unfold final : Function {
    static AnyTensor forward(const AnyTensor& x, const Unfolding& u, const autograd::TypeOps& ops, const char* name,
                             Where site) {
        const Shape shape = u.columns();
        const AnyTensor columns = new_tensor(shape, row_major_strides(shape), x.dtype(), x.device(), name, site);
        unfold_into(columns, x, u, ops, name, site);
        return finish<Unfold>(columns, name, site, {x}, [&](Unfold& f) { f.unfolding = u; });
    }
    void backward(Gradients& g) override { fold_into(g.target(0), g.output(), unfolding, *ops, name, site); }
    FATHOM_INLINE_MEMBER void backward_recorded(Gradients& g) override;

    Unfolding unfolding;
};

struct Fold final : Function {
    static AnyTensor forward(const AnyTensor& columns, const Unfolding& u, const autograd::TypeOps& ops,
                             const char* name, Where site) {
        const AnyTensor x =
            new_tensor(u.images, row_major_strides(u.images), columns.dtype(), columns.device(), name, site);
        fold_into({x}, columns, u, ops, name, site);
        return finish<Fold>(x, name, site, {columns}, [&](Fold& f) { f.unfolding = u; });
    }
    void backward(Gradients& g) override { g.add(0, Unfold::forward(g.output(), unfolding, *ops, name, site)); }

    Unfolding unfolding;
};

FATHOM_INLINE_MEMBER void Unfold::backward_recorded(Gradients& g) {
    g.add(0, Fold::forward(g.output(), unfolding, *ops, name, site));
}

FATHOM_INLINE AnyTensor unfold(const AnyTensor& x, const UnfoldOptions& options, const autograd::TypeOps& ops,
                               Where site) {
    const char* name = "unfold";
    require_defined(x, name, site);
    if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    return Unfold::forward(x, unfolding(x.shape(), options, name, site), ops, name, site);
}

FATHOM_INLINE AnyTensor fold(const AnyTensor& columns, Pair output_size, const UnfoldOptions& options,
                             const autograd::TypeOps& ops, Where site) {
    const char* name = "fold";
    require_defined(columns, name, site);
    if (columns.rank() != 3) fail(name, site, {"input has shape ", columns.shape(), ", expected [N,C kh kw,L]"});
    if (output_size.h < 1 || output_size.w < 1)
        fail(name, site,
             {"output_size must be at least 1 in both directions, got ", Shape{output_size.h, output_size.w}});
    const Shape& s = columns.shape();
    Unfolding u = unfolding({s[0], 1, output_size.h, output_size.w}, options, name, site);
    const std::int64_t taps = times(u.kernel[0], u.kernel[1]);
    if (s[1] % taps != 0)
        fail(name, site, {"input has ", s[1], " rows, expected a multiple of ", taps, ", the elements of a window"});
    u.images[1] = u.windows[1] = s[1] / taps;
    if (s[2] != u.windows[4] * u.windows[5])
        fail(name, site,
             {"input has ", s[2], " columns, expected ", u.windows[4] * u.windows[5], " windows, ", u.windows[4], "x",
              u.windows[5], ", in an image of ", output_size.h, "x", output_size.w});
    return Fold::forward(columns, u, ops, name, site);
}

}  // namespace fathom::inline v0::detail
