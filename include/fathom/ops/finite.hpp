// Finding where a NaN or an infinity came from.
#pragma once

#include <string>

#include "fathom/core/float_bits.hpp"
#include "fathom/core/observe.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/state_dict.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0 {

// Whether every element is finite; integers always are. Waits for the device of the tensor.
bool all_finite(const AnyTensor& x);
// The name of the first tensor that is not all finite; "" if all are.
std::string first_not_finite(const StateDict& tensors);

// The first element, in logical order, that is not finite, by its index in each dimension; of rank 0 if all are.
template <FloatElement T>
Shape first_not_finite(const Tensor<T>& x, Where site = Where::here()) {
    if (all_finite(x)) return {};
    const Tensor<T> dense = contiguous(x.to(Device::cpu(), site), MemoryFormat::row_major, site);
    const T* values = dense.data(site);
    std::int64_t at = 0;
    while (is_finite(values[at])) ++at;
    Shape index = x.shape();
    for (int d = index.rank() - 1; d >= 0; --d) {
        const std::int64_t size = x.shape()[d];
        index[d] = at % size;
        at /= size;
    }
    return index;
}

// While it lives, remembers the first operation of this thread, forward or backward, whose result is not finite.
class FirstNonFinite final : detail::Observer {
public:
    FirstNonFinite() : scope_(*this) {}

    bool found() const { return !operation_.empty(); }
    // "conv2d at net.cpp:12 in encoder.conv1 gave a value that is not finite in a result of shape [1,16,480,640]";
    // without a module where none ran; "" if there was none.
    std::string message() const;

private:
    FATHOM_INLINE_MEMBER void sees(const detail::Observation& observation) override;

    std::string operation_, module_;
    Where site_;
    Shape shape_;
    ObserveScope scope_;
};

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/finite.inl.hpp"
#endif
