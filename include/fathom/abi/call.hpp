// What crosses the seam to a device, whatever the operation: arrays, numbers, who asks, and how it went. Plain data: no
// Tensor, no standard container, no exception. Next: arguments.hpp (what each operation takes), device.hpp (what a
// device offers).
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::abi {

// A view of memory. Strides are in elements; `rank` sizes and strides are valid. A stride of 0 repeats (broadcasting).
struct Array {
    void* data = nullptr;  // null: absent
    std::int64_t shape[8];
    std::int64_t strides[8];
    std::int32_t rank = 0;
    std::int32_t dtype = 0;  // core/dtype.hpp
    std::int32_t add = 0;    // of a result: 1 adds to what is there, 0 overwrites it. Gradients meet in one buffer so
};

// A number that the host knows, or one that only the device does.
struct Scalar {
    double value;
    const double* data;  // on the device; null: `value`
};

// Why a call failed. The text goes to Call::message.
enum class Outcome : std::int32_t { ok = 0, unsupported = 1, out_of_memory = 2, invalid = 3, device_error = 4 };

// What every operation gets besides its arguments. Working memory is the device's own business: it allocates in the
// order of its stream.
struct Call {
    std::int32_t device;  // Device::index
    void* stream;         // null: the device's own
    const char* operation;
    const char* file;
    std::int32_t line;
    char* message;  // message_bytes, for the text of a failure
};
inline constexpr std::int32_t message_bytes = 512;

}  // namespace fathom::inline v0::abi
