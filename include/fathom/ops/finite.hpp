// Finding where a NaN or an infinity came from.
#pragma once

#include <string>

#include "fathom/core/observe.hpp"
#include "fathom/tensor/state_dict.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0 {

// Whether every element is finite; integers always are. Waits for the device of the tensor.
bool all_finite(const AnyTensor& x);
// The name of the first tensor that is not all finite; "" if all are.
std::string first_not_finite(const StateDict& tensors);

// While it lives, remembers the first operation of this thread, forward or backward, whose result is not finite.
class FirstNonFinite {
public:
    FirstNonFinite() : scope_(&see, this) {}

    bool found() const { return !operation_.empty(); }
    // "conv2d at net.cpp:12 in encoder.conv1 gave a value that is not finite in a result of shape [1,16,480,640]";
    // without a module where none ran; "" if there was none.
    std::string message() const;

private:
    static void see(void* state, const char* operation, Where site, const AnyTensor& output);

    std::string operation_, module_;
    Where site_;
    Shape shape_;
    ObserveScope scope_;
};

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/finite.inl.hpp"
#endif
