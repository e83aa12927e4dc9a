// All process state in one place, so that nothing depends on the order of static initialisers and nothing is destroyed
// at exit. Each member belongs to the header named beside it, which reads and writes it; only plain values and atomics
// may stand here.
#pragma once

#include <atomic>

namespace fathom::inline v0::detail {

struct [[gnu::visibility("default")]] Runtime {
    std::atomic<int> threads{0};  // core/parallel_for.hpp; 0: not asked yet
    std::atomic<int> isa{-1};     // kernels/isa.hpp; -1: not asked yet
};

[[gnu::visibility("default")]] inline constinit Runtime runtime;

}  // namespace fathom::inline v0::detail
