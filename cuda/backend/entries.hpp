// The entries of the device's table, each in the file of its kernels (cuda/kernels/), and which operations they have.
#pragma once

#include "cuda/backend/host.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::entry {

abi::Status elementwise(const abi::Call* call, const abi::ElementwiseArgs* args);
bool has_elementwise(Elementwise op, DType dtype);

abi::Status reduce(const abi::Call* call, const abi::ReduceArgs* args);  // sum

abi::Status conv_forward(const abi::Call* call, const abi::ConvArgs* args);
abi::Status conv_data(const abi::Call* call, const abi::ConvArgs* args);
abi::Status conv_weight(const abi::Call* call, const abi::ConvArgs* args);

abi::Status sobel_forward(const abi::Call* call, const abi::SobelArgs* args);
abi::Status sobel_backward(const abi::Call* call, const abi::SobelArgs* args);

abi::Status fusion_loss(const abi::Call* call, const abi::FusionLossArgs* args);
abi::Status fusion_loss_backward(const abi::Call* call, const abi::FusionLossArgs* args);

abi::Status optimize(const abi::Call* call, const abi::OptimizeArgs* args);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::entry
