// The device that a program of this folder works on, a GPU or the emulator in its place, and images to work with.
#pragma once

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "fathom/fathom.hpp"
#include "report.hpp"

#if defined(FATHOM_BENCH_CUDA)
#include <cuda_runtime_api.h>
#endif

namespace bench {

inline fathom::Device device_of(const Options& options) {
    const fathom::Device device = options.device == "cuda" ? fathom::Device::cuda() : fathom::Device::emulator();
    fathom::require(device);
    return device;
}

// Waits for everything sent to the GPU, whatever stream it went to. The emulator is done when a call returns.
inline void wait_for(fathom::Device device) {
#if defined(FATHOM_BENCH_CUDA)
    if (device.kind == fathom::DeviceKind::cuda)
        if (const cudaError_t code = cudaDeviceSynchronize(); code != cudaSuccess)
            throw fathom::Error(std::string("waiting for the GPU: ") + cudaGetErrorString(code));
#endif
    static_cast<void>(device);
}

inline std::string name_of(fathom::Device device) {
#if defined(FATHOM_BENCH_CUDA)
    cudaDeviceProp properties{};
    if (device.kind == fathom::DeviceKind::cuda && cudaGetDeviceProperties(&properties, device.index) == cudaSuccess)
        return properties.name;
#endif
    return fathom::name_of(device.kind);
}

// Runs a program's body; an exception becomes one line of text and exit code 1.
template <class Body>
int run(const char* program, Body body) {
    try {
        return body();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s: %s\n", program, error.what());
        return 1;
    }
}

}  // namespace bench
