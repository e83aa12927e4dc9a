// Copies between the host's memory and the device's.
#pragma once

#include "cuda/backend/host.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Returns as soon as the host's memory may change: the last pieces may still be on their way, in the order of the
// stream.
Result copy_from_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes);
// Returns when the bytes are there, after everything that the stream has to do before. An error of an earlier operation
// comes out here.
Result copy_to_host(const abi::Call* call, void* to, const void* from, std::int64_t bytes);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
