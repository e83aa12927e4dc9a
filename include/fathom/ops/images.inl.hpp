// Definitions of images.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor new_images(const Shape& shape, const AnyTensor& like, const char* name, Where site) {
    return new_tensor(shape, channels_last_strides(shape), like.dtype(), like.device(), name, site);
}

FATHOM_INLINE abi::Array image_array(const Target& x) {
    abi::Array a = array_of(x);
    if (!a.data) return a;
    const std::int64_t n = a.shape[0], c = a.shape[1], h = a.shape[2], w = a.shape[3];
    const std::int64_t pixel = w != 1 ? a.strides[3] : h != 1 ? a.strides[2] : n != 1 ? a.strides[0] : c;
    a.strides[0] = pixel * w * h, a.strides[1] = 1, a.strides[2] = pixel * w, a.strides[3] = pixel;
    return a;
}

FATHOM_INLINE abi::Array image_array(const AnyTensor& x) { return image_array(Target{x}); }

FATHOM_INLINE AnyTensor with_pixel_stride(const AnyTensor& x, const ElementwiseKernel& copy, const char* name,
                                          Where site) {
    if (has_pixel_stride(x.shape(), x.strides())) return x;
    return copy_to_strides(x, channels_last_strides(x.shape()), copy, name, site);
}

FATHOM_INLINE AnyTensor in_strides(const AnyTensor& x, const Shape& strides, const ElementwiseKernel& copy,
                                   const char* name, Where site) {
    for (int d = 0; d < x.rank(); ++d)
        if (x.shape()[d] != 1 && x.strides()[d] != strides[d]) return copy_to_strides(x, strides, copy, name, site);
    return x;
}

FATHOM_INLINE AnyTensor row_major(const AnyTensor& x, const ElementwiseKernel& copy, const char* name, Where site) {
    return x.is_contiguous() ? x : copy_to_strides(x, row_major_strides(x.shape()), copy, name, site);
}

}  // namespace fathom::inline v0::detail
