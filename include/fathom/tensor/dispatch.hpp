// How an operation reaches a kernel: the CPU's by a function chosen at compile time, another device's through its rows.
#pragma once

#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/registry.hpp"
#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0::detail {

// What a kernel sees of a tensor; data == nullptr for an undefined one.
abi::Array array_of(const AnyTensor& x);
// The same, broadcast to `shape`.
abi::Array array_of(const AnyTensor& x, const Shape& shape);

[[noreturn]] void fail_status(abi::Outcome status, const abi::Call& call, Device device, DType dtype);

// `bytes` bytes between the host's memory and the device's; there when it returns. dtype is for the message.
void copy_to_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype, const char* name,
                  Where site);
void copy_from_host(Device device, void* to, const void* from, std::int64_t bytes, DType dtype, const char* name,
                    Where site);

template <class Args>
using CpuKernel = void (*)(const abi::Call&, const Args&);

// Runs the device's row, or throws.
void run_row(OperationName& operation, const abi::Call& call, Device device, DType dtype, const void* args);

// Runs one operation on the device of `on`, whose dtype chooses the device's kernel; `cpu` is the CPU's. `name` is what
// messages call the operation.
template <class Args>
void run(const AnyTensor& on, const char* name, Where site, Operation<Args>& operation, CpuKernel<Args> cpu,
         const Args& args) {
    const Device device = on.device();
    const abi::Call call = call_of(device, name, site);
    if (device.is_cpu()) return cpu(call, args);
    run_row(operation, call, device, on.dtype(), &args);
}

using cpu::ElementwiseKernel;

// Where a result goes: the kernel overwrites the view, or adds to it.
struct Target {
    AnyTensor view;
    bool add = false;

    bool wanted() const { return view.defined(); }
};
abi::Array array_of(const Target& target);

// What an elementwise kernel reads, up to three.
struct KernelInputs {
    KernelInputs(std::initializer_list<const AnyTensor*> inputs) {
        for (const AnyTensor* x : inputs) add(*x);
    }
    void add(const AnyTensor& x) { tensors[count++] = &x; }

    const AnyTensor* tensors[3];
    int count = 0;
};

// x * factor is x * factor + this: adding it changes nothing, not even the sign of a zero.
inline constexpr double no_constant = -0.0;

// out (+)= f(in...), each input broadcast to out's shape. Nothing is checked or recorded.
void run_elementwise(const ElementwiseKernel& kernel, const AnyTensor& out, bool add, const KernelInputs& in,
                     const char* name, Where site, double p0 = 0, double p1 = 0);
inline void run_elementwise(const ElementwiseKernel& kernel, const Target& out, const KernelInputs& in,
                            const char* name, Where site, double p0 = 0, double p1 = 0) {
    run_elementwise(kernel, out.view, out.add, in, name, site, p0, p1);
}

// Every element of x becomes `value`, exactly: an int64 goes as two doubles.
template <Element T>
void run_fill(const AnyTensor& x, T value, const char* name, Where site) {
    double high = 0, low = 0;
    if constexpr (std::is_same_v<T, std::int64_t>) {
        constexpr std::int64_t low_bits = 0xffffffff;
        high = static_cast<double>(value & ~low_bits), low = static_cast<double>(value & low_bits);
    } else {
        high = static_cast<double>(value);
    }
    run_elementwise(cpu::kernel<T, Elementwise::fill>, x, false, {}, name, site, high, low);
}

// Throws unless both live on the same device.
void check_device(const AnyTensor& a, const AnyTensor& b, const char* name, Where site);

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/tensor/dispatch.inl.hpp"
#endif
