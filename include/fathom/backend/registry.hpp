// Devices other than the CPU: each fills a Table of entries, found through a weak symbol of the object library that
// holds it.
#pragma once

#include "fathom/backend/abi.hpp"
#include "fathom/core/error.hpp"

// Defined by fathom::compiled, which knows what was built beside it; null in a header-only program.
extern "C" [[gnu::weak]] bool fathom_cuda_was_built();

namespace fathom::inline v0 {

namespace abi {

// One entry per family of operations; null where the device has none.
struct Table {
    std::int32_t version;                        // abi::version
    std::int32_t size;                           // sizeof(Table)
    const char* (*missing)(std::int32_t index);  // null if the device is usable, else why not ("no driver", ...)
    // Whether an operation of a family (0 where it has none) works on a dtype; what does not, answers unsupported.
    bool (*supports)(Family family, std::int32_t operation, std::int32_t dtype);

    void* (*allocate)(const Call*, std::int64_t bytes);
    void (*deallocate)(void*);
    Status (*copy_from_host)(const Call*, void* to, const void* from, std::int64_t bytes);
    Status (*copy_to_host)(const Call*, void* to, const void* from, std::int64_t bytes);
    Status (*synchronize)(const Call*);

    Status (*elementwise)(const Call*, const ElementwiseArgs*);
    Status (*reduce)(const Call*, const ReduceArgs*);
    Status (*matmul)(const Call*, const MatmulArgs*);
    Status (*conv_forward)(const Call*, const ConvArgs*);
    Status (*conv_data)(const Call*, const ConvArgs*);
    Status (*conv_weight)(const Call*, const ConvArgs*);
    Status (*sobel_forward)(const Call*, const SobelArgs*);
    Status (*sobel_backward)(const Call*, const SobelArgs*);
    Status (*softmax)(const Call*, const SoftmaxArgs*);
    Status (*softmax_backward)(const Call*, const SoftmaxArgs*);
    Status (*cross_entropy)(const Call*, const CrossEntropyArgs*);
    Status (*cross_entropy_backward)(const Call*, const CrossEntropyArgs*);
    Status (*fusion_loss)(const Call*, const FusionLossArgs*);
    Status (*fusion_loss_backward)(const Call*, const FusionLossArgs*);
    Status (*color)(const Call*, const ColorArgs*);
    Status (*pad)(const Call*, const PadArgs*);
    Status (*pad_backward)(const Call*, const PadArgs*);
    Status (*optimize)(const Call*, const OptimizeArgs*);
    Status (*random)(const Call*, const RandomArgs*);
    Status (*batch_norm)(const Call*, const BatchNormArgs*);
    Status (*batch_norm_backward)(const Call*, const BatchNormArgs*);
    Status (*window)(const Call*, const WindowArgs*);
    Status (*window_backward)(const Call*, const WindowArgs*);
    Status (*resize)(const Call*, const ResizeArgs*);
    Status (*resize_backward)(const Call*, const ResizeArgs*);
};

}  // namespace abi

namespace detail {
inline abi::Call call_of(Device device, const char* operation, Where site, std::uint32_t flags = 0) {
    return {flags, device.index, nullptr, operation, site.file, site.line, nullptr};
}
}  // namespace detail

// The table of a device that is linked in and usable, else null.
const abi::Table* find_table(Device device);

// Throws unless the device can be used; the message says what is missing and what to do.
void require(Device device, const char* operation = "require", Where site = Where::here());

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/backend/registry.inl.hpp"
#endif
