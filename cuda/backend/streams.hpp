// The device's entries for streams, events and graphs (abi::Table).
#pragma once

#include "cuda/backend/host.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::streams {

abi::Status create(const abi::Call* call, void** stream);
abi::Status destroy(const abi::Call* call, void* stream);
abi::Status create_event(const abi::Call* call, void** event);
abi::Status destroy_event(const abi::Call* call, void* event);
abi::Status record(const abi::Call* call, void* event);
abi::Status wait(const abi::Call* call, void* event);
abi::Status begin_capture(const abi::Call* call);
abi::Status end_capture(const abi::Call* call, void** graph);
abi::Status replay(const abi::Call* call, void* graph);
abi::Status destroy_graph(const abi::Call* call, void* graph);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::streams
