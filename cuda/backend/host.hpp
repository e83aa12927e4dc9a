// What every operation of the device uses on the host: answers to the caller, working memory, the dtype as a type, and
// the rows by which a file of kernels makes its operations known. Next: table.cu (the table itself).
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/backend/allocator.hpp"
#include "cuda/launch.hpp"
#include "fathom/abi/device.hpp"
#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/core/dtype.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// The caller's Outcome; the text of a failure goes to its message.
abi::Outcome answer(const abi::Call* call, Result result);

inline Stream stream_of(const abi::Call* call) { return static_cast<Stream>(call->stream); }

// Device memory until the end of the scope.
class DeviceScratch {
public:
    DeviceScratch(const abi::Call* call, std::int64_t bytes)
        : stream_(stream_of(call)),
          result_(bytes > 0 ? allocate_block(call->device, stream_, &block_, bytes, call->operation) : Result{}) {}
    DeviceScratch(const DeviceScratch&) = delete;
    DeviceScratch& operator=(const DeviceScratch&) = delete;
    ~DeviceScratch() { release_block(block_, stream_); }

    Result result() const { return result_; }
    template <class T>
    T* as() const {
        return static_cast<T*>(block_);
    }

private:
    void* block_ = nullptr;
    Stream stream_;
    Result result_;
};

using cpu::data;
using cpu::numel;
inline DType dtype(const abi::Array& a) { return static_cast<DType>(a.dtype); }
inline bool adds(const abi::Array& result) { return result.add != 0; }
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// f(T{}) for float and double.
template <class F>
abi::Outcome with_floating(const abi::Call* call, const abi::Array& a, F f) {
    abi::Outcome status = abi::Outcome::unsupported;
    fathom::with_floating(dtype(a), [&]<class T>(Type<T>) { status = answer(call, f(T{})); });
    return status;
}

// The same for every type of element.
template <class F>
abi::Outcome with_element(const abi::Call* call, const abi::Array& a, F f) {
    return answer(call, fathom::with_dtype(dtype(a), [&]<class T>(Type<T>) { return f(T{}); }));
}

// Threads of a block that takes one element after the other, and the blocks for n elements: a kernel strides over what
// is beyond.
inline constexpr int block_threads = 256;
inline LaunchShape linear(std::int64_t n) {
    const std::int64_t blocks = ceil_div(n, block_threads);
    return {blocks < 65536 ? blocks : 65536, block_threads};
}

// The device's list of operations. It is empty before any constructor runs, so that files may register in any order.
extern constinit abi::Rows* first_rows;  // table.cu

// Adds a file's rows to the list: const Registration registration(rows), after the file's last function.
class Registration {
public:
    template <std::size_t count>
    explicit Registration(const abi::Row (&rows)[count]) : rows_{rows, count, first_rows} {
        first_rows = &rows_;
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

private:
    abi::Rows rows_;
};

namespace detail {
template <class Args>
Args arguments_of(abi::Outcome (*)(const abi::Call*, const Args*));
template <class Args>
Args arguments_of(const char* (*)(const Args*));

// `function` on the device of the call.
template <auto function>
abi::Outcome run(const abi::Call* call, const void* arguments) {
    if (const Result r = set_device(call->device); !r.ok()) return answer(call, r);
    return function(call, static_cast<const decltype(arguments_of(function))*>(arguments));
}

template <auto function>
const char* accepts(const void* arguments) {
    return function(static_cast<const decltype(arguments_of(function))*>(arguments));
}
}  // namespace detail

// A row of `function`, abi::Outcome(const abi::Call*, const Args*), which takes whatever has these dtypes ...
template <auto function>
constexpr abi::Row row(const char* name, abi::DTypes dtypes) {
    return {name, sizeof(decltype(detail::arguments_of(function))), dtypes, detail::run<function>, nullptr};
}
// ... or what `accepts`, const char*(const Args*), says nothing against.
template <auto function, auto accepts>
constexpr abi::Row row(const char* name, abi::DTypes dtypes) {
    return {name, sizeof(decltype(detail::arguments_of(function))), dtypes, detail::run<function>,
            detail::accepts<accepts>};
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
