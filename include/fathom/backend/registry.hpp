// Devices other than the CPU, and the operations they have rows for (abi/device.hpp). A device is found through a weak
// symbol of the object library that holds it. Next: tensor/dispatch.hpp, where an operation is run.
#pragma once

#include <atomic>

#include "fathom/abi/arguments.hpp"
#include "fathom/abi/device.hpp"
#include "fathom/abi/elementwise.hpp"
#include "fathom/core/device.hpp"
#include "fathom/core/error.hpp"
#include "fathom/core/observe.hpp"

// Defined by fathom::compiled, which knows what was built beside it; null in a header-only program.
extern "C" [[gnu::weak]] bool fathom_cuda_was_built();

namespace fathom::inline v0 {

namespace detail {

inline constexpr int device_kinds = 3;
inline constexpr int dtype_numbers = [] {
    int largest = 0;
    for (const DTypeNames& d : dtype_names)
        largest = largest < static_cast<int>(d.dtype) ? static_cast<int>(d.dtype) : largest;
    return largest + 1;
}();

// An operation of the seam by name. Its row of each device and dtype is looked up once.
struct OperationName {
    const char* name;
    std::int32_t arguments;  // bytes of the argument struct
    abi::DTypes cpu;         // the dtypes that the CPU has
    std::atomic<const abi::Row*> rows[device_kinds][dtype_numbers] = {};
};

template <class Args>
struct Operation : OperationName {};

// What StreamScope (stream.hpp) leaves for this thread's calls: the innermost scope first.
struct CurrentStream {
    Device device;
    void* stream;
    const CurrentStream* outer;
};
inline constinit thread_local const CurrentStream* current_streams = nullptr;

// Null: the device's own.
inline void* current_stream(Device device) {
    for (const CurrentStream* s = current_streams; s; s = s->outer)
        if (s->device == device) return s->stream;
    return nullptr;
}

inline abi::Call call_of(Device device, const char* operation, Where site) {
    if (ObserveScope::any()) announce_kernel();
    return {device.index, current_stream(device), operation, site.file, site.line, nullptr};
}

}  // namespace detail

// The operations of abi/arguments.hpp, as callers name them: operation::softmax.
namespace operation {
#define FATHOM_NAME(name, Args, dtypes) \
    inline constinit detail::Operation<abi::Args> name{{#name, sizeof(abi::Args), abi::dtypes}};
FATHOM_OPERATIONS(FATHOM_NAME)
#undef FATHOM_NAME

inline constinit detail::Operation<abi::ElementwiseArgs> elementwise_names[] = {
// The CPU computes with two bytes whatever it does with float.
#define FATHOM_NAME(name, dtypes) \
    {{#name, sizeof(abi::ElementwiseArgs), (dtypes) | ((dtypes)&abi::floating ? abi::stored : 0)}},
#define FATHOM_FORMULA(name, inputs, set, cost, formula) FATHOM_NAME(name, abi::info_of(Elementwise::name).dtypes)
#define FATHOM_COMPARISON(name, formula) FATHOM_NAME(name, abi::computed)
#define FATHOM_MOVE(name, inputs, set) FATHOM_NAME(name, abi::info_of(Elementwise::name).dtypes)
#include "fathom/abi/elementwise.list.hpp"
#undef FATHOM_NAME
};
inline detail::Operation<abi::ElementwiseArgs>& elementwise(Elementwise op) {
    return elementwise_names[static_cast<std::int32_t>(op)];
}
}  // namespace operation

// f(operation) for every operation of the seam, in the order of its lists.
template <class F>
void for_each_operation(F f) {
    for (const detail::OperationName& o : operation::elementwise_names) f(o);
#define FATHOM_NAME(name, Args, dtypes) f(static_cast<const detail::OperationName&>(operation::name));
    FATHOM_OPERATIONS(FATHOM_NAME)
#undef FATHOM_NAME
}

// The table of a device that is linked in and usable, else null.
const abi::Table* find_table(Device device);

// Throws unless the device can be used; the message says what is missing and what to do.
void require(Device device, const char* operation = "require", Where site = Where::here());

// The device's row for an operation on a dtype; null if it has none, or cannot be used itself.
const abi::Row* find_row(Device device, const char* name, DType dtype);

// Whether an operation (abi/arguments.hpp, abi/elementwise.list.hpp) works on tensors of this dtype there.
bool supports(Device device, const detail::OperationName& operation, DType dtype);

// Adds operations to a device from outside it. `rows` stays where it is as long as the program runs. Throws where the
// device is not linked in, or a row's name and dtype are taken.
void register_rows(DeviceKind kind, abi::Rows& rows, Where site = Where::here());

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/backend/registry.inl.hpp"
#endif
