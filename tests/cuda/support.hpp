// Device memory for tests. Copies wait for the default stream.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "cuda/launch.hpp"
#include "cuda/runtime.hpp"

namespace device = fathom::FATHOM_CUDA_NAMESPACE;

// Says why, when it fails.
inline void succeed(device::Result result) {
    const std::string text = device::error_text();
    INFO(text);
    REQUIRE(result.code == 0);
}

template <class T>
class DeviceArray {
public:
    explicit DeviceArray(std::size_t size) : size_(size) {
        succeed(device::allocate(&memory_, size * sizeof(T), "test"));
    }
    explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
        succeed(device::copy(device::Copy::to_device, memory_, values.data(), bytes(), nullptr, "test"));
    }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;
    ~DeviceArray() { static_cast<void>(device::release(memory_)); }

    T* data() { return static_cast<T*>(memory_); }
    std::size_t bytes() const { return size_ * sizeof(T); }

    DeviceArray& zero() {
        succeed(device::fill(memory_, 0, bytes(), nullptr, "test"));
        return *this;
    }
    std::vector<T> values() {
        std::vector<T> result(size_);
        succeed(device::copy(device::Copy::to_host, result.data(), memory_, bytes(), nullptr, "test"));
        succeed(device::synchronize(device::Stream{}));
        return result;
    }

private:
    void* memory_ = nullptr;
    std::size_t size_;
};
