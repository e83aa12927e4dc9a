// The content loss on packed rows. Included through fusion_loss.inl.hpp, once per ISA, after sobel.kernel.hpp.

namespace fusion_loss_kernel {

// The larger one; NaN if either is.
template <class T>
[[gnu::always_inline]] inline Vec<T> larger(Vec<T> a, Vec<T> b) {
    return select(is_nan(a) | (a > b), a, b);
}

template <class T>
[[gnu::always_inline]] inline Vec<T> magnitude(const detail::StencilRows<T>& r, std::int64_t i) {
    Vec<T> gx, gy;
    sobel_kernel::exact<T>(r, i, gx, gy);
    return abs(gx) + abs(gy);
}

template <class T>
[[gnu::always_inline]] inline void add_lanes(Vec<T> v, double& sum) {
    for (int j = 0; j < lanes<T>; ++j) sum += static_cast<double>(v[j]);
}

// Adds over n elements:
//   totals[0] += |F - max(Y, IR)|
//   totals[1] += |grad F - max(grad Y, grad IR)|
template <class T>
void sums(const detail::FusionRows<T>& r, std::int64_t n,
          double* totals) {  // [2]: intensity, texture
    const T *fused = r.fused.middle + r.fused.pixel, *visible = r.visible.middle + r.fused.pixel,
            *infrared = r.infrared.middle + r.fused.pixel;
    double intensity = 0, texture = 0;
    for (std::int64_t i = 0; i < n;) {
        Vec<T> a{}, b{};
        for (int group = 0; group < 8 && i < n; ++group, i += lanes<T>) {
            Vec<T> d = abs(load(fused + i) - larger<T>(load(visible + i), load(infrared + i)));
            Vec<T> g =
                abs(magnitude<T>(r.fused, i) - larger<T>(magnitude<T>(r.visible, i), magnitude<T>(r.infrared, i)));
            if (n - i < lanes<T>) {  // the border's columns and the slack do not count
                T kept[lanes<T>];
                store(kept, d);
                d = load_partial(kept, static_cast<int>(n - i));
                store(kept, g);
                g = load_partial(kept, static_cast<int>(n - i));
            }
            a += d;
            b += g;
        }
        add_lanes<T>(a, intensity);
        add_lanes<T>(b, texture);
    }
    totals[0] += intensity;
    totals[1] += texture;
}

// What the texture's gradient sends back through gx and gy of the fused image:
//   s  = scale sign(grad F - max(grad Y, grad IR))
//   ax = s sign(gx)
//   ay = s sign(gy)
template <class T>
void texture_signs(const detail::FusionRows<T>& r, T scale, std::int64_t n,
                   T* ax,    // [n]
                   T* ay) {  // [n]
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        Vec<T> gx, gy;
        sobel_kernel::exact<T>(r.fused, i, gx, gy);
        const Vec<T> difference =
            abs(gx) + abs(gy) - larger<T>(magnitude<T>(r.visible, i), magnitude<T>(r.infrared, i));
        const Vec<T> s = sobel_kernel::with_sign<T>(splat(scale), difference);
        store(ax + i, sobel_kernel::with_sign<T>(s, gx));
        store(ay + i, sobel_kernel::with_sign<T>(s, gy));
    }
}

template <class T>
void gradient(const detail::StencilRows<T>& ax, const detail::StencilRows<T>& ay,
              const T* fused,     // [n]
              const T* visible,   // [n]
              const T* infrared,  // [n]
              T scale, std::int64_t n,
              T* out) {  // [n]
    for (std::int64_t i = 0; i < n; i += lanes<T>) {
        Vec<T> gx, gy, other;
        sobel_kernel::exact<T>(ax, i, gx, other);
        sobel_kernel::exact<T>(ay, i, other, gy);
        const Vec<T> difference = load(fused + i) - larger<T>(load(visible + i), load(infrared + i));
        store(out + i, sobel_kernel::with_sign<T>(splat(scale), difference) - gx - gy);
    }
}

}  // namespace fusion_loss_kernel
