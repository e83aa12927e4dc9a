// What is said of a loss or a result that is not finite. Next: ops/finite.hpp (how the operation is found).
#pragma once

#include <string>

#include "fathom/autograd/grad_mode.hpp"
#include "fathom/nn/module.hpp"
#include "fathom/ops/finite.hpp"

namespace fathom::inline v0::seafusion {

// Throws Error saying where the loss went wrong: in what the step was given, in a weight, or in an operation, which
// `forward`, run again, shows to an observer. `weights` leaves out running statistics, which the first run has spoilt.
template <class Forward>
[[noreturn]] void fail_not_finite(double loss, const StateDict& images, const StateDict& weights, Forward&& forward,
                                  Where site) {
    if (!first_not_finite(images).empty())
        fail("train", site, {"the loss is ", loss, ": the images hold values that are not finite"});
    if (const std::string name = first_not_finite(weights); !name.empty())
        fail("train", site, {"the loss is ", loss, ": ", name, " holds values that are not finite"});
    const NoGrad off;
    FirstNonFinite first;
    forward();
    fail("train", site, {"the loss is ", loss, ": ", first.message()});
}

// Throws if a net's result is not finite, naming the weight that made it so, if one did.
inline void check_weights(const nn::Module& net, const AnyTensor& result, const char* operation, Where site) {
    if (all_finite(result)) return;
    const std::string name = first_not_finite(net.state_dict(site));
    if (name.empty()) fail(operation, site, {"the net's result is not finite"});
    fail(operation, site, {"the net's ", name, " holds values that are not finite"});
}

}  // namespace fathom::inline v0::seafusion
