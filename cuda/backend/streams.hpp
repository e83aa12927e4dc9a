// The device's entries for streams, events and graphs (abi::Table).
#pragma once

#include "cuda/backend/host.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::streams {

abi::Outcome create(const abi::Call* call, void** stream);
abi::Outcome destroy(const abi::Call* call, void* stream);
abi::Outcome create_event(const abi::Call* call, void** event);
abi::Outcome destroy_event(const abi::Call* call, void* event);
abi::Outcome record(const abi::Call* call, void* event);
abi::Outcome wait(const abi::Call* call, void* event);
abi::Outcome begin_capture(const abi::Call* call);
abi::Outcome end_capture(const abi::Call* call, void** graph);
abi::Outcome replay(const abi::Call* call, void* graph);
abi::Outcome destroy_graph(const abi::Call* call, void* graph);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::streams
