// What a trainer says of a loss that is not finite. Next: ops/finite.hpp (how the operation is found).
#pragma once

#include <string>

#include "fathom/autograd/grad_mode.hpp"
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

}  // namespace fathom::inline v0::seafusion
