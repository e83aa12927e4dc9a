// Which operations work on which dtypes of which device: what docs/support.md lists.
#pragma once

#include "fathom/backend/registry.hpp"
#include "fathom/core/dtype.hpp"

namespace fathom::inline v0 {

namespace cpu {

// What backend/cpu has kernels for. `operation`: of the family's enumeration, 0 where it has none.
constexpr bool supports(abi::Family family, std::int32_t operation, DType dtype) {
    const bool floating = dtype == DType::float32 || dtype == DType::float64;
    const bool integer = dtype == DType::int64 || dtype == DType::int32 || dtype == DType::uint8;
    switch (family) {
        case abi::Family::elementwise: {
            using enum Elementwise;
            switch (static_cast<Elementwise>(operation)) {
                case copy:
                case fill:
                case where:
                case equal:
                case not_equal:
                case less:
                case less_equal:
                    return floating || integer || dtype == DType::boolean;
                case logical_not:
                    return dtype == DType::boolean;
                case add:
                case sub:
                case mul:
                case div:
                case maximum:
                case minimum:
                case affine:
                case neg:
                case abs:
                case square:
                case clamp:
                    return floating || integer;
                default:
                    return floating;
            }
        }
        case abi::Family::reduce:
            return floating || integer;
        default:
            return floating;
    }
}

}  // namespace cpu

// Whether the operation works on tensors of this dtype there; false for a device that cannot be used.
inline bool supports(Device device, abi::Family family, std::int32_t operation, DType dtype) {
    if (device.is_cpu()) return cpu::supports(family, operation, dtype);
    const abi::Table* table = find_table(device);
    return table && table->supports(family, operation, static_cast<std::int32_t>(dtype));
}

}  // namespace fathom::inline v0
