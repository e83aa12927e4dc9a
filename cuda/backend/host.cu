// Definitions of host.hpp.
#include "cuda/backend/host.hpp"

#include <cstring>

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

abi::Outcome answer(const abi::Call* call, Result result) {
    if (result.ok()) return abi::Outcome::ok;
    if (call->message) {
        std::strncpy(call->message, error_text(), abi::message_bytes - 1);
        call->message[abi::message_bytes - 1] = '\0';
    }
    return result.code == error::out_of_memory ? abi::Outcome::out_of_memory : abi::Outcome::device_error;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
