// Memory of the emulated device for the checks of kernels.
#pragma once

#include "exercises/checks/check.hpp"
#include "exercises/kernel.hpp"

namespace exercises {

// Throws what the emulator says of the kernels so far, and makes the device usable again.
inline void expect_success(Result result, const std::string& what, const std::string& why = "") {
    if (result.ok()) return;
    std::string report = error_text();
    report.resize(
        std::min(report.find("; sent since"), report.size()));  // which operations may have been meant: one was
    static_cast<void>(reset_device());
    unsolved(what, "the emulator reports\n" + report, why);
}

class DeviceArray {
public:
    explicit DeviceArray(const std::vector<float>& values) : size_(values.size()) {
        void* memory = nullptr;
        expect_success(allocate(&memory, bytes(), "allocate"), "memory");
        data_ = static_cast<float*>(memory);
        expect_success(copy(Copy::to_device, data_, values.data(), bytes(), nullptr, "copy"), "memory");
    }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;
    ~DeviceArray() { static_cast<void>(release(data_)); }

    float* data() { return data_; }
    std::vector<double> values(const std::string& what) const {
        std::vector<float> values(size_);
        expect_success(copy(Copy::to_host, values.data(), data_, bytes(), nullptr, "copy"), what);
        expect_success(synchronize_device(), what);
        return {values.begin(), values.end()};
    }

private:
    std::size_t bytes() const { return size_ * sizeof(float); }

    std::size_t size_;
    float* data_ = nullptr;
};

}  // namespace exercises
