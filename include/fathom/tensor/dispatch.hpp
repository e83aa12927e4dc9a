// How an operation reaches a kernel: the CPU's by a function pointer chosen at compile time, another device's through
// its table.
#pragma once

#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0::detail {

// What a kernel sees of a tensor; data == nullptr for an undefined one.
abi::Array array_of(const AnyTensor& x);
// The same, broadcast to `shape`.
abi::Array array_of(const AnyTensor& x, const Shape& shape);

[[noreturn]] void fail_status(abi::Status status, const abi::Call& call, Device device, DType dtype);

// `bytes` bytes between the host's memory and the device's; there when it returns. dtype is for the message.
void copy_to_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype, const char* operation,
                  Where site);
void copy_from_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype, const char* operation,
                    Where site);

template <class Args>
using CpuEntry = void (*)(const abi::Call&, const Args&);
template <class Args>
using TableEntry = abi::Status (*abi::Table::*)(const abi::Call*, const Args*);

// Runs one entry on the device of `on`, whose dtype stands in the message where the device lacks the operation.
template <class Args>
void run(const AnyTensor& on, const char* operation, Where site, std::uint32_t flags, CpuEntry<Args> cpu,
         TableEntry<Args> entry, const Args& args) {
    const Device device = on.device();
    abi::Call call = call_of(device, operation, site, flags);
    if (device.is_cpu()) return cpu(call, args);
    char message[abi::message_bytes] = "";
    call.message = message;
    const abi::Table* table = find_table(device);
    const auto function = table ? table->*entry : nullptr;
    const abi::Status status = function ? function(&call, &args) : abi::Status::unsupported;
    if (status != abi::Status::ok) fail_status(status, call, device, on.dtype());
}

// Throws unless both live on the same device.
void check_device(const AnyTensor& a, const AnyTensor& b, const char* operation, Where site);

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/tensor/dispatch.inl.hpp"
#endif
