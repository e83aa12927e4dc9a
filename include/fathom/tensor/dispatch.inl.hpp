// Definitions of dispatch.hpp.

namespace fathom::inline v0::detail {

// Written where it is to stand: copying one costs as much as filling it.
FATHOM_INLINE void set_array(abi::Array& a, const AnyTensor& x, const Shape& shape) {
    const TensorImpl& impl = x.impl();
    const int rank = shape.rank(), shift = rank - impl.shape.rank();
    a.data = x.raw_unchecked();
    a.rank = rank;
    a.dtype = static_cast<std::int32_t>(impl.dtype);
    for (int i = 0; i < rank; ++i) {
        const std::int64_t size = shape.data()[i];
        const bool repeats = i < shift || (impl.shape.data()[i - shift] == 1 && size != 1);
        a.shape[i] = size;
        a.strides[i] = repeats ? 0 : impl.strides.data()[i - shift];
    }
}

FATHOM_INLINE abi::Array array_of(const AnyTensor& x) {
    abi::Array a;
    if (x.defined()) set_array(a, x, x.shape());
    return a;
}

FATHOM_INLINE abi::Array array_of(const AnyTensor& x, const Shape& shape) {
    abi::Array a;
    set_array(a, x, shape);
    return a;
}

FATHOM_INLINE abi::Array array_of(const Target& target) {
    abi::Array a = array_of(target.view);
    a.add = target.add;
    return a;
}

FATHOM_INLINE void run_elementwise(const ElementwiseKernel& kernel, const AnyTensor& out, bool add,
                                   const KernelInputs& in, const char* name, Where site, double p0, double p1) {
    abi::ElementwiseArgs args;
    set_array(args.out, out, out.shape());
    args.out.add = add;
    for (int i = 0; i < in.count; ++i) set_array(args.in[i], *in.tensors[i], out.shape());
    args.parameters[0] = p0, args.parameters[1] = p1;
    // A comparison is one of its inputs' dtype: its result is always bool.
    const bool compares = abi::info_of(kernel.op).kind == abi::ElementwiseKind::comparison;
    run(compares ? *in.tensors[0] : out, name, site, operation::elementwise(kernel.op), kernel.cpu, args);
}

[[noreturn, gnu::cold]] FATHOM_INLINE void fail_unsupported(const abi::Call& call, Device device, DType dtype,
                                                            const char* why, const char* what) {
    fail(call.operation, {call.file, call.line},
         {"not available for ", dtype, " on ", device, why, what, "; copy the inputs with .to(Device::cpu())"});
}

[[gnu::cold]] FATHOM_INLINE void fail_status(abi::Outcome status, const abi::Call& call, Device device, DType dtype) {
    const Where site{call.file, call.line};
    if (status == abi::Outcome::unsupported) fail_unsupported(call, device, dtype, "", "");
    fail(call.operation, site, {"failed on ", device, ": ", static_cast<const char*>(call.message)});
}

FATHOM_INLINE void run_row(OperationName& operation, const abi::Call& call_without_message, Device device, DType dtype,
                           const void* args) {
    char message[abi::message_bytes] = "";
    abi::Call call = call_without_message;
    call.message = message;
    std::atomic<const abi::Row*>& known = operation.rows[static_cast<int>(device.kind)][static_cast<int>(dtype)];
    const abi::Row* row = known.load(std::memory_order_acquire);
    if (!row) {
        require(device, call.operation, {call.file, call.line});
        row = find_row(device, operation.name, dtype);
        if (!row || row->arguments != operation.arguments)
            fail_unsupported(call, device, dtype, ", which has no ", operation.name);
        known.store(row, std::memory_order_release);
    }
    if (const char* reason = row->accepts ? row->accepts(args) : nullptr)
        fail_unsupported(call, device, dtype, ": ", reason);
    const abi::Outcome status = row->run(&call, args);
    if (status != abi::Outcome::ok) fail_status(status, call, device, dtype);
}

using CopyEntry = abi::Outcome (*abi::Table::*)(const abi::Call*, void*, const void*, std::int64_t);

FATHOM_INLINE void copy_bytes(CopyEntry entry, Device device, void* to, const void* from, std::int64_t bytes,
                              DType dtype, const char* name, Where site) {
    require(device, name, site);
    char message[abi::message_bytes] = "";
    abi::Call call = call_of(device, name, site);
    call.message = message;
    const abi::Outcome status = (find_table(device)->*entry)(&call, to, from, bytes);
    if (status != abi::Outcome::ok) fail_status(status, call, device, dtype);
}

FATHOM_INLINE void copy_to_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype,
                                const char* name, Where site) {
    copy_bytes(&abi::Table::copy_to_host, device, to, from, bytes, dtype, name, site);
}
FATHOM_INLINE void copy_from_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype,
                                  const char* name, Where site) {
    copy_bytes(&abi::Table::copy_from_host, device, to, from, bytes, dtype, name, site);
}

FATHOM_INLINE void check_device(const AnyTensor& a, const AnyTensor& b, const char* name, Where site) {
    if (a.device() != b.device())
        fail(name, site, {"inputs are on different devices: ", a.device(), " and ", b.device()});
}

}  // namespace fathom::inline v0::detail
