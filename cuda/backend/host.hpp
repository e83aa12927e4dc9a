// What every entry of the device's table uses on the host: answers to the caller, working memory, the dtype as a type.
// Next: table.cu (the table itself), entries.hpp (who does what).
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/launch.hpp"
#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/core/dtype.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Blocks of the caching allocator (allocator.cu). A block is given back in the order of the device's default stream:
// who gets it next writes it after everything that was launched before.
Result allocate_block(std::int32_t device, void** block, std::int64_t bytes, const char* operation);
void release_block(void* block);

// The caller's Status; the text of a failure goes to its message.
abi::Status answer(const abi::Call* call, Result result);

inline Stream stream_of(const abi::Call* call) { return static_cast<Stream>(call->stream); }
inline bool accumulates(const abi::Call* call) { return (call->flags & abi::accumulate) != 0; }

// Device memory until the end of the scope.
class Scratch {
public:
    Scratch(const abi::Call* call, std::int64_t bytes)
        : result_(bytes > 0 ? allocate_block(call->device, &block_, bytes, call->operation) : Result{}) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { release_block(block_); }

    Result result() const { return result_; }
    template <class T>
    T* as() const {
        return static_cast<T*>(block_);
    }

private:
    void* block_ = nullptr;
    Result result_;
};

using cpu::data;
using cpu::numel;
inline DType dtype(const abi::Array& a) { return static_cast<DType>(a.dtype); }
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// f(T{}) for float and double.
template <class F>
abi::Status with_floating(const abi::Call* call, const abi::Array& a, F f) {
    if (dtype(a) == DType::float32) return answer(call, f(float{}));
    if (dtype(a) == DType::float64) return answer(call, f(double{}));
    return abi::Status::unsupported;
}

// Threads of a block that takes one element after the other, and the blocks for n elements: a kernel strides over what
// is beyond.
inline constexpr int block_threads = 256;
inline Geometry linear(std::int64_t n) {
    const std::int64_t blocks = ceil_div(n, block_threads);
    return {blocks < 65536 ? blocks : 65536, block_threads};
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
