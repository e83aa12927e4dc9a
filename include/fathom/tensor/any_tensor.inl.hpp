// Definitions of any_tensor.hpp.

namespace fathom::inline v0 {

FATHOM_INLINE std::int64_t AnyTensor::size(int dim, Where site) const {
    return shape()[detail::checked_dim(dim, rank(), "size", site)];
}

FATHOM_INLINE void AnyTensor::detail_undefined() {
    fail("tensor", {}, {"used before it was given a value (a default-constructed tensor)"});
}

namespace detail {

FATHOM_INLINE void require_defined(const AnyTensor& x, const char* operation, Where site) {
    if (!x.defined()) fail(operation, site, {"an input was never given a value (a default-constructed tensor)"});
}

FATHOM_INLINE int checked_dim(std::int64_t dim, int rank, const char* operation, Where site) {
    if (dim < -rank || dim >= rank) fail(operation, site, {"dimension ", dim, " of a tensor of rank ", rank});
    return static_cast<int>(dim < 0 ? dim + rank : dim);
}

FATHOM_INLINE std::int64_t checked_bytes(const Shape& shape, DType dtype, const char* operation, Where site) {
    for (std::int64_t d : shape)
        if (d < 0) fail(operation, site, {"negative size in shape ", shape});
    std::int64_t bytes = 0;
    if (!shape.count(bytes) || __builtin_mul_overflow(bytes, static_cast<std::int64_t>(size_of(dtype)), &bytes))
        fail(operation, site, {"shape ", shape, " needs more than 2^63 bytes"});
    return bytes;
}

FATHOM_INLINE AnyTensor new_tensor(const Shape& shape, const Shape& strides, DType dtype, Device device,
                                   const char* operation, Where site) {
    const std::int64_t bytes = checked_bytes(shape, dtype, operation, site);
    Ref<TensorImpl> impl(new TensorImpl);
    impl->storage = Ref<Storage>(new Storage(bytes, device, operation, site, shape));
    impl->shape = shape;
    impl->strides = strides;
    impl->dtype = dtype;
    return AnyTensor(std::move(impl));
}

FATHOM_INLINE AnyTensor new_view(const AnyTensor& base, const Shape& shape, const Shape& strides, std::int64_t offset) {
    Ref<TensorImpl> impl(new TensorImpl);
    impl->storage = base.impl().storage;
    impl->shape = shape;
    impl->strides = strides;
    impl->offset = offset;
    impl->dtype = base.dtype();
    return AnyTensor(std::move(impl));
}

FATHOM_INLINE void* host_data(const AnyTensor& x, Where site) {
    require_defined(x, "data", site);
    if (!x.device().is_cpu())
        fail("data", site, {"the tensor is on ", x.device(), ": copy it with .to(Device::cpu()) first"});
    return x.raw_unchecked();
}

[[gnu::cold]] FATHOM_INLINE void fail_dtype(DType is, DType asked, const char* operation, Where site) {
    fail(operation, site, {"the tensor holds ", is, ", asked for ", asked});
}

}  // namespace detail
}  // namespace fathom::inline v0
