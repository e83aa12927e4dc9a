// Definitions of dispatch.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE abi::Array array_of(const AnyTensor& x) { return x.defined() ? array_of(x, x.shape()) : abi::Array{}; }

FATHOM_INLINE abi::Array array_of(const AnyTensor& x, const Shape& shape) {
    abi::Array a{};
    a.data = x.raw_unchecked();
    a.rank = shape.rank();
    a.dtype = static_cast<std::int32_t>(x.dtype());
    const Shape strides = x.shape() == shape ? x.strides() : broadcast_strides(x.shape(), x.strides(), shape);
    for (int i = 0; i < shape.rank(); ++i) a.shape[i] = shape[i], a.strides[i] = strides[i];
    return a;
}

[[gnu::cold]] FATHOM_INLINE void fail_status(abi::Status status, const abi::Call& call, Device device, DType dtype) {
    const Where where{call.file, call.line};
    if (status == abi::Status::unsupported)
        fail(call.operation, where,
             {"not available for ", dtype, " on ", device, "; copy the inputs with .to(Device::cpu())"});
    fail(call.operation, where, {"failed on ", device, ": ", static_cast<const char*>(call.message)});
}

FATHOM_INLINE void check_device(const AnyTensor& a, const AnyTensor& b, const char* operation, Where where) {
    if (a.device() != b.device())
        fail(operation, where, {"inputs are on different devices: ", a.device(), " and ", b.device()});
}

}  // namespace fathom::inline v0::detail
