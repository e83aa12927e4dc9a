// Where a tensor's storage lives. A device other than the CPU is reached through backend/registry.hpp.
#pragma once

#include <cstdint>

namespace fathom::inline v0 {

// The numbers are part of the ABI (abi/).
enum class DeviceKind : std::uint8_t { cpu = 0, cuda = 1, emulator = 2 };

struct Device {
    DeviceKind kind = DeviceKind::cpu;
    std::int16_t index = 0;

    static constexpr Device cpu() { return {}; }
    static constexpr Device cuda(int index = 0) { return {DeviceKind::cuda, static_cast<std::int16_t>(index)}; }
    static constexpr Device emulator() { return {DeviceKind::emulator, 0}; }

    constexpr bool is_cpu() const { return kind == DeviceKind::cpu; }
    friend constexpr bool operator==(Device, Device) = default;
};

constexpr const char* name_of(DeviceKind kind) {
    constexpr const char* names[] = {"cpu", "cuda", "emulator"};
    return names[static_cast<int>(kind)];
}

}  // namespace fathom::inline v0
