// Anomaly mode: the first operation, forward or backward, whose result is not finite, is an error that says where it
// stands and what it was given.
#pragma once

#include "fathom/core/observe.hpp"
#include "fathom/ops/finite.hpp"

namespace fathom::inline v0 {

struct AnomalyOptions {
    bool infinite = true;  // infinities too; without, NaN alone: for nets that mask by -inf on purpose
};

// While it lives, an operation of this thread that gives a NaN or an infinity throws Error, with the line that called
// it (in backward too: the line of the operation whose gradient it is), the module that it ran in, and count, range and
// mean of result and inputs. Looks at every element of every result, so programs become slower.
//   { ft::AnomalyMode on; loss = net.forward(x); loss.backward(); }
class AnomalyMode final : detail::Observer {
public:
    explicit AnomalyMode(const AnomalyOptions& options = {}) : options_(options), scope_(*this) {}

private:
    FATHOM_INLINE_MEMBER void sees(const detail::Observation& observation) override;

    AnomalyOptions options_;
    ObserveScope scope_;
};

namespace detail {
// What a tensor of any dtype holds. Range and mean are those of the finite elements.
struct Statistics {
    std::int64_t count = 0, nan = 0, infinite = 0;
    double lowest = 0, highest = 0, mean = 0;
};
Statistics statistics_of(const AnyTensor& x);
// "float [2,3] from -1 to 4.5, mean 0.25, 1 NaN and 0 infinite of 6"
std::string describe(const AnyTensor& x);
}  // namespace detail

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/anomaly.inl.hpp"
#endif
