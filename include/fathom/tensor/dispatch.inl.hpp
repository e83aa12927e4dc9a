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
    const Where site{call.file, call.line};
    if (status == abi::Status::unsupported)
        fail(call.operation, site,
             {"not available for ", dtype, " on ", device, "; copy the inputs with .to(Device::cpu())"});
    fail(call.operation, site, {"failed on ", device, ": ", static_cast<const char*>(call.message)});
}

using CopyEntry = abi::Status (*abi::Table::*)(const abi::Call*, void*, const void*, std::int64_t);

FATHOM_INLINE void copy_bytes(CopyEntry entry, Device device, void* to, const void* from, std::int64_t bytes,
                              DType dtype, const char* operation, Where site) {
    require(device, operation, site);
    char message[abi::message_bytes] = "";
    abi::Call call = call_of(device, operation, site);
    call.message = message;
    const abi::Status status = (find_table(device)->*entry)(&call, to, from, bytes);
    if (status != abi::Status::ok) fail_status(status, call, device, dtype);
}

FATHOM_INLINE void copy_to_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype,
                                const char* operation, Where site) {
    copy_bytes(&abi::Table::copy_to_host, device, to, from, bytes, dtype, operation, site);
}
FATHOM_INLINE void copy_from_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype,
                                  const char* operation, Where site) {
    copy_bytes(&abi::Table::copy_from_host, device, to, from, bytes, dtype, operation, site);
}

FATHOM_INLINE void check_device(const AnyTensor& a, const AnyTensor& b, const char* operation, Where site) {
    if (a.device() != b.device())
        fail(operation, site, {"inputs are on different devices: ", a.device(), " and ", b.device()});
}

}  // namespace fathom::inline v0::detail
